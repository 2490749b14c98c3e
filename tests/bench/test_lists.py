"""The bench of people lists measures what it says."""

from __future__ import annotations

from tests.bench.lists import MEMORY_GOAL_MB, measure


def test_a_list_is_taken_in_by_a_process_of_its_own_and_answers_every_question_right() -> None:
    figures = measure(20_000)
    assert (figures.entries, figures.wrong) == (20_000, 0)
    assert 160_000 < figures.download_bytes < 161_000
    assert figures.peak_mb < MEMORY_GOAL_MB
