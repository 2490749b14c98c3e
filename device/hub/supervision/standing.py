"""How the scanning at a place stands: never scanned, stopped, falling or well; pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from statistics import median_low
from typing import Final

from device.words import sentence

STOPPED_OPEN_HOURS: Final = 8
"""A working day: so many opening hours without a scan, and it has stopped."""
STOPPED_HOURS: Final = 72
"""Where nobody has said when the place is open: longer than a weekend."""
FALLING_PERCENT: Final = 50
"""Of what was usual; a week of holidays looks like that too, which is to be looked at."""
FEWEST_USUAL: Final = 10
"""Scans a week, below which nothing is said of rise and fall."""


class PlaceStanding(IntEnum):
    """How a place stands, in the order in which somebody should look."""

    NEVER = 0
    """Nobody was ever scanned there."""
    STOPPED = 1
    """Somebody was, and nobody in the last eight opening hours; 72 hours where opening hours are not known."""
    FALLING = 2
    """In the last seven days fewer than half of what was usual in the four weeks before."""
    WELL = 3
    """None of these."""


STANDING_WORDS: Final = {
    PlaceStanding.NEVER: sentence("never scanned"),
    PlaceStanding.STOPPED: sentence("stopped"),
    PlaceStanding.FALLING: sentence("falling"),
    PlaceStanding.WELL: sentence("well"),
}
STANDING_MEANS: Final = {
    PlaceStanding.NEVER: sentence("Nobody was ever scanned there."),
    PlaceStanding.STOPPED: sentence(
        "Nobody was scanned in the last 8 opening hours; in the last 72 hours where no opening hours are registered."
    ),
    PlaceStanding.FALLING: sentence("In the last 7 days fewer than half of the scans usual in the 4 weeks before."),
    PlaceStanding.WELL: sentence("None of these."),
}


def standing_of(
    last_hour: int | None, opening: Sequence[int] | None, weeks: Sequence[int], now_hour: int
) -> PlaceStanding:
    """Judge a place.

    Args:
        last_hour: the last hour, since 1970, in which somebody was scanned; ``None``: nobody ever was.
        opening: the opening hours of the last week, in order; ``None``: nobody has said when it is open.
        weeks: scans of the last seven days, and of the weeks before that, the newest first.
        now_hour: the hour that it is now.
    """
    if last_hour is None:
        return PlaceStanding.NEVER
    if _has_stopped(last_hour, opening, now_hour):
        return PlaceStanding.STOPPED
    # Weeks before the first scan are no weeks of the place: behind the oldest with one they are left out.
    known = list(weeks[1:])
    while known and not known[-1]:
        known.pop()
    usual = median_low(known) if known else 0
    if usual >= FEWEST_USUAL and weeks[0] * 100 < usual * FALLING_PERCENT:
        return PlaceStanding.FALLING
    return PlaceStanding.WELL


def _has_stopped(last_hour: int, opening: Sequence[int] | None, now_hour: int) -> bool:
    if opening is None:
        return now_hour - last_hour > STOPPED_HOURS
    if not opening:  # it was not open in a week: nothing is missed
        return False
    return sum(1 for hour in opening if last_hour < hour < now_hour) >= STOPPED_OPEN_HOURS
