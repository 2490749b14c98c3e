"""Taking in a batch of a gate, in one transaction: rows are stored, known already, or quarantined.

All of them are settled then. Quarantined rows are kept whole and raise an alarm: ``fork`` when another row of that
number is stored (a cloned card, an old image restored), ``chain-broken`` when its link does not follow. No row is
thrown away.

One alarm tells of all rows that stand apart side by side.

A batch that starts beyond what was settled leaves a gap, which means that rows were lost here or skipped
there. The first time the answer is the cursor this side has, so that the gate can send them again. A gate that
comes again with a gap at the same place has nothing older; then the batch is taken and the alarm stays.
A row that comes later after all (``gate-scanner queue retry``) is stored when it fits between its neighbours.

A row whose key is destroyed (`device.hub.db.retention`) is taken and counted like any other, but nothing is kept under
its seal: it is expired.

**Exactly once.** A ledger's cursor stands in one row, which is updated before anything is read: SQLite has one writer,
PostgreSQL locks that row, and reads committed. So of all hubs and threads one at a time works on a ledger, and sees
what the one before has committed. Rows, bodies, sums and cursor are of the same transaction, and a receipt is sent
after its commit is on disk: whatever dies, before the commit nothing is stored and the gate keeps its rows; after it
the rows come again, are found under their numbers with the same links, and are answered alike. A row is stored under
(ledger, number) only where none is; a unique index of each partition is a tripwire, not the reason. The gate forgets
only what a receipt settles, so nothing is lost; its one cursor goes up only, so hubs may answer in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, bindparam, insert, literal_column, select, update

from device.hub.believed_clock import BelievedTime
from device.hub.db import time_narrowing
from device.hub.db.chain import RowsApart, SortedRows, find_head, rows_apart, sort_rows, stored_row
from device.hub.db.clock_doubts import mark_doubted
from device.hub.db.contexts import Context, contexts_of
from device.hub.db.hours import add_hours
from device.hub.db.intervals import Interval
from device.hub.db.retention import KeyState, key_states, record_contact
from device.hub.db.rows import (
    BODY_COLUMNS,
    CHECKIN_COLUMNS,
    UNKNOWN_DAY,
    checkin_values,
    insert_apart,
    insert_rows,
    one_or_many,
)
from device.hub.db.signed_heads import keep_head
from device.hub.db.tables import alarms, bodies, checkins, ledgers, places
from device.hub.db.time_narrowing import LastRow, Timeline
from device.model import Batch, Receipt, SealedRow
from device.wire.checkins import CHAIN_BROKEN
from device.wire.hash_chain import genesis, link_of
from device.wire.places import place_document
from device.wire.time_fields import Sent

MOST_ALARMS: Final = 100
"""Of one kind a ledger, but for gaps, which are asked for first: a hundred say all there is to say."""

# What every batch asks, made once: to put a statement together costs SQLAlchemy more than SQLite takes to answer it.
_THIS_LEDGER: Final = and_(ledgers.c.device_id == bindparam("device"), ledgers.c.epoch == bindparam("of_epoch"))
# As text: of what an update returns SQLAlchemy names no table in SQLite, within a query in it either.
_BEGAN: Final[ColumnElement[int]] = literal_column(
    "(SELECT gates.began_ms FROM gates WHERE gates.device_id = ledgers.device_id)"
).label("began_ms")
_HEARD: Final = update(ledgers).where(_THIS_LEDGER).values(heard_ms=bindparam("now_ms")).returning(ledgers, _BEGAN)
_NEW_LEDGER: Final = insert(ledgers).returning(ledgers, _BEGAN)
_SETTLED: Final = (
    update(ledgers)
    .where(ledgers.c.ledger_id == bindparam("ledger"))
    .values({name: bindparam(f"new_{name}") for name in ("head_seq", "head_link", "settled_seq")})
    .values({name: bindparam(f"new_{name}") for name in ("known_earliest_ms", "known_latest_ms")})
    .values({f"last_{name}": bindparam(f"new_last_{name}") for name in LastRow._fields})
    .values({name: ledgers.c[name] + bindparam(f"more_{name}") for name in ("stored", "counted", "expired")})
)
_LINKS: Final = select(checkins.c.seq, checkins.c.link).where(
    checkins.c.ledger_id == bindparam("ledger"), checkins.c.seq.between(bindparam("first"), bindparam("last"))
)
_NEW_PLACES: Final = insert(places)
_KNOWN_PLACES: Final = select(places.c.place_id).where(
    places.c.device_id == bindparam("device"), places.c.place_id.in_(bindparam("these", expanding=True))
)


@dataclass
class _Ledger:
    """One ledger while its cursor row is locked."""

    ledger_id: int
    head_seq: int
    head_link: bytes | None
    """``None`` right after a gap: what the next row follows is not here."""
    settled_seq: int
    timeline: Timeline
    """Where it stands in time."""
    stored: int = 0
    """Check-ins that are stored just now."""
    counted: int = 0
    """Those of them that count."""
    expired: int = 0
    """Those of them whose key is gone."""


def ingest(
    connection: Connection, batch: Batch, time: BelievedTime, head_signature: bytes = b"", sent: Sent | None = None
) -> Receipt:
    """Settle every row of *batch*, or answer with the cursor when there is a gap before it.

    *time* is when it arrived. *head_signature* is the gate's, verified; it is kept as evidence. *sent* is what its
    clock said.

    Raises `sqlalchemy.exc.IntegrityError` when another process made the same ledger meanwhile: try again.
    """
    now_ms = time.now_ms
    ledger = _lock_ledger(connection, batch, now_ms)
    keys = key_states(connection, {row.key_id for row in batch.rows})
    if sent is not None:
        record_contact(connection, batch.device_id, sent, keys.get(batch.rows[0].key_id), time)
    first, last = batch.rows[0].seq, batch.rows[-1].seq
    if first > ledger.settled_seq + 1:
        if _raise_alarms(connection, ledger, "gap", [ledger.settled_seq + 1], now_ms, most=None):
            return Receipt(ledger.settled_seq)
        if ledger.head_seq == ledger.settled_seq:
            ledger.head_seq, ledger.head_link = first - 1, None
            ledger.timeline.head_seq = first - 1
    apart = rows_apart(connection, ledger.ledger_id, first - 1, last)
    head = find_head(connection, ledger.ledger_id, batch, (ledger.head_seq, ledger.head_link), apart)
    sorted_rows = sort_rows(head, batch.rows, _stored_links(connection, ledger, first, last), apart)
    ledger.head_seq, ledger.head_link = head.seq, head.link
    _fill_gaps(connection, ledger, batch, sorted_rows)
    _keep_places(connection, batch)
    if unknown := next((row for row in batch.rows if row.key_id not in keys), None):  # one of a batch is enough
        _raise_alarms(connection, ledger, "unknown-key", [unknown.seq], now_ms)
    _store_rows(connection, ledger, sorted_rows.fresh, time, keys)
    _quarantine(connection, ledger, sorted_rows.parked, apart, now_ms, keys)
    if head_signature:
        keep_head(connection, ledger.ledger_id, batch.rows[-1], head_signature, disputed=bool(sorted_rows.parked))
    known = ledger.timeline.known
    settled = {
        "ledger": ledger.ledger_id,
        "new_head_seq": ledger.head_seq,
        "new_head_link": ledger.head_link or b"",
        "new_settled_seq": max(ledger.settled_seq, last),
        "new_known_earliest_ms": known and known.earliest_ms,
        "new_known_latest_ms": known and known.latest_ms,
        "more_stored": ledger.stored,
        "more_counted": ledger.counted,
        "more_expired": ledger.expired,
    }
    last_row = ledger.timeline.last or (None,) * len(LastRow._fields)
    settled |= {f"new_last_{name}": value for name, value in zip(LastRow._fields, last_row, strict=True)}
    connection.execute(_SETTLED, settled)
    parked = tuple((row.seq, reason) for row, reason in sorted_rows.parked)
    return Receipt(last, parked, stored=len(sorted_rows.fresh))


def _lock_ledger(connection: Connection, batch: Batch, now_ms: int) -> _Ledger:
    """Lock the ledger's row before reading it: two answers at once must not work from one cursor."""
    this = {"device": batch.device_id, "of_epoch": batch.epoch}
    found = connection.execute(_HEARD, this | {"now_ms": now_ms}).one_or_none()
    if found is None:
        head = {"head_seq": 0, "head_link": genesis(batch.device_id, batch.epoch), "settled_seq": 0}
        values = {"device_id": batch.device_id, "epoch": batch.epoch, "heard_ms": now_ms, **head}
        found = connection.execute(_NEW_LEDGER, values).one()
    known = None
    if found.known_earliest_ms is not None:
        known = Interval(found.known_earliest_ms, found.known_latest_ms)
    last = None
    if found.last_boot_id is not None:
        last = LastRow(*(getattr(found, f"last_{name}") for name in LastRow._fields))
    timeline = Timeline(found.ledger_id, batch.device_id, found.began_ms, found.head_seq, known, last)
    return _Ledger(found.ledger_id, found.head_seq, found.head_link or None, found.settled_seq, timeline)


