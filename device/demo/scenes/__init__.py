"""Rendered camera frames (synthetic test data): invented people who walk up to the gate.

The demo, the benchmarks and the tests show these frames to the real camera-to-lamp path. Nothing
here knows how a decoder works, and everything follows from seeds: the same seed, the same frame.
"""
