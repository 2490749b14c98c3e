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
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update

from device.crypto.sealing import SealingKey
from device.hub.believed_clock import BelievedTime
from device.hub.db.erasure import adopt_bodies
from device.hub.db.rows import UNKNOWN_DAY, day_number
from device.hub.db.tables import (
    gates,
    sealing_days,
    upkeep,
)
from device.hub.db.tables import stray_keys as strays
from device.hub.db.time_narrowing import record_boot_contact
from device.wire.time_fields import Sent

STRAY_IDS: Final = select(strays.c.key_id)
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
        stray = and_(sealing_days.c.day == one["day"], sealing_days.c.gone, sealing_days.c.key_id.in_(STRAY_IDS))
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
