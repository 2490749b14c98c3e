"""What is measured is the running service; one that does not run says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.doctor.service import Figures, lines, measure, watch
from device.errors import GateSilent


def test_every_figure_comes_from_the_running_service() -> None:
    figures = measure(seconds=0)
    assert figures.ready_ms > 0
    assert figures.gate_rss_mb > figures.gate_mb > 1
    assert figures.eye_rss_mb > figures.eye_mb > 1
    assert figures.stop_ms > 0


def test_a_service_that_ends_before_it_is_ready_says_why(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("place: {name: Chợ}\n", encoding="utf-8")
    with pytest.raises(GateSilent, match=r"^the service ended with 78 before it was ready; .*site\.yaml:1:.*province"):
        watch(site, 0)


def test_a_person_reads_sums_in_whole_megabytes() -> None:
    assert list(lines(Figures(480, 44.6, 29.6, 59.2, 41.1, 150))) == [
        "start to ready: 480 ms",
        "memory: gate 45 + eye 30 = 74 MB (PSS)",
        "memory: gate 59 + eye 41 = 100 MB (RSS)",
        "SIGTERM to end: 150 ms",
    ]
