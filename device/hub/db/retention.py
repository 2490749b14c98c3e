"""Retention of sealing keys: when a day's key is destroyed, and what is sealed to it with it.

The private key of a day is destroyed when the retention has passed since the last day on which something may have been
sealed to it. That is its own day, or a later one for a gate that had no newer key, or did not know how late it was:

- rows that arrived say it themselves: the latest time at which one of them may have been recorded;
- a gate says with each contact on which day it seals now. Until it has said a later one, and has delivered what it had
  before, it may still be using the key. It is waited for as long as gates are promised to get on without a network,
  `AHEAD_DAYS` since it was heard last; a gate whose key is withdrawn is not waited for.

Whatever a gate does, it is never more than `AHEAD_DAYS` after the key's own day.

What was sealed to the key loses its body at once (`device.hub.db.erasure`), and what still arrives is expired: taken
and counted, with its times, its place and its link, so that it is known when it comes again and a copied card is still
found out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, insert, select, update

from device.clock import utc_day
from device.crypto.sealing import SealingKey
from device.hub.believed_clock import BelievedTime
from device.hub.db.erasure import adopt_bodies
from device.hub.db.rows import UNKNOWN_DAY, day_number, same_context
from device.hub.db.tables import (
    bodies,
    checkins,
    contexts,
    destructions,
    gates,
    ledgers,
    quarantine,
    sealing_days,
    upkeep,
)
from device.hub.db.tables import stray_keys as strays
from device.hub.db.time_narrowing import record_boot_contact
from device.hub.db.true_times import COLUMNS, true_times
from device.hub.keyring.keys import AHEAD_DAYS
from device.wire.time_fields import Sent

_NAMED: Final = 5
_MOST_LEDGERS: Final = 500
_STRAY_IDS: Final = select(strays.c.key_id)
_KEY_STATES: Final = select(sealing_days.c.key_id, sealing_days.c.day, sealing_days.c.destroyed_ms).where(
    sealing_days.c.key_id.in_(bindparam("these", expanding=True))
)
_CONTACT: Final = (
    update(gates)
    .where(gates.c.device_id == bindparam("device"))
    .values(contact_ms=bindparam("now_ms"), sealing_day=bindparam("day"))
)


class KeyState(NamedTuple):
    """How a key of this hub stands.

    Attributes:
        is_destroyed: nothing that is sealed to it is kept.
        sealing_day: under which day what is sealed to it lies (`device.hub.db.rows`).
        day: its own, also when it is destroyed.
    """

    is_destroyed: bool
    sealing_day: int
    day: str


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A key that is not destroyed, and until when it may have been used.

    Attributes:
        key_id: which.
        day: its own.
        last_day: the last on which something may have been sealed to it, as far as is known today.
        waits_for: gates that may still be using it, a few of them.
        stray: its day is far off: it was made when the clock had leapt.
    """

    key_id: str
    day: date
    last_day: date
    waits_for: tuple[str, ...]
    stray: bool = False

    def is_due(self, today: date, retention_days: int) -> bool:
        """Return whether the retention has passed since its last day."""
        return today - self.last_day > timedelta(days=retention_days)


@dataclass(frozen=True, slots=True)
class DestroyedKey:
    """A key that was destroyed.

    Attributes:
        at_ms: when.
        who: the hub itself, or a person.
        day: the key's own.
        last_day: the last on which something may have been sealed to it.
        checkins: how many rows lost their body with it.
    """

    at_ms: int
    who: str
    day: date
    last_day: date
    checkins: int


def last_maintenance_day(connection: Connection) -> date | None:
    """Return the day (UTC) on which keys were last looked through; ``None`` when they never were."""
    found = connection.execute(select(upkeep.c.seen_day)).scalar_one_or_none()
    return None if found is None else date.fromisoformat(found)


def record_maintenance_day(connection: Connection, day: date) -> None:
    """Record that keys were looked through on *day*."""
    if connection.execute(update(upkeep).values(seen_day=str(day))).rowcount == 0:
        connection.execute(insert(upkeep).values(one=1, seen_day=str(day)))


def record_keys(connection: Connection, keys: Iterable[SealingKey]) -> None:
    """Record the keys that are not recorded yet; only rows sealed to these are expected."""
    known = set(connection.execute(select(sealing_days.c.key_id)).scalars())
    new = [{"key_id": key.key_id, "day": str(key.day), "gone": False} for key in keys if key.key_id not in known]
    for one in new:
        # A key of that day may have been a stray one, and is destroyed: the day is this one's now.
        stray = and_(sealing_days.c.day == one["day"], sealing_days.c.gone, sealing_days.c.key_id.in_(_STRAY_IDS))
        connection.execute(update(sealing_days).where(stray).values(day=func.substr(sealing_days.c.key_id, 1, 10)))
    if new:
        connection.execute(insert(sealing_days), new)
        days = {str(one["key_id"]): day_number(date.fromisoformat(str(one["day"]))) for one in new}
        adopt_bodies(connection, days)


