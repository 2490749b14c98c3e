"""Benchmarks: each measures what the project promises, with its own seed, and prints what it found."""