def _store_rows(
    connection: Connection, ledger: _Ledger, fresh: list[SealedRow], time: BelievedTime, keys: Mapping[str, KeyState]
) -> None:
    """Store new rows, each with the interval in which it truly was, as far as its boot tells until now."""
    late = [row for row in fresh if row.seq <= ledger.timeline.head_seq]
    new = [row for row in fresh if row.seq > ledger.timeline.head_seq]
    placed = [(row, time_narrowing.late_row_interval(ledger.timeline, row, time.latest_ms)) for row in late]
    if new:
        intervals = time_narrowing.narrow_new_rows(connection, ledger.timeline, new, time.latest_ms)
        placed += zip(new, intervals, strict=True)
    if not placed:
        return
    days = {key_id: state.sealing_day for key_id, state in keys.items()}
    theirs = [Context.of(row) for row, _ in placed]
    numbers = contexts_of(connection, ledger.ledger_id, theirs, days)
    rows = [
        checkin_values(ledger.ledger_id, row, when, numbers[context], time.now_ms)
        for (row, when), context in zip(placed, theirs, strict=True)
    ]
    insert_rows(connection, checkins, CHECKIN_COLUMNS, rows)
    _keep_bodies(connection, ledger, [(row, 0) for row in fresh], keys)
    add_hours(connection, ledger.ledger_id, placed)
    ledger.stored, ledger.counted = len(rows), sum(row.counted for row in fresh)
    gone = _gone(keys)
    ledger.expired = sum(row.key_id in gone for row in fresh)
    if time.off_ms is not None:
        mark_doubted(connection, ledger.ledger_id, [row.seq for row in fresh], time)


