"""Moving a hub from its SQLite file to the PostgreSQL that its ``hub.yaml`` names (``gate-scanner hub move``).

All rows are copied in one transaction: broken off, nothing is there, and the next call begins anew. The file stays as
it was; gates go on where they were, for their cursors come along.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Table, func, select, text

from device.clock import utc_day
from device.errors import ConfigurationError
from device.hub.backup import in_use
from device.hub.damage import check_whole
from device.hub.db import account_tables, gate_state, gate_tables
from device.hub.db.copying import copy_rows
from device.hub.db.opening import open_database
from device.hub.db.registry_tables import registered_places
from device.hub.db.supervision_tables import place_standings
from device.hub.db.tables import bodies, checkins, metadata
from device.hub.folder import HubFolder
from device.words import number, say

_AT_ONCE: Final = 10_000
_TABLES: Final = metadata.sorted_tables
# Of those modules, whose import puts them there.
assert {gate_state.gate_state, gate_tables.gate_groups, account_tables.accounts} <= {*_TABLES}
assert {registered_places, place_standings} <= {*_TABLES}
_NEXT: Final = "SELECT setval({sequence}, coalesce((SELECT max({column}) FROM {table}), 0) + 1, false)"


def move(folder: HubFolder, tell: Callable[[str], None]) -> Path:
    """Copy all that is in the hub's SQLite file into its PostgreSQL.

    Args:
        folder: of the hub, which is stopped.
        tell: takes a line about each table.

    Returns:
        The file, which is not used any more.

    Raises:
        ConfigurationError: ``hub.yaml`` names no PostgreSQL, a hub runs here, there is no file, it is damaged or of
            another version, or the database is not a blank one.
    """
    url = folder.database_url()
    if url is None:
        told = say("{path}: database.url: name the PostgreSQL to move to", path=folder.path / "hub.yaml")
        raise ConfigurationError(told)
    with in_use(folder.path, alone=True):
        check_whole(folder.database)
        with (
            closing(open_database(folder.database, folder.clock)) as old,
            closing(open_database(url, folder.clock, new=True)) as new,
        ):
            if new.gates():
                shown = url.render_as_string(hide_password=True)
                told = say("database.url: {url}: a hub is there already; nothing was changed", url=shown)
                raise ConfigurationError(told)
            with old.reading() as source:
                new.make_partitions_for(*_days(source))
                with new.begin() as target:
                    for table in _TABLES:
                        tell(f"{table.name}: {number(_copy(source, target, table), ',')}")
                    _count_on(target)
    return folder.database


def _days(source: Connection) -> tuple[list[date], list[int]]:
    """Return between which days check-ins arrived, and the days to which something is sealed."""
    first, last = source.execute(select(func.min(checkins.c.arrived_ms), func.max(checkins.c.arrived_ms))).one()
    days = [utc_day(ms) for ms in (first, last) if ms is not None]
    return days, list(source.execute(select(bodies.c.sealing_day).distinct()).scalars())


def _copy(source: Connection, target: Connection, table: Table) -> int:
    """Copy one table; return how many rows it has."""
    names, copied = tuple(column.name for column in table.columns), 0
    query = select(table).execution_options(yield_per=_AT_ONCE)
    for some in source.execute(query).partitions():
        copy_rows(target, table, names, [tuple(row) for row in some])
        copied += len(some)
    return copied


def _count_on(target: Connection) -> None:
    """Let the numbers that the server gives begin behind those that were copied."""
    for table in _TABLES:
        column = table.autoincrement_column
        if column is None:
            continue
        name = "'checkins_arrival'" if table is checkins else f"pg_get_serial_sequence('{table.name}', '{column.name}')"
        if target.execute(text(f"SELECT {name}")).scalar_one() is not None:
            target.execute(text(_NEXT.format(sequence=name, column=column.name, table=table.name)))
