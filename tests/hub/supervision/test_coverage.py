from __future__ import annotations

import pytest

from device.hub.supervision import coverage
from device.hub.supervision.coverage import WEEK, Sums, compared, coverage_of

NOW = 500_000
OPEN = frozenset(range(NOW - 10, NOW + 1))


def test_opening_hours_with_a_scan_are_counted_among_those_that_are_over() -> None:
    sums = {NOW - 1: Sums(3), NOW - 2: Sums(0), NOW - 3: Sums(1), NOW: Sums(9), NOW - 50: Sums(9)}
    figure = coverage_of(sums, OPEN, NOW, has_hours=True).hours
    assert (figure.part, figure.whole, figure.percent) == (2, 10, 20)


@pytest.mark.parametrize(
    ("opening", "has_hours", "why"),
    [
        (frozenset[int](), False, coverage.NO_OPENING_HOURS),
        (frozenset[int](), True, coverage.NOT_OPEN_YET),
        (frozenset({NOW}), True, coverage.NOT_OPEN_YET),
    ],
)
def test_without_opening_hours_there_is_no_such_figure_and_it_says_why(
    opening: frozenset[int], why: str, *, has_hours: bool
) -> None:
    figure = coverage_of({NOW - 1: Sums(1)}, opening, NOW, has_hours=has_hours).hours
    assert (figure.percent, figure.why) == (None, why)


def test_the_last_full_hour_is_compared_with_the_middle_of_four_weeks() -> None:
    assert compared(NOW) == (NOW - 1 - WEEK, NOW - 1 - 2 * WEEK, NOW - 1 - 3 * WEEK, NOW - 1 - 4 * WEEK)
    sums = dict(zip(compared(NOW), map(Sums, (10, 40, 20, 30)), strict=True)) | {NOW - 1: Sums(15), NOW: Sums(99)}
    figure = coverage_of(sums, OPEN, NOW, has_hours=True).usual
    assert (figure.part, figure.whole, figure.percent) == (15, 20, 75)


def test_of_a_new_place_and_of_a_closed_one_nothing_is_usual() -> None:
    new = coverage_of({NOW - 1: Sums(5), NOW - 1 - WEEK: Sums(5)}, OPEN, NOW, has_hours=True).usual
    assert (new.percent, new.why) == (None, coverage.NEW_PLACE)
    closed = coverage_of({}, frozenset(), NOW, has_hours=True).usual
    assert (closed.percent, closed.why) == (None, coverage.CLOSED_NOW)
    assert coverage_of({}, frozenset(), NOW, has_hours=False).usual.why == coverage.NEW_PLACE


def test_answers_are_compared_with_people_through_where_these_are_counted() -> None:
    sums = {NOW: Sums(1, 30, 40), NOW - 1: Sums(1, 500, 0), NOW - 2: Sums(0, 0, 20), NOW - WEEK - 1: Sums(0, 1, 99)}
    figure = coverage_of(sums, OPEN, NOW, has_hours=True).through
    assert (figure.part, figure.whole, figure.percent) == (30, 60, 50)
    assert coverage_of({NOW: Sums(1, 1, 0)}, OPEN, NOW, has_hours=True).through.why == coverage.NO_PASSAGE


def test_members_are_not_known_yet() -> None:
    figure = coverage_of({}, OPEN, NOW, has_hours=True).members
    assert (figure.whole, figure.percent, figure.why) == (None, None, coverage.NO_MEMBERS)