def _gone(keys: Mapping[str, KeyState]) -> set[str]:
    return {key_id for key_id, state in keys.items() if state.is_destroyed}


def _day(keys: Mapping[str, KeyState], row: SealedRow) -> int:
    return keys[row.key_id].sealing_day if row.key_id in keys else UNKNOWN_DAY


def _keep_bodies(
    connection: Connection, ledger: _Ledger, rows: list[tuple[SealedRow, int]], keys: Mapping[str, KeyState]
) -> None:
    """Keep what is sealed of rows, each with its arrival in quarantine, or 0; nothing of a key that is destroyed."""
    gone, days = _gone(keys), {key_id: state.sealing_day for key_id, state in keys.items()}
    kept = [
        (days.get(row.key_id, UNKNOWN_DAY), ledger.ledger_id, row.seq, apart, row.sealed)  # `BODY_COLUMNS`
        for row, apart in rows
        if row.key_id not in gone
    ]
    if kept:
        insert_rows(connection, bodies, BODY_COLUMNS, kept)


def _stored_links(connection: Connection, ledger: _Ledger, first: int, last: int) -> dict[int, bytes]:
    if first > ledger.head_seq:
        return {}
    found = connection.execute(_LINKS, {"ledger": ledger.ledger_id, "first": first, "last": last})
    return {row.seq: row.link for row in found}


