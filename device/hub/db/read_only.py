"""A database that takes nothing because it is read-only: how that is seen, and how it ends without a restart.

A card that fails is made read-only by the system, a file is by its mode; on PostgreSQL it is a standby, or
``default_transaction_read_only``. What a connection was opened as it stays, in SQLite (a file that could not be opened
for writing) as on PostgreSQL (a setting of the database or of the user): so whoever hears of it drops all connections,
and those that are made next see what has changed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, ExceptionContext, event, text

SQLSTATE: Final = "25006"
SQLITE: Final = "SQLITE_READONLY"
_IS_READ_ONLY: Final = text("SELECT current_setting('transaction_read_only')")


def drop_read_only_connections(engine: Engine) -> None:
    """Use no connection of *engine* again after one of them was told that all is read-only."""

    @event.listens_for(engine, "handle_error")
    def _drop(context: ExceptionContext) -> None:
        error = context.original_exception
        sqlite_name: str = getattr(error, "sqlite_errorname", None) or ""
        if sqlite_name.startswith(SQLITE) or getattr(error, "sqlstate", None) == SQLSTATE:
            context.is_disconnect = True


def is_read_only(engine: Engine) -> bool:
    """Return whether nothing can be written now. Raises `sqlalchemy.exc.SQLAlchemyError` when a server is silent."""
    if engine.dialect.name == "sqlite":
        return disk_is_read_only(Path(engine.url.database or "").parent)
    with engine.connect() as connection:
        return bool(connection.execute(_IS_READ_ONLY).scalar_one() == "on")


def disk_is_read_only(folder: Path) -> bool:
    """Return whether the file system of a folder is mounted so, or was made so by the system."""
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except OSError:
        return False
