"""Supervision: is everybody who comes scanned? Coverage and standing of each place, from sums by the hour alone."""
