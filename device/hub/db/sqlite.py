"""Opening the hub's SQLite file (WAL, synchronous=FULL)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, inspect
from sqlalchemy.exc import SQLAlchemyError

from device.errors import ConfigurationError
from device.hub.believed_clock import BelievedClock
from device.hub.db.database import HubDatabase
from device.hub.db.problems import database_problem
from device.hub.db.read_only import drop_read_only_connections
from device.hub.db.tables import gates
from device.words import say


def open_sqlite(path: Path, clock: BelievedClock, *, new: bool = False, old: bool = False) -> HubDatabase:
    """Open the hub's SQLite file as a store.

    Args:
        path: the file.
        clock: for the times of arrival.
        new: the file may be blank, and the tables are made; else one that is missing or blank is refused, because a hub
            that lost its database must not look well.
        old: take it as it is, whatever the version of its schema, to look at it or to migrate it.

    Raises:
        ConfigurationError: it is missing, blank, damaged, of another version, or cannot be opened.
    """
    if not new and not path.is_file():
        told = say("{path}: the hub's database is missing; restore a backup (gate-scanner hub restore)", path=path)
        raise ConfigurationError(told)
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 10.0})
    drop_read_only_connections(engine)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - whatever the driver connects with
        # secure_delete: what is deleted (the key of a code, a sealed body) is overwritten.
        # FULL: a receipt lets the gate forget, so the rows must survive a power cut here first.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    def truncate_log() -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    store = HubDatabase(engine, clock, truncate_log)
    try:
        blank = not inspect(engine).has_table(gates.name)
        if new and not old:
            store.create()
        if new or not blank:
            if not old:
                store.must_be_current(path)
            return store
    except ConfigurationError:
        store.close()
        raise
    except SQLAlchemyError as error:
        store.close()
        why = database_problem(error, path.parent)
        raise ConfigurationError(say("{path}: {why}", path=path, why=why)) from error
    store.close()
    told = say("{path}: the hub's database is blank; restore a backup (gate-scanner hub restore)", path=path)
    raise ConfigurationError(told)
