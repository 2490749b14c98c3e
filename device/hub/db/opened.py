"""The hub's database as it is opened: its engine, its transactions, its schema. Safe on any thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from device.hub.believed_clock import BelievedClock
from device.hub.db import partitions
from device.hub.db.fair_lock import FairLock
from device.hub.db.problems import may_go_through
from device.hub.db.read_only import is_read_only
from device.hub.db.schema import migrate, must_be_current
from device.hub.db.tables import gates
from device.hub.db.transactions import Transactions

_TRIES: Final = 5
_T = TypeVar("_T")


class OpenedDatabase:
    """The hub's database.

    Args:
        engine: of SQLite or of PostgreSQL; the statements are kept to what both have.
        clock: for the times of arrival.
        truncate_log: takes what was deleted out of the database's log too; ``None`` where there is none.
        writers: how many may write at once.

    Attributes:
        clock: the same.
    """

    def __init__(
        self,
        engine: Engine,
        clock: BelievedClock,
        truncate_log: Callable[[], None] | None = None,
        writers: int = 1,
    ) -> None:
        self._engine = engine
        self.clock = clock
        self._truncate_log = truncate_log
        self._transactions = Transactions(engine, clock, writers)

    @property
    def folder(self) -> Path | None:
        """Where its file lies; ``None`` when it is a server's."""
        is_file = self._engine.dialect.name == "sqlite"
        return Path(self._engine.url.database or "").parent if is_file else None

    def create(self) -> None:
        """Make the tables of a new hub, by every step that there ever was."""
        migrate(self._engine, self._engine.url)

    def migrate(self, where: object, tell: Callable[[str], None] | None = None, *, dry_run: bool = False) -> int:
        """Raise its schema to this program's (`device.hub.db.schema.migrate`)."""
        return migrate(self._engine, where, tell, dry_run=dry_run)

    def must_be_current(self, where: object) -> None:
        """Raise `ConfigurationError` when its schema is not this program's; *where* is how a person names it."""
        with self._engine.connect() as connection:
            must_be_current(connection, where)

    @property
    def is_partitioned(self) -> bool:
        """Whether its tables of rows have partitions: on PostgreSQL."""
        return self._engine.dialect.name == "postgresql"

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def begin(self) -> AbstractContextManager[Connection]:
        """Begin a transaction; it is committed when the block ends, and undone when that raises."""
        return self._transactions.begin()

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a connection that only reads: no writer waits for it."""
        return self._engine.connect()

    def together(self, works: Sequence[Callable[[], _T]]) -> list[_T | Exception]:
        """Do pieces of work that write in one transaction (`Transactions.together`)."""
        return self._transactions.together(works)

    @property
    def writers(self) -> FairLock:
        """The lock that writers of this process wait for, one after the other."""
        return self._transactions.writers

    def now_ms(self) -> int:
        """Return the hub's time, as far as it can be believed."""
        return self.clock.now().now_ms

    def check(self) -> None:
        """Ask the database something; raises `sqlalchemy.exc.SQLAlchemyError` when it does not answer."""
        with self._engine.connect() as connection:
            connection.execute(select(func.count()).select_from(gates))

    def is_read_only(self) -> bool:
        """Return whether nothing can be written now (`device.hub.db.read_only`)."""
        return is_read_only(self._engine)

    def any_gate(self) -> bool:
        """Return whether a gate is registered, whatever the version of the schema."""
        with self._engine.connect() as connection:
            there = inspect(connection).has_table(gates.name)
            return there and connection.execute(select(gates.c.device_id).limit(1)).first() is not None

    def persist(self, work: Callable[[Connection], _T], mend: Callable[[], None] | None = None) -> _T:
        """Do *work* in a transaction, and again when somebody else's went first.

        Also when a partition was missing: *mend* makes it, in a transaction of its own. Within `together` it is done
        once: that does each piece by itself when one has failed.
        """
        for _ in range(0 if self._transactions.is_shared else _TRIES - 1):
            try:
                with self.begin() as connection:
                    return work(connection)
            except SQLAlchemyError as error:
                if mend is not None and partitions.is_missing(error):
                    mend()
                elif not may_go_through(error):
                    raise
        with self.begin() as connection:
            return work(connection)
