"""The four figures of coverage, of one place, from its sums by the hour; pure.

An hour is an opening hour when the place is open for half of it (`device.hub.registry.opening_times`). What is compared
with the weeks before is the last hour that is over: one that has just begun would always look as if nobody came.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from statistics import median_low
from typing import Final, NamedTuple

from device.words import sentence

WEEK: Final = 168
"""Hours of a week."""
WEEKS: Final = 4
"""Of the same weekday and hour so many are compared."""

NO_MEMBERS: Final = sentence("the hub does not know yet who belongs to the place")
NO_OPENING_HOURS: Final = sentence("no opening hours are registered")
NOT_OPEN_YET: Final = sentence("it has not been open in these days")
NEW_PLACE: Final = sentence("nobody was scanned in this hour of the four weeks before")
CLOSED_NOW: Final = sentence("it was closed in the last full hour")
NO_PASSAGE: Final = sentence("no gate there has counted anybody who passed")


class Sums(NamedTuple):
    """What was counted at a place in one hour.

    Attributes:
        scans: check-ins, in and out and repeated.
        decided: answers of its gates to people who showed who they are.
        passed: people that a passage counter saw.
    """

    scans: int = 0
    decided: int = 0
    passed: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of coverage.

    Attributes:
        part: of `whole`.
        whole: ``None``: the figure is not known.
        why: a sentence that says why it is not; empty when it is known.
    """

    part: int
    whole: int | None
    why: str = ""

    @property
    def percent(self) -> int | None:
        """The figure in percent, which may be more than 100; ``None``: it is not known."""
        return None if not self.whole else round(100 * self.part / self.whole)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The four figures.

    Attributes:
        members: who was seen, of those who were expected.
        hours: opening hours with a scan, of opening hours, within a week up to now.
        usual: scans of the last full hour, of what the same weekday and hour had in the middle of four weeks.
        through: people who showed who they are, of those who passed, within a week up to now.
    """

    members: Figure
    hours: Figure
    usual: Figure
    through: Figure


def unknown(why: str) -> Figure:
    """Return a figure that is not known."""
    return Figure(0, None, why)


def coverage_of(sums: Mapping[int, Sums], opening: AbstractSet[int], now_hour: int, *, has_hours: bool) -> Coverage:
    """Return the coverage of a place.

    Args:
        sums: what was counted, by the hour since 1970, UTC; an hour that is missing had nothing. Of the last week, and
            of the hours that the last full hour is compared with (`compared`).
        opening: the opening hours of the last week.
        now_hour: the hour that it is now.
        has_hours: opening hours are registered.
    """
    return Coverage(
        unknown(NO_MEMBERS),
        _hours(sums, opening, now_hour, has_hours=has_hours),
        _usual(sums, opening, now_hour, has_hours=has_hours),
        _through(sums, now_hour),
    )


def compared(now_hour: int) -> tuple[int, ...]:
    """Return the hours that the last full hour is compared with: those of the same weekday in four weeks."""
    return tuple(now_hour - 1 - WEEK * week for week in range(1, WEEKS + 1))


def _hours(sums: Mapping[int, Sums], opening: AbstractSet[int], now_hour: int, *, has_hours: bool) -> Figure:
    if not has_hours:
        return unknown(NO_OPENING_HOURS)
    over = [hour for hour in opening if now_hour - WEEK <= hour < now_hour]
    if not over:
        return unknown(NOT_OPEN_YET)
    return Figure(sum(1 for hour in over if hour in sums and sums[hour].scans), len(over))


def _usual(sums: Mapping[int, Sums], opening: AbstractSet[int], now_hour: int, *, has_hours: bool) -> Figure:
    if has_hours and now_hour - 1 not in opening:
        return unknown(CLOSED_NOW)
    nothing = Sums()
    usual = median_low(sums.get(hour, nothing).scans for hour in compared(now_hour))
    if not usual:
        return unknown(NEW_PLACE)
    return Figure(sums.get(now_hour - 1, nothing).scans, usual)


def _through(sums: Mapping[int, Sums], now_hour: int) -> Figure:
    """Return what is told of hours in which somebody passed and somebody was answered by the same report."""
    these = [one for hour, one in sums.items() if now_hour - WEEK <= hour <= now_hour]
    passed = sum(one.passed for one in these)
    if not passed:
        return unknown(NO_PASSAGE)
    return Figure(sum(one.decided for one in these if one.passed), passed)
