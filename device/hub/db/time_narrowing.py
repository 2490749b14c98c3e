"""True-time intervals in the database: new rows get theirs, and narrow those of rows that were there before.

The rule is `device.hub.db.intervals`; here is what it needs to know, and how far back it is applied. All within the
transaction of the batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, insert, select, update

from device.clock import ClockReading, ClockState
from device.hub.db.intervals import Estimate, Interval, Point, claim_of, contact, estimate, narrowed
from device.hub.db.tables import anchors, checkins, liars
from device.model import SealedRow

_WORTH_MS: Final = 1_000
"""Stored rows are written anew only for a second or more: an online gate narrows a little at every contact."""
_CHUNK: Final = 500
_MOST_ESTIMATED_AGAIN: Final = 50_000
"""How many rows are estimated anew when a clock turns out to have lied."""


@dataclass(slots=True)
class Timeline:
    """Where one ledger stands in time.

    Attributes:
        ledger_id: which.
        device_id: whose.
        registered_ms: nothing of this gate was recorded before.
        head_seq: no row after this one is stored yet.
        known: when its last row was, without any gate's clock; ``None`` when there is none.
    """

    ledger_id: int
    device_id: str
    registered_ms: int
    head_seq: int
    known: Interval | None


def record_boot_contact(connection: Connection, device_id: str, at: ClockReading, now_ms: int) -> None:
    """Keep the first and the last contact of each boot; one that is not newer is a replay and tells nothing."""
    this = and_(anchors.c.device_id == device_id, anchors.c.boot_id == at.boot_id)
    last = connection.execute(select(anchors.c.last_monotonic_ms).where(this)).scalar_one_or_none()
    newest = {"last_monotonic_ms": at.monotonic_ms, "last_arrived_ms": now_ms}
    if last is None:
        first = {"first_monotonic_ms": at.monotonic_ms, "first_arrived_ms": now_ms}
        connection.execute(insert(anchors).values(device_id=device_id, boot_id=at.boot_id, **first, **newest))
    elif at.monotonic_ms > last:
        connection.execute(update(anchors).where(this).values(newest))


def narrow_new_rows(
    connection: Connection, timeline: Timeline, rows: Sequence[SealedRow], now_ms: int
) -> list[Interval]:
    """Return the intervals of new *rows*, which follow the ledger's head.

    Narrows those of stored rows, and moves `Timeline.known`.

    Args:
        connection: within a transaction.
        timeline: of the ledger they belong to.
        rows: in order, at least one.
        now_ms: when they arrived.
    """
    base = _base(timeline.registered_ms, now_ms)
    head = _head(connection, timeline, base)
    points = [Point(row.at.boot_id, row.at.monotonic_ms, base, claim_of(row.at)) for row in rows]
    boots = {point.boot_id for point in points} | ({head.boot_id} if head else set())
    lied = _liars(connection, timeline.device_id)
    chain = _merge_contacts([head, *points] if head else points, _contacts(connection, timeline.device_id, boots))
    estimated = estimate([point for point, _ in chain], lied)
    if estimated is None:  # the hub's own clock has jumped, or a gate's monotonic time is none
        timeline.known = base
        return [base] * len(points)
    if new_liars := estimated.liars - lied:
        _note_liars(connection, timeline.device_id, new_liars)
        if head is not None and head.boot_id in new_liars:
            _estimate_again(connection, timeline)
            return narrow_new_rows(connection, timeline, rows, now_ms)
    found = {index: estimated.found[at] for at, (_, index) in enumerate(chain) if index is not None}
    timeline.known = estimated.known[max(at for at, (_, index) in enumerate(chain) if index is not None)]
    if head is None:
        return [found[index] for index in range(len(points))]
    _narrow_older_rows(connection, timeline, found[0])
    return [found[index] for index in range(1, len(points) + 1)]


def late_row_interval(
    timeline: Timeline, before: Interval | None, after: Interval, row: SealedRow, now_ms: int
) -> Interval:
    """Return the interval of a row that came late, between its stored neighbours."""
    earliest_ms = timeline.registered_ms if before is None else before.earliest_ms
    known = Interval(earliest_ms, min(after.latest_ms, now_ms))
    claim = claim_of(row.at)
    return known.intersection(claim) if claim is not None and claim.overlaps(known) else known


def _base(registered_ms: int, arrived_ms: int) -> Interval:
    return Interval(min(registered_ms, arrived_ms), arrived_ms)


def _head(connection: Connection, timeline: Timeline, base: Interval) -> Point | None:
    """Return the ledger's head as a point; what is stored of it is a claim of its boot's."""
    columns = (checkins.c.boot_id, checkins.c.monotonic_ms, checkins.c.earliest_ms, checkins.c.latest_ms)
    these = and_(checkins.c.ledger_id == timeline.ledger_id, checkins.c.seq <= timeline.head_seq)
    found = connection.execute(select(*columns).where(these).order_by(checkins.c.seq.desc()).limit(1)).first()
    if found is None:
        return None
    boot_id, monotonic_ms, earliest_ms, latest_ms = found
    return Point(boot_id, monotonic_ms, timeline.known or base, Interval(earliest_ms, latest_ms))


def _contacts(connection: Connection, device_id: str, boots: Iterable[str]) -> dict[str, list[Point]]:
    these = and_(anchors.c.device_id == device_id, anchors.c.boot_id.in_(sorted(boots)))
    return {
        row.boot_id: [
            contact(row.boot_id, row.first_monotonic_ms, row.first_arrived_ms),
            contact(row.boot_id, row.last_monotonic_ms, row.last_arrived_ms),
        ]
        for row in connection.execute(select(anchors).where(these))
    }


def _merge_contacts(points: Sequence[Point], contacts: dict[str, list[Point]]) -> list[tuple[Point, int | None]]:
    """Put the contacts of each boot among its points; a point keeps its number, a contact has none."""
    chain: list[tuple[Point, int | None]] = []
    waiting: list[Point] = []
    for index, point in enumerate(points):
        if index == 0 or points[index - 1].boot_id != point.boot_id:
            chain += [(left, None) for left in waiting]
            waiting = contacts.pop(point.boot_id, [])
        while waiting and waiting[0].monotonic_ms <= point.monotonic_ms:
            chain.append((waiting.pop(0), None))
        chain.append((point, index))
    return chain + [(left, None) for left in waiting]


def _narrow_older_rows(connection: Connection, timeline: Timeline, head: Interval) -> None:
    """Carry what is now known of the head to the rows before it, as far as that narrows any of them."""
    seq, after = timeline.head_seq + 1, head
    while after is not None:
        stored = _stored(connection, timeline, checkins.c.seq < seq, _CHUNK)
        if not stored:
            return
        points = [Point(row.boot_id, row.monotonic_ms, Interval(row.earliest_ms, row.latest_ms)) for row in stored]
        points[-1] = Point(points[-1].boot_id, points[-1].monotonic_ms, points[-1].known.intersection(after))
        found = narrowed(points)
        if found is None:
            return
        changed = [
            (row.arrival, interval)
            for row, interval in zip(stored, found, strict=True)
            if _gain_ms(Interval(row.earliest_ms, row.latest_ms), interval) >= _WORTH_MS
        ]
        _write(connection, changed)
        if not changed or changed[0][0] != stored[0].arrival:
            return
        # The first of this chunk is the last of the next, so that the two of them stay neighbours.
        seq, after = stored[0].seq + 1, found[0]
        if len(stored) == 1:
            return


def _estimate_again(connection: Connection, timeline: Timeline) -> None:
    """Forget every interval of the newest rows, and find them again without the liars' claims."""
    stored = _stored(connection, timeline, checkins.c.seq <= timeline.head_seq, _MOST_ESTIMATED_AGAIN)
    points = [
        Point(row.boot_id, row.monotonic_ms, _base(timeline.registered_ms, row.arrived_ms), claim_of(_reading(row)))
        for row in stored
    ]
    chain = _merge_contacts(points, _contacts(connection, timeline.device_id, {point.boot_id for point in points}))
    estimated = estimate([point for point, _ in chain], _liars(connection, timeline.device_id))
    if estimated is None:
        estimated = Estimate([point.known for point, _ in chain], [point.known for point, _ in chain], frozenset())
    _note_liars(connection, timeline.device_id, estimated.liars - _liars(connection, timeline.device_id))
    rows = [at for at, (_, index) in enumerate(chain) if index is not None]
    timeline.known = estimated.known[rows[-1]]
    _write(connection, [(row.arrival, estimated.found[at]) for row, at in zip(stored, rows, strict=True)])


