"""Integrity check of the ledger file (SQLite's quick_check), once after every start, while the gate works with it."""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from device.errors import LedgerDamaged, LedgerUnavailable
from device.store.ledger import SqliteLedger
from device.store.schema import FILE_NAME, LedgerConnection, read_meta, unavailable

BREAK_OFF_MOST_S: Final = 5.0
"""Within so long it ends when it is broken off."""
log = logging.getLogger(__name__)


class Checkup:
    """SQLite's quick check on a read-only connection of its own.

    It reads the file once from end to end (a 70 MB ledger takes a card about two seconds) and never holds up the
    scan thread. Damage is told to the ledger, which sets the file aside and begins a new epoch at once. The chain
    is not walked: the centre does that with every row. Given to a `device.threads.ServiceThread`; it ends by itself.

    Args:
        ledger: told of damage.
        folder: where its file is.
    """

    def __init__(self, ledger: SqliteLedger, folder: Path) -> None:
        self._ledger = ledger
        self._path = folder / FILE_NAME
        self._connection: sqlite3.Connection | None = None
        self._stopping = False
        self._mutex = threading.Lock()

    def close(self) -> None:
        """Break it off; any thread."""
        with self._mutex:
            self._stopping = True
            if self._connection is not None:
                self._connection.interrupt()

    def run(self) -> None:
        """Check once; what it raises is a defect: nothing that a file or a card can do."""
        try:
            epoch, damage = self._look()
            if damage:
                log.error("event=ledger-damaged reason=%r", damage)
                self._ledger.condemn(epoch, damage)
        except LedgerUnavailable as error:
            log.warning("event=ledger-check-failed reason=%r", str(error))

    def _look(self) -> tuple[str, str]:
        """Return the file's epoch and what is wrong with it; nothing when it is well, or when told to stop.

        The epoch is asked of the ledger, which is sure of it.
        """
        epoch = self._ledger.epoch
        try:
            with self._mutex:
                if self._stopping:
                    return epoch, ""
                uri = f"{self._path.absolute().as_uri()}?mode=ro"
                connection = sqlite3.connect(
                    uri, uri=True, isolation_level=None, check_same_thread=False, factory=LedgerConnection
                )
                self._connection = connection
            try:
                if read_meta(connection, self._path).epoch != epoch:
                    return epoch, ""  # a new one has begun meanwhile
                (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            finally:
                with self._mutex:
                    self._connection = None
                with suppress(sqlite3.Error):
                    connection.close()
        except sqlite3.Error as error:
            if self._stopping:
                return epoch, ""
            problem = unavailable(error, self._path)
            if isinstance(problem, LedgerDamaged):
                return epoch, "what stands in it cannot be read"
            raise problem from error
        except LedgerDamaged as damage:
            return epoch, str(damage)
        return epoch, "" if said == "ok" else str(said)