def any_live_key(connection: Connection) -> bool:
    """Return whether there ought to be a key: one is recorded that is not destroyed."""
    left = select(sealing_days.c.key_id).where(sealing_days.c.destroyed_ms.is_(None)).limit(1)
    return connection.execute(left).first() is not None


def live_days(connection: Connection) -> list[date]:
    """Return the days of all keys that are not destroyed."""
    found = connection.execute(select(sealing_days.c.day).where(sealing_days.c.destroyed_ms.is_(None)))
    return [date.fromisoformat(day) for day in found.scalars()]


def days_without_key(connection: Connection, key_ids: Iterable[str]) -> list[str]:
    """Return the days, the earliest first, whose key is not destroyed and is not one of these."""
    live = select(sealing_days.c.key_id, sealing_days.c.day).where(sealing_days.c.destroyed_ms.is_(None))
    there = set(key_ids)
    return sorted(day for key_id, day in connection.execute(live) if key_id not in there)


def key_states(connection: Connection, key_ids: Iterable[str]) -> dict[str, KeyState]:
    """Return which of these keys are this hub's, and how each stands."""
    found = connection.execute(_KEY_STATES, {"these": sorted(key_ids)})
    return {key_id: _key_state(day, destroyed_ms) for key_id, day, destroyed_ms in found}


def _key_state(day: str, destroyed_ms: int | None) -> KeyState:
    if destroyed_ms is not None:
        return KeyState(is_destroyed=True, sealing_day=UNKNOWN_DAY, day=day)
    return KeyState(is_destroyed=False, sealing_day=day_number(date.fromisoformat(day)), day=day)


def record_contact(
    connection: Connection, device_id: str, sent: Sent, oldest: KeyState | None, time: BelievedTime
) -> None:
    """Record that a gate was heard, what its clock said, and that nothing comes any more from before some day.

    Args:
        connection: within a transaction.
        device_id: which gate.
        sent: what it says; the day it seals on bounds what it records from now on.
        oldest: the key of the first row it sends, which bounds what it still has to deliver; ``None`` when it has
            nothing, or that is no key of ours.
        time: by the hub's clock; while that is in doubt, this is no contact that anything could be told by.
    """
    day = str(sent.sealing_day)
    if oldest is not None:
        day = min(day, oldest.day)
    # First of all: it locks the gate's row, so that two contacts at once do not both find a boot that is new.
    connection.execute(_CONTACT, {"device": device_id, "now_ms": time.now_ms, "day": day})
    if time.off_ms is None:
        record_boot_contact(connection, device_id, sent.at, time.now_ms)


def live_keys(connection: Connection, before: date, today: date) -> list[KeyUse]:
    """Return the keys of days before some day that are not destroyed, the earliest first."""
    past = and_(sealing_days.c.destroyed_ms.is_(None), sealing_days.c.day < str(before))
    keys = connection.execute(select(sealing_days).where(past).order_by(sealing_days.c.day)).all()
    return [_key_use(connection, row.key_id, date.fromisoformat(row.day), today) for row in keys]


def note_stray_keys(connection: Connection, today: date) -> None:
    """Note which keys are of days so far off that only a clock that had leapt can have made them."""
    far = and_(sealing_days.c.destroyed_ms.is_(None), sealing_days.c.day > str(today + timedelta(days=AHEAD_DAYS)))
    new = connection.execute(select(sealing_days.c.key_id).where(far, sealing_days.c.key_id.not_in(_STRAY_IDS)))
    values = [{"key_id": key_id, "noticed_day": str(today)} for key_id in new.scalars()]
    if values:
        connection.execute(insert(strays), values)


def stray_keys(connection: Connection, today: date) -> list[KeyUse]:
    """Return the keys of days far off that are not destroyed, and when they were used last, the earliest first."""
    far = and_(sealing_days.c.destroyed_ms.is_(None), sealing_days.c.day > str(today + timedelta(days=AHEAD_DAYS)))
    query = select(sealing_days.c.key_id, sealing_days.c.day, strays.c.noticed_day)
    found = connection.execute(query.join(strays).where(far).order_by(sealing_days.c.day)).all()
    return [
        _stray_use(connection, row.key_id, date.fromisoformat(row.day), date.fromisoformat(row.noticed_day), today)
        for row in found
    ]


def _stray_use(connection: Connection, key_id: str, day: date, noticed: date, today: date) -> KeyUse:
    # Until it was noticed, gates were offered the key. What seems to have come later than today came before that.
    waiting = _waiting(connection, gates.c.sealing_day >= str(day), today)
    used = [utc_day(found_ms) for found_ms in _last_uses_ms(connection, key_id, day)]
    last_day = max([noticed, *(use for use in used if use <= today), *(until for _, until in waiting)])
    return KeyUse(key_id, day, last_day, tuple(device_id for device_id, until in waiting if until == today), stray=True)


