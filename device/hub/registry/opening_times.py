"""When a place is open: its opening hours, which are times of its own clocks, as moments that everybody shares.

An opening runs from one time of the place's clocks to another, over midnight where the second is not later. On a day
on which clocks are set forward or back it is shorter or longer, as it is for those who stand at the door.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from device.hub.registry.opening_hours import Opening, read_opening_hours
from device.model import HOUR_MS

_WHOLE_DAY: Final = 1440
_HALF_AN_HOUR_MS: Final = HOUR_MS // 2


@lru_cache(1_024)
def openings_of(opening_hours: str) -> tuple[Opening, ...]:
    """Return the openings of a registered place; none where nobody has said any (or wrote what cannot be read)."""
    try:
        return read_opening_hours(opening_hours)
    except ValueError:  # by hand in the database: nobody is told that a place is open for that
        return ()


def is_open(openings: Sequence[Opening], time_zone: str, at_ms: int) -> bool | None:
    """Return whether a place is open at a moment, Unix milliseconds; ``None``: nobody has said when it is.

    Args:
        openings: of the place.
        time_zone: whose clocks they are of, as `device.hub.registry.place` reads it.
        at_ms: the moment.
    """
    return bool(spans(openings, time_zone, at_ms, at_ms + 1)) if openings else None


def open_ms(openings: Sequence[Opening], time_zone: str, from_ms: int, until_ms: int) -> int:
    """Return for how long a place is open between two moments, in milliseconds; 0 where nobody has said when."""
    return sum(end - begin for begin, end in spans(openings, time_zone, from_ms, until_ms))


def spans(openings: Sequence[Opening], time_zone: str, from_ms: int, until_ms: int) -> list[tuple[int, int]]:
    """Return when a place is open between two moments: begin and end of each opening, cut to them, the first first."""
    zone = ZoneInfo(time_zone)
    first = datetime.fromtimestamp(from_ms / 1000, UTC).astimezone(zone).date() - timedelta(days=1)
    last = datetime.fromtimestamp(until_ms / 1000, UTC).astimezone(zone).date()
    found = (
        (max(begin, from_ms), min(end, until_ms))
        for day in _days(first, last)
        for begin, end in _of_day(openings, zone, day)
    )
    return [(begin, end) for begin, end in found if begin < end]


@lru_cache(4_096)
def open_hours(opening_hours: str, time_zone: str, from_hour: int, until_hour: int) -> frozenset[int]:
    """Return the opening hours of a place among hours of the clock.

    Args:
        opening_hours: of the place, as it is registered.
        time_zone: of these.
        from_hour: the first hour, since 1970, UTC.
        until_hour: the first that is not asked for.

    Returns:
        Those hours in which it is open for half an hour at least; none where nobody has said when it is.
    """
    found: dict[int, int] = {}
    for begin, end in spans(openings_of(opening_hours), time_zone, from_hour * HOUR_MS, until_hour * HOUR_MS):
        for hour in range(begin // HOUR_MS, -(-end // HOUR_MS)):
            part = min(end, (hour + 1) * HOUR_MS) - max(begin, hour * HOUR_MS)
            found[hour] = found.get(hour, 0) + part
    return frozenset(hour for hour, part in found.items() if part >= _HALF_AN_HOUR_MS)


def day_hours(time_zone: str, day: date) -> tuple[int, int]:
    """Return the first hour (since 1970, UTC) of a day of a place's clocks, and the first of the next day."""
    begin, end = day_ms(time_zone, day)
    return begin // HOUR_MS, end // HOUR_MS


def day_ms(time_zone: str, day: date) -> tuple[int, int]:
    """Return when a day of a place's clocks begins, and when the next does, in Unix milliseconds."""
    zone = ZoneInfo(time_zone)
    return _moment(zone, day, 0), _moment(zone, day, _WHOLE_DAY)


def moment_ms(time_zone: str, at: datetime) -> int:
    """Return when a place's clocks show a time that names no zone itself, in Unix milliseconds."""
    return round(at.replace(tzinfo=ZoneInfo(time_zone)).timestamp() * 1000)


def local_day(time_zone: str, at_ms: int) -> date:
    """Return which day a place's clocks show at a moment."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(time_zone)).date()


def local_slot(time_zone: str, hour: int) -> tuple[int, int]:
    """Return which weekday (0 is Monday) and hour of the day a place's clocks show when an hour begins."""
    at = datetime.fromtimestamp(hour * HOUR_MS / 1000, UTC).astimezone(ZoneInfo(time_zone))
    return at.weekday(), at.hour


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _of_day(openings: Sequence[Opening], zone: ZoneInfo, day: date) -> Iterator[tuple[int, int]]:
    """Yield begin and end of what opens on a day."""
    for opening in openings:
        if opening.day == day.weekday():
            end = opening.to_minute + (_WHOLE_DAY if opening.to_minute <= opening.from_minute else 0)
            yield _moment(zone, day, opening.from_minute), _moment(zone, day, end)


def _moment(zone: ZoneInfo, day: date, minute: int) -> int:
    """Return when clocks show a minute of a day, or of the next one from 1440 on.

    A time that is shown twice is the first; one that is left out is where clocks would have shown it.
    """
    days, minutes = divmod(minute, _WHOLE_DAY)
    at = datetime.combine(day + timedelta(days=days), time(minutes // 60, minutes % 60), zone)
    return round(at.timestamp() * 1000)
