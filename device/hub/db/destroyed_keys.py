"""Keys that are destroyed: the mark from which on what is sealed to them is expired, and the audit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, and_, func, insert, select, update

from device.hub.db.key_uses import KeyUse
from device.hub.db.rows import day_number
from device.hub.db.tables import (
    bodies,
    destructions,
    quarantine,
    sealing_days,
)


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