def _key_use(connection: Connection, key_id: str, day: date, today: date) -> KeyUse:
    waiting = _waiting(connection, gates.c.sealing_day <= str(day), today)
    used = [utc_day(found_ms) for found_ms in _last_uses_ms(connection, key_id, day)]
    last_day = max([day, *used, *(until for _, until in waiting)])
    waits_for = tuple(device_id for device_id, until in waiting if until == today)
    return KeyUse(key_id, day, min(last_day, day + timedelta(days=AHEAD_DAYS)), waits_for)


def _waiting(connection: Connection, may_use: ColumnElement[bool], today: date) -> list[tuple[str, date]]:
    """Return a few gates that may still be using a key, and until when each is waited for."""
    these = and_(gates.c.revocation.is_(None), may_use)
    newest = select(gates.c.device_id, gates.c.contact_ms).where(these).order_by(gates.c.contact_ms.desc())
    return [
        (device_id, min(today, utc_day(contact_ms) + timedelta(days=AHEAD_DAYS)))
        for device_id, contact_ms in connection.execute(newest.limit(_NAMED))
    ]


def _last_uses_ms(connection: Connection, key_id: str, day: date) -> list[int]:
    """Return times up to which rows sealed to a key may have been recorded; all of them before the latest."""
    apart = select(func.max(quarantine.c.arrived_ms)).where(quarantine.c.key_id == key_id)
    theirs = and_(bodies.c.sealing_day == day_number(day), bodies.c.apart == 0)
    # Rows were recorded in the order of their numbers, so of each ledger the last one tells: a look at the index each.
    newest = select(func.max(bodies.c.seq)).where(theirs, bodies.c.ledger_id == ledgers.c.ledger_id).scalar_subquery()
    every = select(ledgers.c.ledger_id, newest.label("seq")).subquery()
    last = select(every).where(every.c.seq.is_not(None)).limit(_MOST_LEDGERS + 1).subquery()
    same = and_(checkins.c.ledger_id == last.c.ledger_id, checkins.c.seq == last.c.seq)
    columns = (contexts.c.boot_id if name == "boot_id" else checkins.c[name] for name in COLUMNS)
    query = select(*columns).select_from(checkins).join(last, same).join(contexts, same_context())
    rows = connection.execute(query).all()
    if len(rows) > _MOST_LEDGERS:  # what was stored is wider, and costs one look
        stored = (
            select(func.max(checkins.c.latest_ms))
            .select_from(checkins)
            .join(bodies, and_(bodies.c.ledger_id == checkins.c.ledger_id, bodies.c.seq == checkins.c.seq))
            .where(theirs)
        )
        found = [connection.execute(stored).scalar_one()]
    else:
        found = [when.latest_ms for when in true_times(connection, rows)]
    return [used_ms for used_ms in (*found, connection.execute(apart).scalar_one()) if used_ms is not None]


def mark_destroyed(connection: Connection, key: KeyUse, who: str, now_ms: int) -> DestroyedKey:
    """Mark a key as destroyed, with the audit record; from this commit on what is sealed to it is expired."""
    # Of each table by the day alone: PostgreSQL then looks at an index, and at none of a million bodies.
    rows, apart = (
        connection.execute(
            select(func.count()).select_from(table).where(table.c.sealing_day == day_number(key.day))
        ).scalar_one()
        for table in (bodies, quarantine)
    )
    this = sealing_days.c.key_id == key.key_id
    connection.execute(update(sealing_days).where(this).values(destroyed_ms=now_ms))
    days = {"day": str(key.day), "last_day": str(key.last_day)}
    connection.execute(
        insert(destructions).values(
            at_ms=now_ms, who=who, key_id=key.key_id, checkins=rows, stored=rows - apart, **days
        )
    )
    return DestroyedKey(now_ms, who, key.day, key.last_day, rows)


def keys_to_erase(connection: Connection) -> list[tuple[str, date]]:
    """Return id and day of every key that is marked as destroyed and whose file or bodies may still be there."""
    these = and_(sealing_days.c.destroyed_ms.is_not(None), sealing_days.c.gone.is_(False))
    found = connection.execute(select(sealing_days.c.key_id, sealing_days.c.day).where(these))
    return [(key_id, date.fromisoformat(day)) for key_id, day in found]


def record_erasure(connection: Connection, key_id: str) -> None:
    """Record that neither the file of a key nor a body sealed to it is left."""
    connection.execute(update(sealing_days).where(sealing_days.c.key_id == key_id).values(gone=True))


def destroyed_keys(connection: Connection) -> list[DestroyedKey]:
    """Return the audit of what was destroyed, the oldest first."""
    found = connection.execute(select(destructions).order_by(destructions.c.destruction_id))
    return [
        DestroyedKey(row.at_ms, row.who, date.fromisoformat(row.day), date.fromisoformat(row.last_day), row.checkins)
        for row in found
    ]
