"""Opening the hub's database: a SQLite file, or a PostgreSQL server's by its URL."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL

from device.hub.believed_clock import BelievedClock
from device.hub.db.database import HubDatabase
from device.hub.db.postgres import open_postgres
from device.hub.db.sqlite import open_sqlite


def open_database(where: Path | URL, clock: BelievedClock, *, new: bool = False, old: bool = False) -> HubDatabase:
    """Open the hub's database.

    Args:
        where: a SQLite file, or ``postgresql+psycopg://USER:PASSWORD@HOST/NAME`` with the parameters of libpq behind a
            ``?`` (``host=/run/postgresql``, ``sslmode=verify-full``).
        clock: for the times of arrival.
        new: make the tables; else a database that is missing or blank is refused, because a hub that lost its database
            must not look well.
        old: take it as it is, whatever the version of its schema, to look at it or to migrate it.

    Raises:
        ConfigurationError: it cannot be used; says why, with the name of the key and without the password.
    """
    if isinstance(where, URL):
        return open_postgres(where, clock, new=new, old=old)
    return open_sqlite(where, clock, new=new, old=old)
