"""The order of arrival where several write at once: nobody reads on past a number whose row is not there yet.

``arrival`` numbers rows as they are stored, and who reads on from the last one he saw must miss none. SQLite has one
writer. On PostgreSQL a number is taken before the commit, so that a higher one may be seen first. So who stores rows
holds an advisory lock with others who do, from before his first number to the end of his transaction; who reads has
seen the highest number that is there, and waits until those have ended who held the lock then: what they have not
stored is not stored at all, and what comes has higher numbers.

The lock is taken before a ledger's row is locked: who waits for it holds nothing.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, select, text, true

_LOCK: Final = 0x6761_7465_0002
_STORING: Final = text(f"SELECT pg_advisory_xact_lock_shared({_LOCK})")
_READING: Final = text(f"SELECT pg_advisory_xact_lock({_LOCK})")


def storing(connection: Connection) -> None:
    """Say that rows will be stored in this transaction, before anything else in it."""
    if connection.dialect.name == "postgresql":
        connection.execute(_STORING)


def settled(connection: Connection, arrival: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that no row with a lower number will come any more.

    Args:
        connection: a transaction that reads, and ends soon; there may be a short wait.
        arrival: the column of the numbers.
    """
    if connection.dialect.name != "postgresql":
        return true()
    last: int | None = connection.execute(select(func.max(arrival))).scalar_one()
    if last is not None:
        connection.execute(_READING)
        connection.commit()  # others go on
    return arrival <= (last or 0)
