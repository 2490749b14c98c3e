"""Opening the hub's database on a PostgreSQL server, with psycopg 3. Any number of hubs may use one.

A receipt lets the gate forget, so no connection of a hub commits before its server's disk has it, whatever is set for
the server, the database or the user.
"""

from __future__ import annotations

import re
from typing import Any, Final

import psycopg
from sqlalchemy import URL, Connection, create_engine, event, inspect
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from device.errors import ConfigurationError
from device.hub.believed_clock import BelievedClock
from device.hub.db.database import HubDatabase
from device.hub.db.problems import database_problem
from device.hub.db.read_only import drop_read_only_connections
from device.hub.db.tables import gates
from device.words import say, sentence

OLDEST: Final = 14
"""The oldest server that a hub uses; its makers look after it until November 2026."""
WRITERS: Final = 4
"""Transactions that write at once, of one process."""
CONNECTIONS: Final = 10
"""Of one process at most. The rest wait."""
_WAIT_S: Final = 5
_SETTINGS: Final = {
    "application_name": "gate-scanner hub",
    "default_transaction_isolation": "read committed",  # the locked row of a ledger orders what is done to it
    "idle_in_transaction_session_timeout": "30s",
    "lock_timeout": "3s",  # a gate that waits holds its line; it comes again
    "statement_timeout": "60s",
    "TimeZone": "UTC",
}
_PREPARE: Final = "SELECT {}, set_config('synchronous_commit', {}, false)".format(
    ", ".join(f"set_config('{name}', '{value}', false)" for name, value in _SETTINGS.items()),
    "CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END",
)
_LINE: Final = {
    "connect_timeout": _WAIT_S,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""A server that is gone without a word is noticed within half a minute."""
_REFUSED: Final = (
    ("password", sentence("database.url: {url}: the server refuses the user or the password")),
    (
        'role ".*" does not exist',
        sentence("database.url: {url}: the server does not know the user; make it: createuser NAME"),
    ),
    (
        "no pg_hba.conf entry",
        sentence("database.url: {url}: the server does not let this machine in (pg_hba.conf)"),
    ),
    (
        'database ".*" does not exist',
        sentence("database.url: {url}: there is no such database; make it: createdb -O USER NAME"),
    ),
)
"""What the driver says when a server answers with a no; there is no SQLSTATE then, and other languages stay as told."""
_AWAY: Final = sentence("database.url: {url}: no server answers there ({why}); start it, or correct the address")


def open_postgres(url: URL, clock: BelievedClock, *, new: bool = False, old: bool = False) -> HubDatabase:
    """Open a database of a PostgreSQL server as a store (`device.hub.db.opening.open_database`).

    Raises:
        ConfigurationError: it cannot be used; says why, with the name of the key and without the password.
    """
    engine = create_engine(
        url,
        connect_args={**_LINE, **url.query},
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=_WAIT_S,
        pool_pre_ping=True,  # a server that was started anew costs nobody an answer
    )
    event.listen(engine, "connect", _prepare)
    drop_read_only_connections(engine)
    store, shown = HubDatabase(engine, clock, writers=WRITERS), url.render_as_string(hide_password=True)
    try:
        with engine.begin() as connection:
            _check_server(connection.connection.driver_connection, shown)
            if not new:
                _check_there(connection, shown)
        if new and not old:
            store.create()
        if not old:
            store.must_be_current(shown)
    except SQLAlchemyError as error:
        store.close()
        raise ConfigurationError(_unusable(error, shown)) from None  # its text may hold the address whole
    except ConfigurationError:
        store.close()
        raise
    return store


def _check_there(connection: Connection, shown: str) -> None:
    if not inspect(connection).has_table(gates.name):
        told = say("database.url: {url}: blank; restore a backup (gate-scanner hub restore)", url=shown)
        raise ConfigurationError(told)


def _prepare(connection: psycopg.Connection[Any], _: object) -> None:
    """Set what a hub relies on; a server that does not take it is none of ours."""
    found = connection.execute(_PREPARE.encode()).fetchone()
    connection.commit()
    if found is None or found[-1] not in ("on", "remote_apply"):
        raise psycopg.OperationalError("synchronous_commit cannot be set")


def _check_server(connection: Any, shown: str) -> None:  # noqa: ANN401 - the driver's own, which SQLAlchemy does not type
    check_version(connection.info.server_version, shown)
    if connection.execute("SHOW fsync").fetchone() != ("on",):
        raise ConfigurationError(
            say(
                "database.url: {url}: its server has fsync off and loses check-ins with the power; set it on", url=shown
            )
        )


def check_version(version: int, shown: str) -> None:
    """Refuse a server that is too old.

    Args:
        version: as the server says it, 150018 is 15.18.
        shown: its URL without the password.

    Raises:
        ConfigurationError: it is.
    """
    if version < OLDEST * 10_000:
        raise ConfigurationError(
            say(
                "database.url: {url}: PostgreSQL {found} is too old; a hub needs {oldest} or newer",
                url=shown,
                found=version // 10_000,
                oldest=OLDEST,
            )
        )


def _unusable(error: SQLAlchemyError, shown: str) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(cause, psycopg.ProgrammingError) and cause.sqlstate is None:
        return say("database.url: {url}: has a parameter behind its ? that libpq does not know", url=shown)
    if not isinstance(cause, psycopg.OperationalError) or cause.sqlstate is not None:
        return say("database.url: {url}: {why}", url=shown, why=database_problem(error, None))
    told = str(cause).partition(" failed: ")[2] or str(cause)
    for pattern, words in _REFUSED:
        if re.search(pattern, told):
            return say(words, url=shown)
    return say(_AWAY, url=shown, why=told.strip().splitlines()[0])
