"""Local time at the place: calendar day, minute, opening hours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from device.clock import ClockReading, ClockState
from device.policy.rules import OpeningHours

_EARLIEST_MS, _LATEST_MS = 0, 253_370_764_800_000  # 1970 to 9999: no time zone leads out of the calendar


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that can be trusted.

    Attributes:
        wall_ms: Unix milliseconds.
        local: the same at the place.
    """

    wall_ms: int
    local: datetime

    @property
    def today(self) -> date:
        """The calendar day at the place."""
        return self.local.date()


def moment(at: ClockReading, zone: tzinfo) -> Moment | None:
    """Return the time at the place; ``None`` when the clock is not trusted."""
    if at.state is not ClockState.SYNCHRONISED:
        return None
    wall_ms = min(max(at.wall_ms, _EARLIEST_MS), _LATEST_MS)
    return Moment(wall_ms, datetime.fromtimestamp(wall_ms // 1000, UTC).astimezone(zone))


def is_open(hours: Iterable[OpeningHours], local: datetime) -> bool:
    """Return whether one of the openings holds at this local time."""
    minute, today = local.hour * 60 + local.minute, local.weekday()
    return any(_holds(opening, today, minute) for opening in hours)


def day_since(minute: int, local: datetime) -> date:
    """Return the day this time belongs to when days begin at that minute."""
    return (local - timedelta(minutes=minute)).date()


def _holds(opening: OpeningHours, today: int, minute: int) -> bool:
    if opening.from_minute < opening.to_minute:
        return today in opening.days and opening.from_minute <= minute < opening.to_minute
    if today in opening.days and minute >= opening.from_minute:
        return True
    return (today - 1) % 7 in opening.days and minute < opening.to_minute
