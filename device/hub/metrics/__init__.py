"""What a hub tells of itself: ``/metrics`` (counts, in Prometheus' format), ``/healthz`` and ``/readyz``."""
