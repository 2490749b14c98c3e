"""The bench of the wall, small."""

from __future__ import annotations

import json

import pytest

from device.eye import landlock
from tests.bench.__main__ import main
from tests.bench.wall import WallResult, lines


@pytest.mark.skipif(landlock.abi() == landlock.ABSENT, reason="this kernel has no Landlock")
def test_the_bench_prints_what_the_wall_costs_and_that_nothing_is_reached(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wall", "--rounds", "1", "--frames", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["reached"], told["reached_of_nine"]) == ([], 0)
    assert min(told["start_ms"], told["start_without_ms"], told["frame_us"], told["frame_without_us"]) > 0


def test_a_person_reads_differences_and_what_was_reached() -> None:
    assert list(lines(WallResult(3, 9, 330.4, 300.2, 5_100.0, 5_000.0, ("fork", "ask-control-socket"), 1))) == [
        "start to the first frame: 330 ms with the wall, 300 without: +30 ms (goal: at most 50)",
        "processor time of a frame: 5.10 ms with the wall, 5.00 without: ratio 1.020 (goal: at most 1.02)",
        "reached by code inside: 1 of 9; of everything that was tried, 2 of 89",
    ]
