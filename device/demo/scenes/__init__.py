"""Rendered visitors: invented people who walk up to the gate in camera frames.

The demo, the benchmarks and the tests show these frames to the real camera-to-lamp path. Nothing
here knows how a decoder works, and everything follows from seeds: the same seed, the same frame.
"""
