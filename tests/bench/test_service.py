"""The bench of the whole service is the doctor's, under its old name."""

from __future__ import annotations

import json

import pytest

from tests.bench.__main__ import main


def test_the_bench_prints_the_figures_of_the_running_service(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["service", "--seconds", "0", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    figures = json.loads(line)
    assert set(figures) == {"ready_ms", "gate_mb", "eye_mb", "gate_rss_mb", "eye_rss_mb", "stop_ms"}
    assert min(figures.values()) > 0
