"""The bench of times measures what it says, and a batch costs the same work however much is stored."""

from __future__ import annotations

from tests.bench.times import hold, measure
from tests.bench.times_batches import WORST


def test_rows_of_thirty_boots_without_a_clock_are_each_written_once() -> None:
    figures = measure(3_000, boots=30)
    assert (figures.rows, figures.boots, figures.rewritten) == (3_000, 30, 0)
    assert figures.known == 100
    assert figures.cpu_s > 0


def test_a_batch_writes_as_often_whether_a_hundred_rows_are_stored_or_thousands() -> None:
    small, large = measure(1_000, boots=5), measure(4_000, boots=20)
    assert small.statements == large.statements


def test_a_lie_that_comes_out_after_thousands_of_rows_costs_none_of_them_a_write() -> None:
    (case,) = [case for case in WORST if "comes out" in case.name]
    held = hold(case)
    assert len(held.wall_ms) == 4
    assert held.rewritten == 0
    assert max(held.statements) < 40
