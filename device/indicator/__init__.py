"""Lamps, buzzer and relay on GPIO pins, and the player of their patterns."""
