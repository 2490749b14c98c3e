"""One place, looked at closely and as it is now: coverage, four weeks of days, the hours of its week, who opened seals.

Read from sums by the hour of its own gates, five weeks of them at most; never a look at a check-in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, select

from device.hub.db.gate_state import gate_state
from device.hub.db.registry import PlaceRecord
from device.hub.db.supervision_tables import place_standings, place_unsealings
from device.hub.db.tables import gates
from device.hub.registry.opening_times import day_hours, local_day, local_slot, open_hours
from device.hub.supervision import sums
from device.hub.supervision.coverage import WEEK, WEEKS, Coverage, Sums, coverage_of
from device.hub.supervision.guards import FOR_EVER, guards
from device.hub.supervision.standing import PlaceStanding, standing_of
from device.model import HOUR_MS

DAYS: Final = 7 * WEEKS
MOST_GATES: Final = 100
MOST_UNSEALINGS: Final = 20


class Day(NamedTuple):
    """A day of the place's clocks.

    Attributes:
        day: which.
        scans: check-ins.
        opening: its opening hours, of today those until now; ``None``: nobody has said when the place is open.
        scanned: of these, how many had a scan.
        decided: people who were answered in hours in which somebody passed.
        passed: people who passed, where that is counted.
    """

    day: date
    scans: int
    opening: int | None
    scanned: int
    decided: int
    passed: int


class Slot(NamedTuple):
    """One hour of the week, over four weeks.

    Attributes:
        scans: check-ins in all four.
        opening: in how many of them the place was open.
    """

    scans: int
    opening: int


class Guard(NamedTuple):
    """A gate that guards the place; the registry's word or the gate's own, which an id has matched."""

    device_id: str
    name: str
    by_registry: bool
    heard_ms: int | None
    troubles: tuple[str, ...]


class Unsealing(NamedTuple):
    """Somebody opened seals of the place at the desk; which person was looked for stands nowhere."""

    at_ms: int
    who: str
    reason: str
    ground: str
    from_ms: int
    until_ms: int
    checkins: int


class PlaceView(NamedTuple):
    """How scanning at a place is.

    Attributes:
        standing: how it stands.
        last_hour: the last hour with a scan, since 1970; ``None``: nobody ever was scanned.
        coverage: the four figures.
        days: four weeks of days, the newest first.
        week: by weekday (0 is Monday) and hour of the day.
        guards: its gates.
        unsealings: the newest.
    """

    standing: PlaceStanding
    last_hour: int | None
    coverage: Coverage
    days: list[Day]
    week: list[list[Slot]]
    guards: list[Guard]
    unsealings: list[Unsealing]


def place_view(connection: Connection, record: PlaceRecord, now_ms: int) -> PlaceView:
    """Look at a place at a moment, Unix milliseconds."""
    place, now_hour = record.place, now_ms // HOUR_MS
    first = now_hour - WEEK * (WEEKS + 1) + 1
    found = sums.hour_sums(connection, [record.place_id], first, now_hour + 1).get(record.place_id, {})
    opening = open_hours(place.opening_hours, place.time_zone, first, now_hour + 1)
    has_hours = bool(place.opening_hours)
    last_hour = max((hour for hour, one in found.items() if one.scans), default=None)
    last_hour = last_hour or _long_ago(connection, record.place_id)
    lately = sorted(hour for hour in opening if hour >= now_hour - WEEK)
    weeks = _weeks(found, now_hour)
    return PlaceView(
        standing_of(last_hour, lately if has_hours else None, weeks, now_hour),
        last_hour,
        coverage_of(found, opening, now_hour, has_hours=has_hours),
        days_of(place.time_zone, found, opening if has_hours else None, local_day(place.time_zone, now_ms)),
        _week(place.time_zone, found, opening, now_hour),
        guards_of(connection, record.place_id),
        unsealings_of(connection, record.place_id),
    )


def days_of(
    time_zone: str, found: Mapping[int, Sums], opening: frozenset[int] | None, today: date, days: int = DAYS
) -> list[Day]:
    """Return days of a place's clocks, the newest first.

    Args:
        time_zone: of the place.
        found: its sums by the hour.
        opening: its opening hours; ``None``: nobody has said.
        today: the newest day.
        days: how many.
    """
    return [_day(time_zone, found, opening, today - timedelta(days=back)) for back in range(days)]


def _day(time_zone: str, found: Mapping[int, Sums], opening: frozenset[int] | None, day: date) -> Day:
    hours = range(*day_hours(time_zone, day))
    these = [found[hour] for hour in hours if hour in found]
    total = sums.totals([one for one in these if one.passed])
    open_then = None if opening is None else [hour for hour in hours if hour in opening]
    scanned = sum(1 for hour in open_then or () if hour in found and found[hour].scans)
    scans = sum(one.scans for one in these)
    return Day(day, scans, None if open_then is None else len(open_then), scanned, total.decided, total.passed)


def guards_of(connection: Connection, place_id: str) -> list[Guard]:
    """Return the gates that guard a place now, by name; at most `MOST_GATES`."""
    g = guards()
    query = (
        select(
            gates.c.device_id,
            gates.c.name,
            func.min(g.c.reported),
            gates.c.contact_ms,
            gates.c.added_ms,
            gate_state.c.troubles,
        )
        .select_from(g)
        .join(gates, gates.c.device_id == g.c.device_id)
        .outerjoin(gate_state, gate_state.c.device_id == g.c.device_id)
        .where(g.c.place_id == place_id, g.c.until_hour == FOR_EVER)
        .group_by(gates.c.device_id, gates.c.name, gates.c.contact_ms, gates.c.added_ms, gate_state.c.troubles)
        .order_by(gates.c.name, gates.c.device_id)
        .limit(MOST_GATES)
    )
    return [
        Guard(device_id, name, not reported, contact_ms if contact_ms > added_ms else None, tuple((said or "").split()))
        for device_id, name, reported, contact_ms, added_ms, said in connection.execute(query)
    ]


def unsealings_of(connection: Connection, place_id: str) -> list[Unsealing]:
    """Return who opened seals of a place at the desk, the newest first; at most `MOST_UNSEALINGS`."""
    table = place_unsealings
    columns = [table.c[name] for name in Unsealing._fields]
    query = select(*columns).where(table.c.place_id == place_id).order_by(table.c.unsealing_id.desc())
    return [Unsealing(*row) for row in connection.execute(query.limit(MOST_UNSEALINGS))]


def _long_ago(connection: Connection, place_id: str) -> int | None:
    """Return the last hour with a scan that is older than the sums looked at; ``None``: there is none."""
    query = select(place_standings.c.last_hour).where(place_standings.c.place_id == place_id)
    kept = connection.execute(query).scalar()
    return kept or sums.last_hours(connection, [place_id]).get(place_id)


def _weeks(found: Mapping[int, Sums], now_hour: int) -> Sequence[int]:
    weeks = [0] * (WEEKS + 1)
    for hour, one in found.items():
        weeks[(now_hour - hour) // WEEK] += one.scans
    return weeks


def _week(time_zone: str, found: Mapping[int, Sums], opening: frozenset[int], now_hour: int) -> list[list[Slot]]:
    """Return the hours of the week, of the 28 days that are over: each slot four times."""
    week = [[Slot(0, 0)] * 24 for _ in range(7)]
    for hour in range(now_hour - WEEK * WEEKS, now_hour):
        day, at = local_slot(time_zone, hour)
        one = week[day][at]
        scans = found[hour].scans if hour in found else 0
        week[day][at] = Slot(one.scans + scans, one.opening + (hour in opening))
    return week
