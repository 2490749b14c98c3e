"""The bench of an eye that cannot be ended, small."""

from __future__ import annotations

from tests.bench.eye import EyeResult, journal_lines, lines, measure
from tests.bench.eye_journal import JournalResult, measure_journal


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


def test_a_gate_whose_camera_library_cannot_be_loaded_is_run_with_real_eyes() -> None:
    result = measure_journal(20)
    assert result.starts == 5
    assert result.eye_lines == 31, "the first eye prints, the others would print the same"
    assert result.reason.startswith("camera.source: picamera2 cannot be loaded (ValueError: numpy.dtype size changed")


def test_the_lines_of_both_are_told_with_their_goal() -> None:
    assert journal_lines(JournalResult(60, 1, 20, 62, "picamera2 cannot be loaded")) == [
        "journal lines in an hour with a camera library that cannot be loaded: 82 (goal: 200)",
        "of these 20 of the gate and 62 of 60 eyes",
        "and what the gate says: picamera2 cannot be loaded",
    ]
