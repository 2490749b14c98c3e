"""Forgetting what is sealed to a key, and finding what was sealed to one that is known only now.

On SQLite what is forgotten is deleted piece by piece; on PostgreSQL a day is a partition and is dropped
(`device.hub.db.partitions`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, delete, exists, select, tuple_, update

from device.hub.db.rows import UNKNOWN_DAY, same_context
from device.hub.db.tables import bodies, checkins, contexts, quarantine

CHUNK: Final = 1_000
"""Bodies that are deleted in one transaction: nobody waits long for it."""


def erase_some(connection: Connection, sealing_day: int) -> int:
    """Delete at most `CHUNK` bodies of a day; return how many."""
    name = (bodies.c.sealing_day, bodies.c.ledger_id, bodies.c.seq, bodies.c.apart)
    some = select(*name).where(bodies.c.sealing_day == sealing_day).limit(CHUNK)
    return connection.execute(delete(bodies).where(tuple_(*name).in_(some))).rowcount


def adopt_bodies(connection: Connection, days: Mapping[str, int]) -> None:
    """Put what was sealed to keys that nobody here knew until now under their days.

    Args:
        connection: within a transaction.
        days: the sealing day of each key that is new.
    """
    if connection.execute(select(bodies.c.seq).where(bodies.c.sealing_day == UNKNOWN_DAY).limit(1)).first() is None:
        return
    unknown = bodies.c.sealing_day == UNKNOWN_DAY
    for key_id, day in days.items():
        ours = (contexts.c.key_id == key_id, contexts.c.sealing_day == UNKNOWN_DAY)
        named = (checkins.c.ledger_id == bodies.c.ledger_id, checkins.c.seq == bodies.c.seq)
        stored = exists().where(same_context(), *ours, *named)
        apart = exists().where(quarantine.c.arrival == bodies.c.apart, quarantine.c.key_id == key_id)
        for kind, theirs in ((bodies.c.apart == 0, stored), (bodies.c.apart > 0, apart)):
            connection.execute(update(bodies).where(unknown, kind, theirs).values(sealing_day=day))
        connection.execute(update(contexts).where(*ours).values(sealing_day=day))
        connection.execute(update(quarantine).where(quarantine.c.key_id == key_id).values(sealing_day=day))
