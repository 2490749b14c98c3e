"""Check-ins as the desk lists them, the newest first: their clear columns, of the gates and places that somebody sees.

Of a gate or a place its own ledgers are read, each from its newest row backwards by its index, so that a page costs
the same among a thousand check-ins and among ten million.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, select, true, union_all

from device.hub.db.queries import Arrived, arrived_of, arrived_query
from device.hub.db.registry_tables import registered_places
from device.hub.db.tables import checkins, contexts, gates, ledgers
from device.hub.db.true_times import true_times
from device.hub.supervision.guards import FOR_EVER, guards
from device.model import HOUR_MS

PAGE: Final = 50
MOST_LEDGERS: Final = 64
"""Those that were heard last; whoever sees more names a place or a gate."""
_middle = (checkins.c.earliest_ms + checkins.c.latest_ms) // 2


class Span(NamedTuple):
    """A part of a ledger: hours since 1970 in which its gate guarded a place.

    Attributes:
        ledger_id: which ledger.
        reported: only rows of the place that the gate names so; empty: all.
        from_hour: from this hour on.
        until_hour: and before this one.
    """

    ledger_id: int
    reported: str
    from_hour: int
    until_hour: int


class Seen(NamedTuple):
    """A check-in of a page, with the names of its gate and of the registered place that it was at, if there is one."""

    row: Arrived
    gate: str
    place_id: str | None
    place: str | None


def spans_of(connection: Connection, sees: ColumnElement[bool] | None, place_id: str, device_id: str) -> list[Span]:
    """Return where check-ins are that somebody sees of a place and a gate, at most `MOST_LEDGERS`.

    Args:
        connection: to the database.
        sees: of which places, a condition on ``registered_places.place_id``; ``None``: of all, and of gates that guard
            none.
        place_id: only of this place; empty: of all.
        device_id: only of this gate; empty: of all.
    """
    g = guards()
    if sees is None and not place_id:
        query = select(ledgers.c.ledger_id).where(ledgers.c.device_id == device_id)
        found = connection.execute(query.order_by(ledgers.c.heard_ms.desc()).limit(MOST_LEDGERS)).scalars()
        return [Span(ledger_id, "", 0, FOR_EVER) for ledger_id in found]
    asked = [g.c.place_id == place_id] if place_id else []
    asked += [g.c.device_id == device_id] if device_id else []
    of_guards = (
        select(ledgers.c.ledger_id, g.c.reported, g.c.from_hour, g.c.until_hour)
        .select_from(g)
        .join(registered_places, registered_places.c.place_id == g.c.place_id)
        .join(ledgers, ledgers.c.device_id == g.c.device_id)
        .where(true() if sees is None else sees, *asked)
        .order_by(ledgers.c.heard_ms.desc(), ledgers.c.ledger_id)
        .limit(MOST_LEDGERS)
    )
    return [Span(*row) for row in connection.execute(of_guards)]


def page_of(
    connection: Connection,
    spans: Sequence[Span] | None,
    before: int | None,
    when: tuple[int, int] | None = None,
    most: int = PAGE,
) -> list[Arrived]:
    """Return check-ins, the newest first.

    Args:
        connection: to the database.
        spans: of which parts of ledgers; ``None``: all check-ins.
        before: only those that arrived before this one, by its number.
        when: only those that may have been between these moments, the second not included.
        most: so many at most.
    """
    if spans is None:
        plain = select(checkins.c.arrival).where(true() if before is None else checkins.c.arrival < before)
        return _read(connection, plain.order_by(checkins.c.arrival.desc()).limit(most))
    if not spans:
        return []
    parts = [_part(span, before, when, most).subquery() for span in spans]
    together = union_all(*(select(part.c.arrival) for part in parts)).subquery("together")
    # Two spans of one ledger may meet in a row whose place was said in two ways.
    query = select(together.c.arrival).distinct().order_by(together.c.arrival.desc()).limit(most)
    return _read(connection, query)


def named(connection: Connection, rows: Sequence[Arrived]) -> list[Seen]:
    """Return check-ins with the names of their gates and places."""
    devices = {row.device_id for row in rows}
    query = select(gates.c.device_id, gates.c.name).where(gates.c.device_id.in_(devices))
    names = {row.device_id: row.name for row in connection.execute(query)}
    g = guards()
    at = (
        select(g.c.device_id, g.c.reported, g.c.from_hour, g.c.until_hour, g.c.place_id, registered_places.c.name)
        .select_from(g)
        .join(registered_places, registered_places.c.place_id == g.c.place_id)
        .where(g.c.device_id.in_(devices))
    )
    guarded = connection.execute(at).all()
    return [Seen(row, names.get(row.device_id, row.device_id), *_place(row, guarded)) for row in rows]


def _place(row: Arrived, guarded: Sequence[Any]) -> tuple[str | None, str | None]:
    hour = (row.earliest_ms + row.latest_ms) // 2 // HOUR_MS
    for one in guarded:
        if (
            one.device_id == row.device_id
            and one.from_hour <= hour < one.until_hour
            and one.reported in {"", row.row.place_id}
        ):
            return one.place_id, one.name
    return None, None


def _part(span: Span, before: int | None, when: tuple[int, int] | None, most: int) -> Select[Any]:
    query = select(checkins.c.arrival).where(checkins.c.ledger_id == span.ledger_id)
    if span.from_hour:
        query = query.where(_middle >= span.from_hour * HOUR_MS)
    if span.until_hour != FOR_EVER:
        query = query.where(_middle < span.until_hour * HOUR_MS)
    if span.reported:
        same = and_(contexts.c.ledger_id == checkins.c.ledger_id, contexts.c.context_no == checkins.c.context_no)
        query = query.join(contexts, same).where(contexts.c.place_id == span.reported)
    if before is not None:
        query = query.where(checkins.c.arrival < before)
    if when is not None:
        query = query.where(checkins.c.latest_ms >= when[0], checkins.c.earliest_ms < when[1])
    return query.order_by(checkins.c.seq.desc()).limit(most)


def _read(connection: Connection, numbers: Select[Any]) -> list[Arrived]:
    arrivals = list(connection.execute(numbers).scalars())
    if not arrivals:
        return []
    found = connection.execute(arrived_query().where(checkins.c.arrival.in_(arrivals))).all()
    times = true_times(connection, found)
    read = [arrived_of(row._mapping, when) for row, when in zip(found, times, strict=True)]  # noqa: SLF001 - its public name
    return sorted(read, key=lambda row: row.arrival, reverse=True)
