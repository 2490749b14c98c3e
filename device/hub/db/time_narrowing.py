"""True-time intervals in the database, where rows come in: each gets its own, and its stretch is kept.

The rule is `device.hub.db.intervals`, what is kept of it `device.hub.db.stretches`; here is what it needs to know. A
batch costs what its own rows cost: no stored row is read, since the ledger knows its last one, and none is written.
All within the transaction of the batch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import BindParameter, Connection, and_, bindparam, delete, insert, select, text, update

from device.clock import ClockReading
from device.hub.db.extending_stretches import extend
from device.hub.db.intervals import Interval, Point, claim_of, contact
from device.hub.db.rows import one_or_many
from device.hub.db.stretches import NEAR, Bound, Bounds, Stretch
from device.hub.db.time_tables import anchors, liars, stretches
from device.model import SealedRow

_MOST_BOOTS: Final = 512
"""Of so many boots of a gate, those heard last, the contacts are kept; what they told of stored rows is kept there."""
_BOOT_CONTACT: Final = text(
    "INSERT INTO anchors (device_id, boot_id, first_monotonic_ms, first_arrived_ms, last_monotonic_ms, last_arrived_ms)"
    " VALUES (:device, :boot, :monotonic_ms, :now_ms, :monotonic_ms, :now_ms) ON CONFLICT (device_id, boot_id)"
    " DO UPDATE SET last_monotonic_ms = excluded.last_monotonic_ms, last_arrived_ms = excluded.last_arrived_ms"
    " WHERE anchors.last_monotonic_ms < excluded.last_monotonic_ms"
    " RETURNING anchors.first_monotonic_ms = anchors.last_monotonic_ms"
)
_BOOTS: Final[BindParameter[str]] = bindparam("boots", expanding=True)
_CONTACTS: Final = select(anchors).where(anchors.c.device_id == bindparam("device"), anchors.c.boot_id.in_(_BOOTS))
_LIARS: Final = select(liars.c.boot_id).where(liars.c.device_id == bindparam("device"), liars.c.boot_id.in_(_BOOTS))
_OLD_BOOTS: Final = (
    select(anchors.c.boot_id)
    .where(anchors.c.device_id == bindparam("device"))
    .order_by(anchors.c.last_arrived_ms.desc())
    .limit(_MOST_BOOTS)
    .offset(_MOST_BOOTS)
)
_NEW_STRETCHES: Final = insert(stretches)
_OF_STRETCH: Final = tuple(column.name for column in stretches.c if column.name not in {"ledger_id", "first_seq"})
_CHANGED_STRETCH: Final = (
    update(stretches)
    .where(stretches.c.ledger_id == bindparam("ledger"), stretches.c.first_seq == bindparam("of_first_seq"))
    .values({name: bindparam(f"new_{name}") for name in _OF_STRETCH})
)
_LAST: Final = (
    select(stretches)
    .where(stretches.c.ledger_id == bindparam("ledger"))
    .order_by(stretches.c.first_seq.desc())
    .limit(bindparam("most"))
)


class LastRow(NamedTuple):
    """The last stored row of a ledger, and what is stored of when it was."""

    boot_id: str
    monotonic_ms: int
    earliest_ms: int
    latest_ms: int


@dataclass(slots=True)
class Timeline:
    """Where one ledger stands in time.

    Attributes:
        ledger_id: which.
        device_id: whose.
        registered_ms: nothing of this gate was recorded before.
        head_seq: no row after this one is stored yet.
        known: when its last row was, without any gate's clock; ``None`` when there is none.
        last: that row; ``None`` when there is none.
    """

    ledger_id: int
    device_id: str
    registered_ms: int
    head_seq: int
    known: Interval | None
    last: LastRow | None


def record_boot_contact(connection: Connection, device_id: str, at: ClockReading, now_ms: int) -> None:
    """Keep the first and the last contact of each boot; one that is not newer is a replay and tells nothing."""
    this = {"device": device_id, "boot": at.boot_id, "monotonic_ms": at.monotonic_ms, "now_ms": now_ms}
    if connection.execute(_BOOT_CONTACT, this).scalar():  # its first: one that is newer leaves them apart
        _forget_boots(connection, device_id)


def _forget_boots(connection: Connection, device_id: str) -> None:
    """Forget the contacts of boots beyond `_MOST_BOOTS`, some at a time."""
    old = connection.execute(_OLD_BOOTS, {"device": device_id}).scalars().all()
    if old:
        these = and_(anchors.c.device_id == device_id, anchors.c.boot_id.in_(old))
        connection.execute(delete(anchors).where(these))


def narrow_new_rows(
    connection: Connection, timeline: Timeline, rows: Sequence[SealedRow], arrived_ms: int
) -> list[Interval]:
    """Return what is to be stored of new *rows*, which follow the ledger's head; keeps their stretches.

    Moves `Timeline.known` and `Timeline.last`.

    Args:
        connection: within a transaction.
        timeline: of the ledger they belong to.
        rows: in order, at least one.
        arrived_ms: when they arrived, at the latest.
    """
    base = _base(timeline.registered_ms, arrived_ms)
    head = _head(timeline, base)
    points = [Point(row.at.boot_id, row.at.monotonic_ms, base, claim_of(row.at)) for row in rows]
    boots = {point.boot_id for point in points} | ({head.boot_id} if head else set())
    last = None if head is None else next(iter(_last(connection, timeline, 1)), None)
    found = extend(
        [row.seq for row in rows],
        points,
        head,
        last,
        _contacts(connection, timeline.device_id, boots),
        liars_of(connection, timeline.device_id, boots),
        lambda: _believed(connection, timeline),
    )
    _note_liars(connection, timeline.device_id, found.liars)
    _keep(connection, timeline, last, found.stretches)
    timeline.known = found.known
    timeline.last = LastRow(rows[-1].at.boot_id, rows[-1].at.monotonic_ms, *found.stored[-1])
    return found.stored


def late_row_interval(timeline: Timeline, row: SealedRow, arrived_ms: int) -> Interval:
    """Return what is to be stored of a row that came late; its neighbours say the rest when it is read."""
    base, claim = _base(timeline.registered_ms, arrived_ms), claim_of(row.at)
    if claim is None or not claim.overlaps(base):
        return base
    return base.intersection(claim)


def _base(registered_ms: int, arrived_ms: int) -> Interval:
    return Interval(min(registered_ms, arrived_ms), arrived_ms)


def _head(timeline: Timeline, base: Interval) -> Point | None:
    """Return the ledger's head as a point; what is stored of it is a claim of its boot's."""
    if timeline.last is None:
        return None
    boot_id, monotonic_ms, earliest_ms, latest_ms = timeline.last
    return Point(boot_id, monotonic_ms, timeline.known or base, Interval(earliest_ms, latest_ms))


def _contacts(connection: Connection, device_id: str, boots: Iterable[str]) -> dict[str, list[Point]]:
    these = {"device": device_id, "boots": sorted(boots)}
    return {
        row.boot_id: [
            contact(row.boot_id, row.first_monotonic_ms, row.first_arrived_ms),
            contact(row.boot_id, row.last_monotonic_ms, row.last_arrived_ms),
        ]
        for row in connection.execute(_CONTACTS, these)
    }


def _last(connection: Connection, timeline: Timeline, most: int) -> list[Stretch]:
    """Return the last stretches of a ledger, in order."""
    found = connection.execute(_LAST, {"ledger": timeline.ledger_id, "most": most}).all()
    return [stretch_of(row) for row in reversed(found)]


def _believed(connection: Connection, timeline: Timeline) -> list[Stretch]:
    """Return the last stretches of a ledger, without those whose claims do not count."""
    found = _last(connection, timeline, NEAR)
    lying = liars_of(connection, timeline.device_id, {one.boot_id for one in found})
    return [one for one in found if one.boot_id not in lying]


def _keep(connection: Connection, timeline: Timeline, last: Stretch | None, changed: Sequence[Stretch]) -> None:
    """Write the stretches that are new or have changed."""
    new = [_values(one) for one in changed if last is None or one.first_seq != last.first_seq]
    if last is not None and changed and changed[0].first_seq == last.first_seq and changed[0] != last:
        values = _values(changed[0])
        this = {"ledger": timeline.ledger_id, "of_first_seq": last.first_seq}
        connection.execute(_CHANGED_STRETCH, this | {f"new_{name}": values[name] for name in _OF_STRETCH})
    if new:
        connection.execute(_NEW_STRETCHES, one_or_many([{"ledger_id": timeline.ledger_id, **one} for one in new]))


def _values(one: Stretch) -> dict[str, Any]:
    values: dict[str, Any] = {
        "first_seq": one.first_seq,
        "boot_id": one.boot_id,
        "first_monotonic_ms": one.first_monotonic_ms,
        "last_monotonic_ms": one.last_monotonic_ms,
    }
    for sort, bounds in (("known", one.known), ("claimed", one.claimed)):
        for end in ("earliest", "latest"):
            bound: Bound | None = None if bounds is None else getattr(bounds, end)
            values[f"{sort}_{end}_at"] = None if bound is None else bound.monotonic_ms
            values[f"{sort}_{end}_ms"] = None if bound is None else bound.at_ms
    return values


def stretch_of(row: Any) -> Stretch:  # noqa: ANN401 - a row of the table
    """Return a stretch as it is stored."""
    known = claimed = None
    if row.known_earliest_at is not None:
        known = Bounds(
            Bound(row.known_earliest_at, row.known_earliest_ms), Bound(row.known_latest_at, row.known_latest_ms)
        )
    if row.claimed_earliest_at is not None:
        claimed = Bounds(
            Bound(row.claimed_earliest_at, row.claimed_earliest_ms), Bound(row.claimed_latest_at, row.claimed_latest_ms)
        )
    return Stretch(row.first_seq, row.boot_id, row.first_monotonic_ms, row.last_monotonic_ms, known, claimed)


def liars_of(connection: Connection, device_id: str, boots: Collection[str]) -> frozenset[str]:
    """Return which of these boots of a gate have lied."""
    return frozenset(connection.execute(_LIARS, {"device": device_id, "boots": sorted(boots)}).scalars())


def _note_liars(connection: Connection, device_id: str, boots: set[str]) -> None:
    if boots and (new := boots - liars_of(connection, device_id, boots)):
        connection.execute(insert(liars), [{"device_id": device_id, "boot_id": boot} for boot in sorted(new)])
