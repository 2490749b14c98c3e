"""The version of the database's schema: which one it has, whether this program can use it, and how it is raised.

Only ``hub migrate`` (and ``hub init``, from nothing) changes it, a start never. A step is one transaction: killed in
the middle it has not been, and is done from its beginning the next time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import OperationalError

from device.errors import ConfigurationError
from device.hub.db.problems import sqlstate_of
from device.hub.db.tables import gates
from device.words import number, say

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

VERSIONS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
"""All that this program knows, the last of which it needs."""
_NOTHING: Final = "0000"
_TABLE: Final = "alembic_version"
LOCK: Final = 0x6761_7465_0001
"""PostgreSQL's advisory lock of who makes or changes tables."""
_IN_USE: Final = "55P03"
"""What it says to who has waited for a lock as long as its connection may."""
_STEPS: Final = Path(__file__).parent / "migrations"


def version_of(connection: Connection) -> str | None:
    """Return the version of a database's schema; ``None`` when nothing is there yet.

    One without a version that has a hub's tables is of before there were versions: the first.
    """
    there = inspect(connection)
    if there.has_table(_TABLE):
        found: str | None = connection.execute(text(f"SELECT version_num FROM {_TABLE}")).scalar_one_or_none()  # noqa: S608
        return found or _NOTHING
    return VERSIONS[0] if there.has_table(gates.name) else None


def must_be_current(connection: Connection, where: object) -> None:
    """Raise `ConfigurationError` when the schema is not this program's, and say what to do. Changes nothing.

    *where* is how a person names the database.
    """
    found = version_of(connection)
    if found == VERSIONS[-1]:
        return
    if found is None or found in {_NOTHING, *VERSIONS}:
        told = say(
            "{path}: the hub's database is of version {found}, this program needs {needed}; nothing was changed. "
            "Stop the hub, then run: gate-scanner hub migrate DIR",
            path=where,
            found=_shown(found or _NOTHING),
            needed=_shown(VERSIONS[-1]),
        )
        raise ConfigurationError(told)
    raise ConfigurationError(_newer(found, where))


def migrate(engine: Engine, where: object, tell: Callable[[str], None] | None = None, *, dry_run: bool = False) -> int:
    """Raise the schema to this program's, step by step; a new database begins with nothing.

    Args:
        engine: of the database.
        where: how a person names it.
        tell: takes a line about each step, before it is done.
        dry_run: tell only; nothing is changed.

    Returns:
        How many steps there were.

    Raises:
        ConfigurationError: it is newer than this program, or is being migrated already.
    """
    # Here only: a hub that serves has no use for it, and it takes memory.
    from alembic.migration import MigrationContext  # noqa: PLC0415
    from alembic.operations import Operations  # noqa: PLC0415

    logging.getLogger("alembic").setLevel(logging.WARNING)
    steps = _steps()
    done = 0
    with engine.connect() as connection, _alone(connection, where):
        while (version := _next(connection, where, done if dry_run else 0)) is not None:
            with _step(connection, undo=dry_run):
                module = steps.get_revision(version).module
                if tell is not None:
                    tell(_told(connection, version, module.TOLD, module.rows))
                if not dry_run:
                    context = MigrationContext.configure(connection)
                    with Operations.context(context):
                        module.upgrade()
                    context.stamp(steps, version)
            done += 1
    return done


@lru_cache(1)
def _steps() -> ScriptDirectory:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    return ScriptDirectory(str(_STEPS))


def _told(connection: Connection, version: str, what: str, rows: Callable[[Connection], int]) -> str:
    moved = rows(connection) if inspect(connection).has_table(gates.name) else 0
    return say(
        "version {version}: {what}; rows to move: {rows}",
        version=_shown(version),
        what=say(what),
        rows=number(moved, ","),
    )


def _next(connection: Connection, where: object, passed: int) -> str | None:
    """Return the version to go to; *passed* versions are taken for done."""
    with connection.begin():
        found = version_of(connection)
        versioned = inspect(connection).has_table(_TABLE)
    if found is not None and found not in {_NOTHING, *VERSIONS}:
        raise ConfigurationError(_newer(found, where))
    # Of one without a version the first step makes what is missing, and writes the version down.
    first = VERSIONS.index(found) + 1 if found in VERSIONS and versioned else 0
    left = VERSIONS[first + passed :]
    return left[0] if left else None


@contextmanager
def _step(connection: Connection, *, undo: bool) -> Iterator[None]:
    """Be in one transaction, also where the driver would begin none for a change of tables (SQLite's)."""
    with connection.begin() as transaction:
        if connection.dialect.name == "sqlite" and not undo:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        yield
        if undo:
            transaction.rollback()


@contextmanager
def _alone(connection: Connection, where: object) -> Iterator[None]:
    """Keep others from migrating meanwhile: on SQLite each step's own lock does."""
    if connection.dialect.name != "postgresql":
        yield
        return
    try:
        with connection.begin():
            connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
    except OperationalError as error:
        if sqlstate_of(error) != _IN_USE:
            raise
        raise ConfigurationError(say("{path}: the database is being migrated already: wait", path=where)) from None
    try:
        yield
    finally:
        if not connection.invalidated:
            with connection.begin():
                connection.execute(text(f"SELECT pg_advisory_unlock({LOCK})"))


def _newer(found: str, where: object) -> str:
    return say(
        "{path}: the hub's database is of version {found}, this program knows {needed} at most; nothing was changed. "
        "Install the newer version of this program",
        path=where,
        found=_shown(found),
        needed=_shown(VERSIONS[-1]),
    )


def _shown(version: str) -> str:
    return version.lstrip("0") or "0"
