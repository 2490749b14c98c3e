"""Sums by the hour of many places at once: what their gates recorded and counted; never a look at a check-in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Subquery,
    and_,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from device.hub.db.gate_state import gate_counters
from device.hub.db.supervision_tables import reported_ids
from device.hub.db.tables import gate_hours, ledgers
from device.hub.supervision.coverage import WEEK, WEEKS, Sums, compared
from device.hub.supervision.guards import guards

SCANS: Final = gate_hours.c.ins + gate_hours.c.outs + gate_hours.c.others + gate_hours.c.repeats
"""Check-ins of an hour, however they count."""
DECIDED: Final = gate_counters.c.granted + gate_counters.c.referred + gate_counters.c.denied
"""Answers to people who showed who they are."""

PlaceSums = dict[str, dict[int, Sums]]
"""By place, by the hour since 1970, UTC."""


class Weeks(NamedTuple):
    """What a place had in the weeks up to now.

    Attributes:
        last_hour: the last hour with a scan among them, since 1970.
        scans: of each week, the newest first; the newest has the hour that it is now besides.
    """

    last_hour: int
    scans: tuple[int, ...]


def hour_sums(connection: Connection, place_ids: Collection[str], from_hour: int, until_hour: int) -> PlaceSums:
    """Return what was counted at places in the hours from one to before another."""
    scans = _scans(place_ids, and_(gate_hours.c.hour >= from_hour, gate_hours.c.hour < until_hour))
    counts = _counts(place_ids, and_(gate_counters.c.hour >= from_hour, gate_counters.c.hour < until_hour))
    return _together(connection, scans, counts)


def recent_sums(connection: Connection, place_ids: Collection[str], now_hour: int) -> PlaceSums:
    """Return what `device.hub.supervision.coverage.coverage_of` needs."""
    first = now_hour - WEEK
    lately = and_(gate_hours.c.hour >= first, gate_hours.c.hour <= now_hour)
    before = gate_hours.c.hour.in_(compared(now_hour))
    counted = and_(gate_counters.c.hour >= first, gate_counters.c.hour <= now_hour)
    return _together(connection, _scans(place_ids, or_(lately, before)), _counts(place_ids, counted))


def week_sums(connection: Connection, place_ids: Collection[str], now_hour: int) -> dict[str, Weeks]:
    """Return the weeks of places; of one without a scan in them nothing."""
    g = guards()
    week = cast((now_hour - gate_hours.c.hour) // WEEK, Integer).label("week")
    oldest = now_hour - WEEK * (WEEKS + 1)
    query = (
        _recorded(g, select(g.c.place_id, week, func.sum(SCANS), func.max(gate_hours.c.hour)))
        .where(g.c.place_id.in_(place_ids), gate_hours.c.hour > oldest, gate_hours.c.hour <= now_hour, SCANS > 0)
        .group_by(g.c.place_id, literal_column("week"))
    )
    found: dict[str, Weeks] = {}
    for place_id, number, scans, last_hour in connection.execute(query):
        had = found.get(place_id, Weeks(0, (0,) * (WEEKS + 1)))
        weeks = [*had.scans]
        weeks[number] += int(scans)
        found[place_id] = Weeks(max(had.last_hour, last_hour), tuple(weeks))
    return found


def last_hours(connection: Connection, place_ids: Collection[str]) -> dict[str, int]:
    """Return the last hour with a scan of places, however long ago; of one that never had any nothing."""
    g = guards()
    query = (
        _recorded(g, select(g.c.place_id, func.max(gate_hours.c.hour)))
        .where(g.c.place_id.in_(place_ids), SCANS > 0)
        .group_by(g.c.place_id)
    )
    return {place_id: int(hour) for place_id, hour in connection.execute(query)}


def _scans(place_ids: Collection[str], when: ColumnElement[bool]) -> Select[Any]:
    g = guards()
    query = _recorded(g, select(g.c.place_id, gate_hours.c.hour, func.sum(SCANS)))
    return query.where(g.c.place_id.in_(place_ids), when).group_by(g.c.place_id, gate_hours.c.hour)


def _recorded(g: Subquery, query: Select[Any]) -> Select[Any]:
    """Join the sums of a place's gates, each of the hours in which the gate guarded it."""
    theirs = and_(
        gate_hours.c.ledger_id == ledgers.c.ledger_id,
        gate_hours.c.hour >= g.c.from_hour,
        gate_hours.c.hour < g.c.until_hour,
        or_(g.c.reported == "", g.c.reported == gate_hours.c.place_id),
    )
    return query.select_from(g).join(ledgers, ledgers.c.device_id == g.c.device_id).join(gate_hours, theirs)


def _counts(place_ids: Collection[str], when: ColumnElement[bool]) -> Select[Any]:
    """Return the query for what gates counted. Counters name no place: of a gate that named several, none is told."""
    g = guards()
    of_one = select(reported_ids.c.device_id).group_by(reported_ids.c.device_id).having(func.count() == 1)
    theirs = and_(
        gate_counters.c.device_id == g.c.device_id,
        gate_counters.c.hour >= g.c.from_hour,
        gate_counters.c.hour < g.c.until_hour,
        or_(g.c.reported == "", g.c.device_id.in_(of_one)),
    )
    return (
        select(g.c.place_id, gate_counters.c.hour, func.sum(DECIDED), func.sum(gate_counters.c.passed))
        .select_from(g)
        .join(gate_counters, theirs)
        .where(g.c.place_id.in_(place_ids), when)
        .group_by(g.c.place_id, gate_counters.c.hour)
    )


def _together(connection: Connection, scans: Select[Any], counts: Select[Any]) -> PlaceSums:
    found: PlaceSums = {}
    for place_id, hour, number in connection.execute(scans):
        found.setdefault(place_id, {})[hour] = Sums(int(number))
    for place_id, hour, decided, passed in connection.execute(counts):
        hours = found.setdefault(place_id, {})
        hours[hour] = hours.get(hour, Sums())._replace(decided=int(decided), passed=int(passed))
    return found


def totals(sums: Sequence[Sums]) -> Sums:
    """Return sums added up."""
    return Sums(*(sum(column) for column in zip(*sums, strict=True))) if sums else Sums()
