"""The bench of an eye that cannot be ended, small."""

from __future__ import annotations

from tests.bench.eye import EyeResult, lines, measure


def test_the_next_eye_sees_while_the_one_before_it_is_dead_and_still_there() -> None:
    result = measure(1, silent_s=0.5)
    assert (result.rounds, result.unended) == (1, 1)
    assert result.gap_ms > 0
    assert result.stop_ms > 0


def test_a_person_reads_what_the_goals_are() -> None:
    assert lines(EyeResult(5, 512.4, 40.2, 5)) == [
        "without a sight while a killed eye does not end: 512 ms at most (goal: 1000)",
        "stop with that eye still there: 40 ms at most (goal: 2000)",
        "eyes that were still there when the next one saw: 5 of 5",
    ]
