"""Until when keys that are not destroyed may have been used (`device.hub.db.retention`), as far as is known today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, func, insert, select

from device.clock import utc_day
from device.hub.db.retention import STRAY_IDS
from device.hub.db.rows import day_number, same_context
from device.hub.db.tables import (
    bodies,
    checkins,
    contexts,
    gates,
    ledgers,
    quarantine,
    sealing_days,
)
from device.hub.db.tables import stray_keys as strays
from device.hub.db.true_times import COLUMNS, true_times
from device.hub.keyring.keys import AHEAD_DAYS

_NAMED: Final = 5
_MOST_LEDGERS: Final = 500


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


def live_keys(connection: Connection, before: date, today: date) -> list[KeyUse]:
    """Return the keys of days before some day that are not destroyed, the earliest first."""
    past = and_(sealing_days.c.destroyed_ms.is_(None), sealing_days.c.day < str(before))
    keys = connection.execute(select(sealing_days).where(past).order_by(sealing_days.c.day)).all()
    return [_key_use(connection, row.key_id, date.fromisoformat(row.day), today) for row in keys]


def note_stray_keys(connection: Connection, today: date) -> None:
    """Note which keys are of days so far off that only a clock that had leapt can have made them."""
    far = and_(sealing_days.c.destroyed_ms.is_(None), sealing_days.c.day > str(today + timedelta(days=AHEAD_DAYS)))
    new = connection.execute(select(sealing_days.c.key_id).where(far, sealing_days.c.key_id.not_in(STRAY_IDS)))
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
