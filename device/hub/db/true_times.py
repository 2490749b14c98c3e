"""True-time intervals in the database, where rows are read: what was stored of each, and all that is known since.

Of each ledger the stretches around the rows that are asked for are read, `device.hub.db.stretches.NEAR` to each side.
Nothing is written.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, and_, select

from device.hub.db.intervals import Interval
from device.hub.db.reading_stretches import Reading, Row
from device.hub.db.stretches import NEAR
from device.hub.db.tables import gates, ledgers
from device.hub.db.time_narrowing import liars_of, stretch_of
from device.hub.db.time_tables import stretches

COLUMNS: Final = ("ledger_id", "seq", "boot_id", "monotonic_ms", "arrived_ms", "earliest_ms", "latest_ms")
"""What `true_times` needs of a row (`device.hub.db.rows.stored_query`)."""
_TOGETHER: Final = 2_000
"""Rows whose numbers lie so close are read together."""


def true_times(connection: Connection, rows: Sequence[Any]) -> list[Interval]:
    """Return when each of these rows truly was.

    Args:
        connection: any.
        rows: with `COLUMNS`, in any order, at most some thousands.
    """
    found: dict[int, Interval] = {}
    of_ledger: dict[int, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        of_ledger[row.ledger_id].append(index)
    for ledger_id, indexes in of_ledger.items():
        gate = select(ledgers.c.device_id, gates.c.began_ms).join(gates, gates.c.device_id == ledgers.c.device_id)
        device_id, began_ms = connection.execute(gate.where(ledgers.c.ledger_id == ledger_id)).one()
        for group in _groups(sorted(indexes, key=lambda index: rows[index].seq), rows):
            these = [_row(rows[index], began_ms) for index in group]
            found |= zip(group, _read(connection, ledger_id, device_id, these), strict=True)
    return [found[index] for index in range(len(rows))]


def _groups(indexes: Sequence[int], rows: Sequence[Any]) -> Iterator[list[int]]:
    group: list[int] = []
    for index in indexes:
        if group and rows[index].seq - rows[group[0]].seq >= _TOGETHER:
            yield group
            group = []
        group.append(index)
    yield group


def _row(row: Any, began_ms: int) -> Row:  # noqa: ANN401 - a row of a query
    # What is stored may be later: while the hub's clock is in doubt, an arrival is known to some days only.
    arrival = Interval(min(began_ms, row.arrived_ms), max(row.arrived_ms, row.latest_ms))
    return Row(row.seq, row.boot_id, row.monotonic_ms, arrival, Interval(row.earliest_ms, row.latest_ms))


def _read(connection: Connection, ledger_id: int, device_id: str, rows: Sequence[Row]) -> list[Interval]:
    """Read rows of one ledger that lie close to each other, in order."""
    first, last = rows[0].seq, rows[-1].seq
    ours, seq = select(stretches).where(stretches.c.ledger_id == ledger_id), stretches.c.first_seq
    before = connection.execute(ours.where(seq <= first).order_by(seq.desc()).limit(NEAR + 1)).all()
    within = connection.execute(ours.where(and_(seq > first, seq <= last)).order_by(seq)).all()
    behind = connection.execute(ours.where(seq > last).order_by(seq).limit(NEAR)).all()
    around = [stretch_of(row) for row in (*reversed(before), *within, *behind)]
    boots = sorted({one.boot_id for one in around} | {row.boot_id for row in rows})
    reading = Reading(around, liars_of(connection, device_id, boots))
    starts = [one.first_seq for one in around]
    return [reading.interval(row, bisect_right(starts, row.seq) - 1) for row in rows]
