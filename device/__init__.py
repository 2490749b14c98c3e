"""The gate scanner: what stands at the entrance (and, in `hub/`, the centre it reports to)."""

__version__ = "0.1.0"