def _quarantine(  # noqa: PLR0913, PLR0917 - as `_store_rows`, and what stands apart already
    connection: Connection,
    ledger: _Ledger,
    parked: list[tuple[SealedRow, str]],
    apart: RowsApart,
    now_ms: int,
    keys: Mapping[str, KeyState],
) -> None:
    new = [(row, reason) for row, reason in parked if row.link not in apart.get(row.seq, ())]
    if not new:
        return
    rows = [(row, reason, _day(keys, row)) for row, reason in new]
    arrivals = insert_apart(connection, ledger.ledger_id, rows, now_ms)
    _keep_bodies(connection, ledger, [(row, apart) for (row, _), apart in zip(new, arrivals, strict=True)], keys)
    told = {*apart, *(row.seq for row, _ in new)}
    for kind in dict.fromkeys(reason for _, reason in new):
        first = [row.seq for row, reason in new if reason == kind and row.seq - 1 not in told]
        _raise_alarms(connection, ledger, kind, first, now_ms)


def _fill_gaps(connection: Connection, ledger: _Ledger, batch: Batch, result: SortedRows) -> None:
    """Move rows that a gap was left for from what is parked to what is stored."""
    for row, reason in list(result.parked):
        if reason == CHAIN_BROKEN and row.seq < ledger.head_seq and _fits(connection, ledger, batch, row):
            result.parked.remove((row, reason))
            result.fresh.append(row)


def _fits(connection: Connection, ledger: _Ledger, batch: Batch, row: SealedRow) -> bool:
    """Return whether *row* follows the row before it and the row after it follows *row*, both stored."""
    ours = checkins.c.ledger_id == ledger.ledger_id
    previous: bytes | None = genesis(batch.device_id, batch.epoch)
    if row.seq > 1:
        before = select(checkins.c.link).where(ours, checkins.c.seq == row.seq - 1)
        previous = connection.execute(before).scalar_one_or_none()
    if previous is None or link_of(previous, row) != row.link:
        return False
    after = stored_row(connection, ledger.ledger_id, row.seq + 1)
    return after is not None and bool(after.sealed) and link_of(row.link, after) == after.link


def _raise_alarms(  # noqa: PLR0913, PLR0917 - what, where and when
    connection: Connection, ledger: _Ledger, kind: str, seqs: list[int], now_ms: int, most: int | None = MOST_ALARMS
) -> bool:
    """Raise alarms about rows, each once and no more than *most* of a kind; return whether there are new ones."""
    alike = and_(alarms.c.ledger_id == ledger.ledger_id, alarms.c.kind == kind)
    if most is None:
        alike = and_(alike, alarms.c.seq.in_(seqs))
    there = set(connection.execute(select(alarms.c.seq).where(alike).limit(most)).scalars())
    new = [seq for seq in seqs if seq not in there][: None if most is None else max(0, most - len(there))]
    if new:
        values = {"ledger_id": ledger.ledger_id, "kind": kind, "raised_ms": now_ms}
        connection.execute(insert(alarms), [values | {"seq": seq} for seq in new])
    return bool(new)


def _keep_places(connection: Connection, batch: Batch) -> None:
    these = {"device": batch.device_id, "these": [name for name, _ in batch.places]}
    known = set(connection.execute(_KNOWN_PLACES, these).scalars())
    new = [
        {"device_id": batch.device_id, "place_id": place_id, "document": place_document(place)}
        for place_id, place in batch.places
        if place_id not in known
    ]
    if new:
        connection.execute(_NEW_PLACES, one_or_many(new))
