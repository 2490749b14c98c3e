"""Lamps, buzzer and relay on GPIO pins."""
