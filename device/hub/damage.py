"""Damage of the hub's SQLite file: looked for before the hub serves, and in a large file while it does.

To look through a file takes as long as it is large. So the whole of it is looked through before the first request only
while it is small; of a larger one that on which everything hangs (`_NEEDED`), and the rest on a thread beside the
requests. When damage is found there, the hub ends and says so: what it might yet acknowledge, gates would forget. A
mark beside the file lets no later start serve before all of it was looked through.

Reading keeps no writer waiting; but while it lasts, the write-ahead log grows and is not begun anew.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from device.clock import Clock
from device.durable import replace_file
from device.errors import ConfigurationError
from device.words import say, sentence

MARK: Final = "hub.db-damaged"
"""A file beside the database in which damage was found; it goes where the database goes."""
SMALL_BYTES: Final = 64 << 20
"""So much is looked through in a part of a second."""
_NEEDED: Final = ("alembic_version", "gates", "codes", "ledgers", "sealing_days", "stray_keys", "upkeep")
"""Tables that stay small however many check-ins there are, and that every request needs."""
_STEPS: Final = 10_000
"""Of SQLite's, a few thousand rows: after so many it rests as long as they took."""
_BAD: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR")
_DAMAGED: Final = sentence(
    "{file}: the hub's database is damaged; nothing was changed. "
    "gate-scanner hub restore DIR BACKUP puts a backup in its place (hub backup makes one)"
)
_FOUND: Final = sentence(
    "{file}: damage was found in the hub's database while it ran, so it has ended; gates keep what they have. "
    "gate-scanner hub restore DIR BACKUP puts a backup in its place (hub backup makes one) and keeps this file"
)
log = logging.getLogger(__name__)


def check_whole(database: Path) -> None:
    """Look through a database, if it is there, for damage. Raises `ConfigurationError`, which says what to do."""
    _check(database, lambda _: ["PRAGMA quick_check(1)"])


def check_at_start(database: Path) -> bool:
    """Look for damage before the hub serves; return whether the rest is to be looked through while it does.

    Raises `ConfigurationError`, which says what to do.
    """
    if not database.is_file():
        return False
    mark = database.with_name(MARK)
    if mark.exists() or database.stat().st_size <= SMALL_BYTES:
        check_whole(database)
        with suppress(OSError):
            mark.unlink(missing_ok=True)
        return False
    _check(database, lambda there: [f"PRAGMA quick_check('{name}')" for name in _NEEDED if name in there])
    return True


def _check(database: Path, checks: Callable[[set[str]], list[str]]) -> None:
    """Make checks, which may depend on the tables that are there."""
    if not database.is_file():
        return
    try:
        with closing(_open(database)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            found = {connection.execute(check).fetchone()[0] for check in checks(tables)}
    except sqlite3.Error as error:
        found = {_name_of(error)}
    if found - {"ok"}:
        raise ConfigurationError(say(_DAMAGED, file=database))


def _open(database: Path) -> sqlite3.Connection:
    uri = f"{database.resolve().as_uri()}?mode=ro"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)


def _name_of(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", None) or type(error).__name__


class DamageSearch:
    """Looks through the whole of a database once, and rests as often as it works.

    `device.threads.ServiceThread` runs it.

    Args:
        database: the file.
        clock: for the rests.
        found: called, on the thread, when there is damage.

    Attributes:
        told: what is wrong and what to do, when there is damage; else nothing.
    """

    def __init__(self, database: Path, clock: Clock, found: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._found = found
        self._stop = threading.Event()
        self._mutex = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._rested_s = 0.0
        self.told = ""

    def close(self) -> None:
        """Break it off; any thread."""
        self._stop.set()
        with self._mutex:
            if self._connection is not None:
                self._connection.interrupt()

    def run(self) -> None:
        """Look once; what it raises is a defect: nothing that a file or a disk can do."""
        began_s = self._rested_s = self._clock.monotonic_s()
        try:
            said = self._look()
        except sqlite3.Error as error:
            said = _name_of(error)
            if self._stop.is_set():
                return
            if not said.startswith(_BAD):
                log.warning("event=database-check-failed reason=%s", said)
                return
        if said != "ok":
            self._condemn()
        else:
            log.info("event=database-whole seconds=%.0f", self._clock.monotonic_s() - began_s)

    def _look(self) -> str:
        with closing(_open(self._database)) as connection:
            with self._mutex:
                if self._stop.is_set():
                    raise sqlite3.OperationalError
                self._connection = connection
            try:
                connection.set_progress_handler(self._rest, _STEPS)
                return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
            finally:
                with self._mutex:
                    self._connection = None

    def _rest(self) -> int:
        """Wait as long as was worked since the last rest; other than 0 breaks it off."""
        worked_s = self._clock.monotonic_s() - self._rested_s
        stopped = self._clock.wait(self._stop, worked_s)
        self._rested_s = self._clock.monotonic_s()
        return int(stopped)

    def _condemn(self) -> None:
        self.told = say(_FOUND, file=self._database)
        log.critical("event=database-damaged reason=%r", self.told)
        try:
            replace_file(self._database.with_name(MARK), b"")
        except OSError as error:
            log.error("event=database-mark-failed reason=%s", type(error).__name__)  # noqa: TRY400 - all there is to say
        self._found()
