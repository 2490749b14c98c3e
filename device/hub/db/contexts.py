"""What neighbouring check-ins share, stored once: boot, place, and the key they are sealed to.

A gate has one such context a day, and one more for each boot and each place; the number is the ledger's own. Three
names of up to 112 letters become one small number a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select

from device.hub.db.rows import one_or_many
from device.hub.db.tables import contexts
from device.model import SealedRow


class Context(NamedTuple):
    """What rows share."""

    key_id: str
    boot_id: str
    place_id: str

    @classmethod
    def of(cls, row: SealedRow) -> Context:
        """Return the context of a row."""
        return cls(row.key_id, row.at.boot_id, row.place_id)


_KNOWN: Final = select(contexts.c.key_id, contexts.c.boot_id, contexts.c.place_id, contexts.c.context_no).where(
    contexts.c.ledger_id == bindparam("ledger"),
    contexts.c.key_id.in_(bindparam("keys", expanding=True)),
    contexts.c.boot_id.in_(bindparam("boots", expanding=True)),
)
_NEW: Final = insert(contexts)
_LAST: Final = select(func.max(contexts.c.context_no)).where(contexts.c.ledger_id == bindparam("ledger"))


def contexts_of(
    connection: Connection, ledger_id: int, these: Iterable[Context], days: Mapping[str, int]
) -> dict[Context, int]:
    """Return the numbers of contexts of rows that are to be stored; new ones get one.

    Args:
        connection: within a transaction that has locked the ledger.
        ledger_id: which.
        these: at least one.
        days: the sealing day of each key that is this hub's.
    """
    wanted = dict.fromkeys(these)
    asked = {"ledger": ledger_id, "keys": {one.key_id for one in wanted}, "boots": {one.boot_id for one in wanted}}
    found = {Context(*names): number for *names, number in connection.execute(_KNOWN, asked)}
    new = [one for one in wanted if one not in found]
    if new:
        last: int = connection.execute(_LAST, {"ledger": ledger_id}).scalar_one() or 0
        numbers = dict(zip(new, range(last + 1, last + 1 + len(new)), strict=True))
        values = [
            {"ledger_id": ledger_id, "context_no": number, "sealing_day": days.get(one.key_id, 0)} | one._asdict()
            for one, number in numbers.items()
        ]
        connection.execute(_NEW, one_or_many(values))
        found |= numbers
    return found
