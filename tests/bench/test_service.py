"""The bench of the whole service measures what is there."""

from __future__ import annotations

from pathlib import Path

from tests.bench.service import measure


def test_every_figure_comes_from_the_running_service(tmp_path: Path) -> None:
    figures = measure(tmp_path, seconds=0)
    assert figures.ready_ms > 0
    assert figures.gate_rss_mb > figures.gate_mb > 1
    assert figures.eye_rss_mb > figures.eye_mb > 1
    assert figures.stop_ms > 0