def _stored(connection: Connection, timeline: Timeline, which: Any, most: int) -> list[Any]:  # noqa: ANN401 - a condition; rows
    """Return the newest stored rows for which a condition holds, the oldest of them first."""
    columns = [
        checkins.c[name]
        for name in (
            *("arrival", "arrived_ms", "seq", "boot_id", "monotonic_ms", "wall_ms", "clock_state"),
            *("earliest_ms", "latest_ms"),
        )
    ]
    query = select(*columns).where(checkins.c.ledger_id == timeline.ledger_id, which)
    return list(reversed(connection.execute(query.order_by(checkins.c.seq.desc()).limit(most)).all()))


def _reading(row: Any) -> ClockReading:  # noqa: ANN401 - a row of `_stored`
    return ClockReading(row.boot_id, row.monotonic_ms, row.wall_ms, ClockState(row.clock_state))


def _gain_ms(before: Interval, after: Interval) -> int:
    return max(after.earliest_ms - before.earliest_ms, before.latest_ms - after.latest_ms)


def _write(connection: Connection, changed: Sequence[tuple[int, Interval]]) -> None:
    if not changed:
        return
    statement = (
        update(checkins)
        .where(checkins.c.arrival == bindparam("this"))
        .values(earliest_ms=bindparam("earliest"), latest_ms=bindparam("latest"))
    )
    values = [{"this": arrival, "earliest": start, "latest": end} for arrival, (start, end) in changed]
    connection.execute(statement, values)


def _liars(connection: Connection, device_id: str) -> frozenset[str]:
    found = connection.execute(select(liars.c.boot_id).where(liars.c.device_id == device_id))
    return frozenset(row.boot_id for row in found)


def _note_liars(connection: Connection, device_id: str, boots: Iterable[str]) -> None:
    values = [{"device_id": device_id, "boot_id": boot} for boot in sorted(boots)]
    if values:
        connection.execute(insert(liars), values)
