"""Check-ins that arrived while the hub's own clock was in doubt (`device.hub.believed_clock`), by number of arrival."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, exists, func, insert, select, update

from device.hub.believed_clock import BelievedTime
from device.hub.db.tables import checkins
from device.hub.db.time_tables import clock_doubts


@dataclass(frozen=True, slots=True)
class ClockDoubt:
    """Neighbours in the order of arrival that arrived nobody knows exactly when.

    Attributes:
        began_ms: when the first of them arrived, as far as is known.
        off_ms: by how much the clock was off then.
        first_arrival: their numbers, from here
        last_arrival: to here.
    """

    began_ms: int
    off_ms: int
    first_arrival: int
    last_arrival: int


def mark_doubted(connection: Connection, ledger_id: int, seqs: Iterable[int], time: BelievedTime) -> None:
    """Mark check-ins, just stored, as having arrived while the clock was in doubt.

    What another hub stored between them is marked with them.
    """
    ours = checkins.c.ledger_id == ledger_id, checkins.c.seq.in_(list(seqs))
    first, last = connection.execute(
        select(func.min(checkins.c.arrival), func.max(checkins.c.arrival)).where(*ours)
    ).one()
    goes_on = update(clock_doubts).where(clock_doubts.c.last_arrival == first - 1).values(last_arrival=last)
    if connection.execute(goes_on).rowcount == 0:
        values = {"began_ms": time.now_ms, "off_ms": time.off_ms, "first_arrival": first, "last_arrival": last}
        connection.execute(insert(clock_doubts).values(values))


def arrived_in_doubt() -> ColumnElement[bool]:
    """Return the condition that a check-in of a query is marked."""
    first, last = clock_doubts.c.first_arrival, clock_doubts.c.last_arrival
    return exists().where(first <= checkins.c.arrival, last >= checkins.c.arrival)


def read_doubts(connection: Connection) -> list[ClockDoubt]:
    """Return all of them, the oldest first."""
    columns = (clock_doubts.c[name] for name in ("began_ms", "off_ms", "first_arrival", "last_arrival"))
    return [ClockDoubt(*row) for row in connection.execute(select(*columns).order_by(clock_doubts.c.doubt_id))]
