"""A gate's row as columns of ``checkins`` and ``quarantine``, both directions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, RowMapping, insert
from sqlalchemy.sql.compiler import SQLCompiler

from device.clock import ClockReading, ClockState
from device.hub.db.copying import copy_rows
from device.hub.db.tables import checkins
from device.model import Direction, SealedRow


def row_values(ledger_id: int, row: SealedRow, now_ms: int, *, destroyed: bool) -> dict[str, Any]:
    """Return what is stored of a row that arrived at *now_ms*; everything but the body when its key is destroyed."""
    return {
        "arrived_ms": now_ms,
        "ledger_id": ledger_id,
        "seq": row.seq,
        "boot_id": row.at.boot_id,
        "monotonic_ms": row.at.monotonic_ms,
        "wall_ms": row.at.wall_ms,
        "clock_state": row.at.state.value,
        "direction": row.direction.value,
        "counted": row.counted,
        "place_id": row.place_id,
        "key_id": row.key_id,
        "sealed": b"" if destroyed else row.sealed,
        "link": row.link,
    }


def sealed_row(columns: RowMapping) -> SealedRow:
    """Return a stored row as it came."""
    return SealedRow(
        seq=columns["seq"],
        at=ClockReading(
            columns["boot_id"], columns["monotonic_ms"], columns["wall_ms"], ClockState(columns["clock_state"])
        ),
        direction=Direction(columns["direction"]),
        counted=columns["counted"],
        place_id=columns["place_id"],
        key_id=columns["key_id"],
        sealed=columns["sealed"],
        link=columns["link"],
    )


def insert_rows(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store check-ins, at least one, each column of which is named and of the database's own types.

    The driver gets them as they are: SQLAlchemy's look at each value of each row is a tenth of what a batch costs.
    """
    if connection.dialect.name == "postgresql":
        copy_rows(connection, checkins, tuple(rows[0]), [tuple(row.values()) for row in rows])
        return
    compiled = _insertion(connection.dialect, tuple(rows[0]))
    names = compiled.positiontup
    values = [tuple(row[name] for name in names) for row in rows] if names else list(rows)
    connection.exec_driver_sql(str(compiled), values)


@lru_cache(4)
def _insertion(dialect: Dialect, columns: tuple[str, ...]) -> SQLCompiler:
    return insert(checkins).compile(dialect=dialect, column_keys=list(columns))
