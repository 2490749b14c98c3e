"""PostgreSQL's partitions: of check-ins by the month in which they arrived, of bodies by their sealing day.

There is no partition for the rest: a row without one would hide in it and keep the true one from being made. They are
made ahead by whoever looks after the keys, and by ``hub migrate``; a batch that finds one missing is not stored, has
the missing one made in a transaction of its own, and is tried again.

Each is made and dropped in a short transaction of its own that waits for a lock `LOCK_TIMEOUT` at most: who waits for
one keeps all others from the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from device.hub.db.problems import sqlstate_of
from device.hub.db.rows import UNKNOWN_DAY, day_number

AHEAD_DAYS: Final = 14
"""Partitions of check-ins are there for so many days to come; those of bodies as far as there are keys."""
ALARM_DAYS: Final = 7
LOCK_TIMEOUT: Final = "2s"
_LOCK: Final = 0x6761_7465_0003
"""The advisory lock of who makes or drops one."""

_GROWN: Final = """
SELECT c.relname, substr(c.relname, 8)
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_stat_all_tables s ON s.relid = c.oid
WHERE i.inhparent = 'bodies'::regclass AND c.relname <> 'bodies_unknown' AND s.n_ins_since_vacuum > 10000
ORDER BY c.relname
"""


def months_from(first: date, last: date) -> list[date]:
    """Return the first days of the months from one day to another."""
    found = [first.replace(day=1)]
    while (after := (found[-1] + timedelta(days=31)).replace(day=1)) <= last:
        found.append(after)
    return found


def is_missing(error: SQLAlchemyError) -> bool:
    """Return whether a row found no partition; no other check can fail."""
    return sqlstate_of(error) == "23514"


def make_partitions(engine: Engine, arrival_days: Iterable[date], sealing_days: Iterable[int]) -> list[str]:
    """Make the partitions that rows of these days need and that are not there; return their names.

    Args:
        engine: of PostgreSQL.
        arrival_days: days on which check-ins arrive.
        sealing_days: numbers of the days of keys (`device.hub.db.rows.day_number`).
    """
    wanted = _wanted(arrival_days, sealing_days)
    with engine.connect() as connection:
        there = _there(connection)
    made = sorted(wanted.keys() - there)
    for name in made:
        with _short(engine) as connection:
            if name not in _there(connection):  # another process may have been first
                _make(connection, name, *wanted[name])
    return made


def make_with_tables(connection: Connection, arrival_days: Iterable[date], sealing_days: Iterable[int]) -> None:
    """Make the partitions of these days in the transaction that has made the two tables: nobody else sees them yet."""
    for name, (parent, bounds) in _wanted(arrival_days, sealing_days).items():
        _make(connection, name, parent, bounds)


def _wanted(arrival_days: Iterable[date], sealing_days: Iterable[int]) -> dict[str, tuple[str, str]]:
    """Return the table and the bounds of each partition that rows of these days need, by its name."""
    wanted = {f"checkins_{month:%Y%m}": ("checkins", _month(month)) for month in arrival_days}
    return wanted | {_of_day(day): ("bodies", f"IN ({day})") for day in (UNKNOWN_DAY, *sealing_days)}


def _make(connection: Connection, name: str, parent: str, bounds: str) -> None:
    """Make one beside and then attach it: that keeps nobody from reading or writing the others meanwhile."""
    like = "INCLUDING DEFAULTS INCLUDING STORAGE"
    if parent == "bodies":
        like += " INCLUDING INDEXES"
    connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE {parent} {like})")
    if parent == "checkins":
        connection.exec_driver_sql(f"CREATE UNIQUE INDEX {name}_name ON {name} (ledger_id, seq)")
        connection.exec_driver_sql(f"CREATE INDEX {name}_arrival ON {name} (arrival)")
    connection.exec_driver_sql(f"ALTER TABLE {parent} ATTACH PARTITION {name} FOR VALUES {bounds}")


def drop_day(engine: Engine, sealing_day: int) -> None:
    """Drop all that is sealed to the key of a day; nothing happens when it is gone.

    Raises `sqlalchemy.exc.OperationalError` when somebody reads it for longer than `LOCK_TIMEOUT`: try again later.
    """
    with _short(engine) as connection:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {_of_day(sealing_day)}")


def vacuum_past(engine: Engine, today: int) -> list[str]:
    """Vacuum the partitions of bodies of days before *today* into which much has come since; return their names.

    Forgetting a day counts what goes. In a partition that was vacuumed it does so by the index alone, and looks at no
    body. PostgreSQL does this by itself too, but not when the last rows of a day have come.
    """
    with engine.connect() as connection:
        found = connection.exec_driver_sql(_GROWN).all()
    names = [name for name, number in found if UNKNOWN_DAY < int(number) < today]
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in names:
            connection.exec_driver_sql(f"VACUUM {name}")
    return names


def days_ahead(connection: Connection, today: date) -> int:
    """Return for how many days after *today* there are partitions of both tables, `AHEAD_DAYS` at most."""
    there = _there(connection)
    ahead = 0
    while ahead < AHEAD_DAYS:
        day = today + timedelta(days=ahead + 1)
        if not {f"checkins_{day:%Y%m}", _of_day(day_number(day))} <= there:
            break
        ahead += 1
    return ahead


def _there(connection: Connection) -> set[str]:
    found = connection.exec_driver_sql(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent IN ('checkins'::regclass, 'bodies'::regclass)"
    )
    return set(found.scalars())


def _of_day(sealing_day: int) -> str:
    return "bodies_unknown" if sealing_day == UNKNOWN_DAY else f"bodies_{sealing_day}"


def _month(day: date) -> str:
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    since_ms, until_ms = (
        round(datetime(one.year, one.month, 1, tzinfo=UTC).timestamp() * 1000) for one in (first, after)
    )
    return f"FROM ({since_ms}) TO ({until_ms})"


@contextmanager
def _short(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        yield connection
