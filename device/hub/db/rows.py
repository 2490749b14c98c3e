"""A gate's row as columns of ``checkins``, ``bodies`` and ``quarantine``, both directions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, Table, and_, insert, select

from device.clock import ClockReading, ClockState
from device.hub.db.copying import copy_plain_rows
from device.hub.db.intervals import Interval
from device.hub.db.tables import bodies, checkins, contexts, quarantine
from device.model import Direction, SealedRow

UNKNOWN_DAY: Final = 0
"""In place of the sealing day of a key that this hub does not have."""
CHECKIN_COLUMNS: Final = (
    "arrived_ms",
    "seq",
    "monotonic_ms",
    "wall_ms",
    "earliest_ms",
    "latest_ms",
    "ledger_id",
    "context_no",
    "direction",
    "clock_state",
    "counted",
    "link",
)
BODY_COLUMNS: Final = ("sealing_day", "ledger_id", "seq", "apart", "sealed")
_IN: Final = Direction.IN
_OUT: Final = Direction.OUT
_DIRECTIONS: Final = (_IN, _OUT, Direction.UNKNOWN)
_SYNCHRONISED: Final = ClockState.SYNCHRONISED
_STATES: Final = (ClockState.UNSYNCHRONISED, _SYNCHRONISED)
_DIRECTION_NUMBERS: Final = {one: number for number, one in enumerate(_DIRECTIONS)}
_STATE_NUMBERS: Final = {one: number for number, one in enumerate(_STATES)}
_EPOCH: Final = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Return a sealing day as it is stored: days since 1970."""
    return day.toordinal() - _EPOCH


def day_of(number: int) -> date:
    """Return a sealing day that is stored."""
    return date.fromordinal(number + _EPOCH)


def checkin_values(ledger_id: int, row: SealedRow, when: Interval, context_no: int, now_ms: int) -> tuple[Any, ...]:
    """Return `CHECKIN_COLUMNS` of a row that arrived at *now_ms* and truly was *when*."""
    return (
        now_ms,
        row.seq,
        row.at.monotonic_ms,
        row.at.wall_ms,
        when.earliest_ms,
        when.latest_ms,
        ledger_id,
        context_no,
        0 if row.direction is _IN else 1 if row.direction is _OUT else 2,
        row.at.state is _SYNCHRONISED,
        row.counted,
        row.link,
    )


def insert_apart(
    connection: Connection, ledger_id: int, rows: Sequence[tuple[SealedRow, str, int]], now_ms: int
) -> list[int]:
    """Store rows apart, each with its reason and its sealing day, but not what is sealed; return their arrivals."""
    values = [
        {
            "arrived_ms": now_ms,
            "ledger_id": ledger_id,
            "seq": row.seq,
            "boot_id": row.at.boot_id,
            "monotonic_ms": row.at.monotonic_ms,
            "wall_ms": row.at.wall_ms,
            "clock_state": _STATE_NUMBERS[row.at.state],
            "direction": _DIRECTION_NUMBERS[row.direction],
            "counted": row.counted,
            "place_id": row.place_id,
            "key_id": row.key_id,
            "sealing_day": sealing_day,
            "link": row.link,
            "reason": reason,
        }
        for row, reason, sealing_day in rows
    ]
    numbered = insert(quarantine).returning(quarantine.c.arrival, sort_by_parameter_order=True)
    return list(connection.execute(numbered, values).scalars())


def stored_query(*more: Any) -> Select[Any]:  # noqa: ANN401 - columns
    """Return the query for check-ins, with what `sealed_row` needs, and *more* columns."""
    named = (contexts.c.boot_id, contexts.c.place_id, contexts.c.key_id)
    sealed = and_(
        bodies.c.sealing_day == contexts.c.sealing_day,
        bodies.c.ledger_id == checkins.c.ledger_id,
        bodies.c.seq == checkins.c.seq,
        bodies.c.apart == 0,
    )
    return select(*checkins.c, *named, bodies.c.sealed, *more).join(contexts, same_context()).outerjoin(bodies, sealed)


def same_context() -> Any:  # noqa: ANN401 - a condition
    """Return the condition that a check-in of a query has a context."""
    return and_(contexts.c.ledger_id == checkins.c.ledger_id, contexts.c.context_no == checkins.c.context_no)


def apart_query(*more: Any) -> Select[Any]:  # noqa: ANN401 - columns
    """Return the query for rows apart, with what `sealed_row` needs, and *more* columns."""
    sealed = and_(
        bodies.c.sealing_day == quarantine.c.sealing_day,
        bodies.c.ledger_id == quarantine.c.ledger_id,
        bodies.c.seq == quarantine.c.seq,
        bodies.c.apart == quarantine.c.arrival,
    )
    return select(*quarantine.c, bodies.c.sealed, *more).outerjoin(bodies, sealed)


def sealed_row(columns: RowMapping) -> SealedRow:
    """Return a stored row as it came; with nothing under its seal when it is expired."""
    return SealedRow(
        seq=columns["seq"],
        at=ClockReading(
            columns["boot_id"], columns["monotonic_ms"], columns["wall_ms"], _STATES[columns["clock_state"]]
        ),
        direction=_DIRECTIONS[columns["direction"]],
        counted=columns["counted"],
        place_id=columns["place_id"],
        key_id=columns["key_id"],
        sealed=columns["sealed"] or b"",
        link=columns["link"],
    )


def insert_rows(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Store rows of a table, at least one, each value of the database's own types.

    The driver gets them as they are: SQLAlchemy's look at each value of each row is a tenth of what a batch costs.
    """
    if connection.dialect.name == "postgresql":
        copy_plain_rows(connection, table, columns, rows)
        return
    connection.exec_driver_sql(_insertion(table.name, columns), list(rows))


def one_or_many(values: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | Sequence[Mapping[str, Any]]:
    """Return what to execute a statement with: all of *values*, or the only one by itself: PostgreSQL is quicker."""
    return values[0] if len(values) == 1 else values


@lru_cache(8)
def _insertion(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
