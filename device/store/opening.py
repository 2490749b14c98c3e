"""Opening a ledger for writing: its owner, its hash chain and its log are checked before a row is added."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from device.durable import sync_folder
from device.errors import LedgerDamaged, LedgerFull, LedgerUnavailable
from device.store.ballast import Ballast
from device.store.delivery_state import read_delivery
from device.store.folder import Footprint
from device.store.limits import Limits, refuse_volatile
from device.store.rows import link_at, proved, rows_after
from device.store.schema import FILE_NAME, Meta, complete, connect, create, is_blank, read_meta, unavailable
from device.store.write_ahead_log import is_log_damaged
from device.words import say

_TAIL_ROWS: Final = 64
"""How many of the last rows are proved by the chain when the file is opened; `reading` proves all of them."""


class Checkpoint(Enum):
    """Whether the write-ahead log is checkpointed into the file when that is opened, and all of it synced.

    Linux reports a failed sync once and then takes the pages for clean: a frame may be in memory and not on the
    card, and no later sync writes it. A row appended behind such a frame would be lost with it. A checkpoint writes
    all of it anew. The next process has the same memory, so the first opening makes one too.
    """

    NO = "no"
    IF_POSSIBLE = "if-possible"
    """Unless somebody reads, or there is no room for it."""
    MUST = "must"
    """The card refused a write or a sync since the file was opened last: nothing is believed before."""


@dataclass(slots=True)
class OpenedLedger:
    """A connection and where the chain stands.

    Attributes:
        full_at_seq: up to this row the row cap cannot be reached; 0 when it was not looked at yet.
    """

    connection: sqlite3.Connection
    meta: Meta
    seq: int
    link: bytes
    footprint: Footprint
    full_at_seq: int = 0


@dataclass(frozen=True, slots=True)
class LedgerOpener:
    """How the ledger in *folder* is opened.

    Attributes:
        ballast: released when there is no room even to open the file.
    """

    folder: Path
    device_id: str
    limits: Limits
    ballast: Ballast

    def open(self, checkpoint: Checkpoint) -> OpenedLedger:
        """Open the ledger, or make one.

        Raises:
            LedgerDamaged: it is to be set aside.
            LedgerUnavailable: it cannot be used now.
        """
        try:
            return self._open(checkpoint)
        except LedgerFull:
            if not self.ballast.release():
                raise
            return self._open(checkpoint)

    def _open(self, checkpoint: Checkpoint) -> OpenedLedger:
        """Leave nothing open when it raises."""
        path = self.folder / FILE_NAME
        connection: sqlite3.Connection | None = None
        if not self.limits.volatile_ok:
            refuse_volatile(self.folder)
        if checkpoint is Checkpoint.IF_POSSIBLE and is_log_damaged(path):
            raise LedgerDamaged(f"the write-ahead log of the ledger {path} is damaged")
        try:
            self._make_private(path)
            connection = connect(path, create=True, page_cap=self.limits.page_cap)
            if is_blank(connection):
                create(connection, self.device_id)
                sync_folder(self.folder)
                sync_folder(self.folder.parent)
            complete(connection)
            if checkpoint is not Checkpoint.NO:
                self._write_back(connection, must=checkpoint is Checkpoint.MUST)
            return self._checked(connection, path)
        except sqlite3.Error as error:
            close(connection)
            raise unavailable(error, path) from error
        except BaseException:
            close(connection)
            raise

    @staticmethod
    def _begin(connection: sqlite3.Connection, path: Path) -> None:
        """Begin a transaction that may write, which only a statement that does finds out; it is to be rolled back."""
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("UPDATE delivery SET one = one")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_READONLY and os.access(path, os.W_OK, effective_ids=True):
                raise LedgerDamaged(f"the ledger {path} may be written, and says that it may not") from error
            raise

    @staticmethod
    def _make_private(path: Path) -> None:
        """Make a new ledger its owner's only; SQLite gives the log beside it the same mode."""
        # Never an old one: closing a second handle would drop the locks another thread holds on it. And what
        # stands in the way of a new one, SQLite meets next and names.
        with suppress(OSError):
            path.touch(mode=0o600, exist_ok=False)

    def _write_back(self, connection: sqlite3.Connection, *, must: bool) -> None:
        """Checkpoint the write-ahead log into the file."""
        try:
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as error:
            # The ballast is for delivery: a log that is left as it is can be delivered too.
            if must or error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                raise
        else:
            if busy and must:
                raise LedgerUnavailable(
                    say("the ledger {file} is being read: close what has it open", file=self.folder / FILE_NAME)
                )

    def _checked(self, connection: sqlite3.Connection, path: Path) -> OpenedLedger:
        """Read where the chain stands and prove its tail."""
        meta = read_meta(connection, path)
        self._begin(connection, path)  # the outbox may prune meanwhile: look at one state
        delivery = read_delivery(connection, meta.root)  # whose it is can be believed after this
        if meta.device_id != self.device_id:
            raise LedgerUnavailable(
                say(
                    "the ledger {path} belongs to the device {device_id}, this is {own}: put the right card in, or "
                    "move that folder away",
                    path=path,
                    device_id=meta.device_id,
                    own=self.device_id,
                )
            )
        (newest,) = connection.execute("SELECT coalesce(max(seq), 0) FROM check_ins").fetchone()
        newest = max(newest, delivery.pruned_seq)
        seq, link = delivery.pruned_seq, delivery.pruned_link
        if newest - _TAIL_ROWS > seq:
            seq = newest - _TAIL_ROWS
            link = link_at(connection, seq)
        for row in proved(rows_after(connection, seq), seq, link):
            seq, link = row.seq, row.link
        connection.execute("ROLLBACK")
        if seq != newest or delivery.cursor > newest:
            raise LedgerDamaged(f"the ledger {path} has lost its last rows")
        return OpenedLedger(connection, meta, seq, link, Footprint.of(self.folder))


def close(connection: sqlite3.Connection | None) -> None:
    """Close; an open transaction is rolled back by SQLite. A failing close changes nothing for us."""
    if connection is not None:
        with suppress(sqlite3.Error):
            connection.close()
