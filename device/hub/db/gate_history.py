"""What a gate did in the last seven days, by hour and by day, from sums that are there already; no check-in is read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, select

from device.hub.db.gate_state import counted
from device.hub.db.tables import gate_hours, ledgers
from device.model import HOUR_MS, Count

DAYS: Final = 7
ANSWERS: Final = (Count.GRANTED, Count.REFERRED, Count.DENIED)
"""What a person was told who showed who they are."""
_SUM: Final = gate_hours.c.ins + gate_hours.c.outs + gate_hours.c.others + gate_hours.c.repeats + gate_hours.c.uncertain


class Day(NamedTuple):
    """One day of a gate, of the place where the hub stands.

    Attributes:
        date: like ``2026-11-30``.
        delivered: check-ins that the hub has of it.
        counts: what the gate counted, in the order of `Count`.
    """

    date: str
    delivered: int
    counts: tuple[int, ...]


class Week(NamedTuple):
    """The last seven days, today the last.

    Attributes:
        days: the oldest first.
        delivered: check-ins that the hub has, hour by hour from the first day's midnight until now.
        answered: what the gate answered in each of these hours about people who showed who they are.
        unread: codes it could not read, or that are not for it, in each of these.
    """

    days: tuple[Day, ...]
    delivered: tuple[int, ...]
    answered: tuple[int, ...]
    unread: tuple[int, ...]


def week_of(connection: Connection, device_id: str, now_ms: int) -> Week:
    """Look at a gate's week, at a time in Unix milliseconds."""
    begun = _days(now_ms)
    first, end = begun[0][1], now_ms // HOUR_MS + 1
    counts = counted(connection, device_id, first)
    delivered = _delivered(connection, device_id, first)
    days = []
    for (date, begin), until in zip(begun, [*(hour for _, hour in begun[1:]), end], strict=True):
        of_day = range(begin, until)
        summed = tuple(sum(_count(counts, hour, count) for hour in of_day) for count in Count)
        days.append(Day(date, sum(delivered.get(hour, 0) for hour in of_day), summed))
    hours = range(first, end)
    return Week(
        tuple(days),
        tuple(delivered.get(hour, 0) for hour in hours),
        tuple(sum(_count(counts, hour, count) for count in ANSWERS) for hour in hours),
        tuple(_count(counts, hour, Count.UNREADABLE) + _count(counts, hour, Count.NOT_OURS) for hour in hours),
    )


def _days(now_ms: int) -> list[tuple[str, int]]:
    """Return each day with the hour (since 1970, UTC) in which it begins, as `device.hub.db.gate_state` takes it."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone().date()
    found = []
    for back in range(DAYS - 1, -1, -1):
        day = today - timedelta(days=back)
        begins = datetime(day.year, day.month, day.day).astimezone()
        found.append((str(day), round(begins.timestamp() * 1000) // HOUR_MS))
    return found


def _count(counts: Mapping[int, Mapping[Count, int]], hour: int, count: Count) -> int:
    return counts[hour][count] if hour in counts else 0


def _delivered(connection: Connection, device_id: str, since: int) -> dict[int, int]:
    query = (
        select(gate_hours.c.hour, func.sum(_SUM))
        .join(ledgers, ledgers.c.ledger_id == gate_hours.c.ledger_id)
        .where(ledgers.c.device_id == device_id, gate_hours.c.hour >= since)
        .group_by(gate_hours.c.hour)
    )
    return {hour: int(total) for hour, total in connection.execute(query)}
