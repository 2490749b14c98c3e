"""The ledger: check-ins in SQLite, append-only; when `SqliteLedger.record` returns, the row is on the card."""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

from device.crypto.sealing import Sealer
from device.durable import why_not
from device.errors import LedgerDamaged, LedgerFull, LedgerUnavailable
from device.model import CheckIn, SealedRow
from device.store.ballast import NEEDED_BYTES, Ballast
from device.store.closing import Closing
from device.store.folder import FolderLock, Footprint, is_unused, note_used, set_aside, set_orphan_aside
from device.store.limits import ANYWHERE, Limits
from device.store.opening import Checkpoint, LedgerOpener, OpenedLedger, close
from device.store.pruning import prune
from device.store.rescue import rescue
from device.store.room import check_room, full_by_its_own_cap
from device.store.schema import FILE_NAME, unavailable
from device.store.writing import write_row
from device.wire.hash_chain import link_of
from device.wire.places import place_document, place_id_of
from device.words import say

log = logging.getLogger(__name__)


class SqliteLedger(Closing):
    """A ledger in one SQLite file. Safe on any thread; one process at a time, held by a lock.

    After any failure the file is closed; the next `record` opens it again, looks at the last row that is
    really there and goes on from it, so that there is never a gap and never a row counted that is not
    written. A file found damaged is set aside at once and a new epoch begins; its undelivered rows are
    delivered from there (`device.store.old_ledgers`).
    """

    def __init__(self, folder: Path, sealer: Sealer, lock: FolderLock, limits: Limits) -> None:
        self._folder = folder
        self._sealer = sealer
        self._folder_lock = lock
        self._limits = limits
        self._full_is_logged = False
        self._ballast = Ballast(folder)
        self._opener = LedgerOpener(folder, sealer.device_id, limits, self._ballast)
        self._mutex = threading.Lock()
        self._opened: OpenedLedger | None = None
        self._checkpoint = Checkpoint.IF_POSSIBLE
        self._unused = True
        self._closed = False

    @classmethod
    def open(cls, folder: Path, device_id: str, sealer: Sealer, limits: Limits = ANYWHERE) -> Self:
        """Open the ledger in *folder*, or make one; a damaged one is set aside and a new epoch starts.

        Args:
            folder: of this ledger alone; made when it is not there.
            device_id: whose ledger; that of another device is refused.
            sealer: seals each row; of the same device.
            limits: how much it may take, and whether *folder* may lie in memory.

        Raises:
            LedgerUnavailable: it cannot be made durable here; the message says what to do.
        """
        if sealer.device_id != device_id:
            raise ValueError("the sealer belongs to another device")
        ledger = cls(folder, sealer, FolderLock(folder), limits)
        try:
            ledger._reopen()
        except BaseException:
            ledger.close()
            raise
        ledger._ballast.restore()
        return ledger

    @property
    def sealer(self) -> Sealer:
        """What seals each row; its keys may be renewed on any thread."""
        return self._sealer

    @property
    def epoch(self) -> str:
        """32 hexadecimal digits of the file now in use; raises `LedgerUnavailable`."""
        with self._mutex:
            return self._usable().meta.epoch

    def record(self, check_in: CheckIn) -> int:
        """Seal and write one check-in durably and return its sequence number.

        Raises `LedgerUnavailable` or `SealingUnavailable`: then the row does not count, though it may be
        found in the ledger later.
        """
        with self._mutex:
            try:
                return self._record(check_in)
            except LedgerDamaged as damage:
                self._set_aside(damage)
            except LedgerFull:
                if not self._limits.drop_delivered or not self._drop_delivered():
                    raise
            return self._record(check_in)

    def condemn(self, epoch: str, reason: str) -> bool:
        """Set the file of *epoch* aside and begin a new one at once; any thread.

        For damage that others find (`device.store.checkup`, the outbox). Returns whether it was in use: ``False`` when
        another epoch is already. Raises `LedgerUnavailable` when no new file can be made: the next `record` tries
        again.
        """
        with self._mutex:
            if self._closed or self._usable().meta.epoch != epoch:
                return False
            self._set_aside(LedgerDamaged(reason))
            return True

    def close(self) -> None:
        """Close the file and let another process have it; may be called twice."""
        with self._mutex:
            if self._opened is not None and Footprint.of(self._folder).database != self._opened.footprint.database:
                try:
                    self._rescue(self._opened)
                except LedgerUnavailable as error:
                    log.error("event=ledger-not-rescued reason=%r", str(error))  # noqa: TRY400 - it says all
            self._close_file()
            self._closed = True
            self._folder_lock.release()

    def _record(self, check_in: CheckIn) -> int:
        opened = self._usable()
        self._check_room(opened)
        row = self._row_of(check_in, opened)
        # From here to the end the chain's true state is only in the file.
        self._opened = None
        try:
            write_row(opened.connection, row, place_document(check_in.place))
        except sqlite3.Error as error:
            problem = self._problem(error, opened.connection)
            close(opened.connection)
            raise problem from error
        except BaseException:
            close(opened.connection)
            raise
        opened.seq, opened.link = row.seq, row.link
        self._opened = opened
        if self._unused:
            self._note_used()
        return row.seq

    def _note_used(self) -> None:
        try:
            note_used(self._folder)
        except OSError as error:
            raise self._folder_unusable(error) from error
        self._unused = False

    def _row_of(self, check_in: CheckIn, opened: OpenedLedger) -> SealedRow:
        seq = opened.seq + 1
        key_id, sealed = self._sealer.seal(check_in, opened.meta.epoch, seq)
        row = SealedRow(
            seq=seq,
            at=check_in.at,
            direction=check_in.direction,
            counted=check_in.decision.counted,
            place_id=place_id_of(check_in.place),
            key_id=key_id,
            sealed=sealed,
            link=b"",
        )
        return replace(row, link=link_of(opened.link, row))

    def _check_room(self, opened: OpenedLedger) -> None:
        """Raise `LedgerFull` when no further row may be added."""
        path = self._folder / FILE_NAME
        try:
            check_room(opened, path, self._limits, self._ballast)
        except sqlite3.Error as error:
            self._close_file()
            raise unavailable(error, path) from error

    def _drop_delivered(self) -> bool:
        """Delete the oldest delivered rows to make room; return whether there were any."""
        try:
            gone = self._prune()
        except LedgerFull:
            if not self._ballast.release():
                raise
            gone = self._prune()
        if gone or not self._full_is_logged:  # a full ledger is logged once, not with each visitor
            log.log(logging.INFO if gone else logging.ERROR, "event=ledger-full dropped_delivered=%d", gone)
        self._full_is_logged = not gone
        return gone > 0

    def _prune(self) -> int:
        opened = self._usable()
        try:
            opened.connection.execute("BEGIN IMMEDIATE")
            gone = prune(opened.connection, opened.meta, opened.seq)
            opened.connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._close_file()
            raise unavailable(error, self._folder / FILE_NAME) from error
        return gone

    def _problem(self, error: sqlite3.Error, connection: sqlite3.Connection) -> LedgerUnavailable:
        """Say what a failed write means, before its connection is closed."""
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_IOERR:
            self._checkpoint = Checkpoint.MUST
        problem = unavailable(error, self._folder / FILE_NAME)
        if isinstance(problem, LedgerFull) and self._limits.page_cap is not None:
            with suppress(sqlite3.Error):
                (cap,) = connection.execute("PRAGMA max_page_count").fetchone()
                (pages,) = connection.execute("PRAGMA page_count").fetchone()
                if pages >= cap:
                    return full_by_its_own_cap(self._folder / FILE_NAME, cap)
        return problem

    def _usable(self) -> OpenedLedger:
        """Return the open file; opens it anew when it failed, or when somebody took it away."""
        if self._closed:
            raise LedgerUnavailable(say("the ledger in {folder} was closed", folder=self._folder))
        opened = self._opened
        if opened is None:
            return self._reopen()
        now, before = Footprint.of(self._folder), opened.footprint
        if now.database != before.database:
            self._rescue(opened)
            # Whatever lies there instead, an older copy for example, is not gone on with.
            if now.size_bytes:
                self._note_used()
                return self._set_aside(LedgerDamaged("it was put in the place of the one in use"))
            self._close_file()
            return self._reopen()
        if now.log != before.log:
            # The open log has no name any more. What it holds goes into the file, so that it is found there.
            with suppress(sqlite3.Error):
                opened.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return self._set_aside(LedgerDamaged("its write-ahead log was taken away"))
        if now.size_bytes < before.size_bytes or now.log_was_cut(before):
            self._rescue(opened)
            return self._set_aside(LedgerDamaged("it was cut short"))
        if now != before:
            opened.footprint = now
        return opened

    def _rescue(self, opened: OpenedLedger) -> None:
        """Save what only the open connection still has; the file stays open when that fails."""
        try:
            if not self._folder_lock.is_there():
                lock = FolderLock(self._folder)
                self._folder_lock.release()
                self._folder_lock = lock
            rescue(opened, self._folder)
        except OSError as error:
            raise self._folder_unusable(error) from error

    def _close_file(self) -> None:
        if self._opened is not None:
            close(self._opened.connection)
            self._opened = None

    def _reopen(self) -> OpenedLedger:
        """Open the file, or, when it is damaged, a new one."""
        try:
            set_orphan_aside(self._folder)
            self._opened = self._opener.open(self._checkpoint)
        except LedgerDamaged as damage:
            return self._set_aside(damage)
        except OSError as error:
            raise self._folder_unusable(error) from error
        self._checkpoint, self._unused = Checkpoint.NO, is_unused(self._folder)
        return self._opened

    def _set_aside(self, damage: LedgerDamaged) -> OpenedLedger:
        """Rename the file, keep all of it, and begin a new epoch."""
        self._close_file()
        try:
            name = set_aside(self._folder)
            if name is not None:
                log.error("event=ledger-set-aside file=%s reason=%r", name, str(damage))
            self._opened = self._opener.open(Checkpoint.NO)
        except OSError as error:
            raise self._folder_unusable(error) from error
        self._checkpoint, self._unused = Checkpoint.NO, is_unused(self._folder)
        return self._opened

    def _folder_unusable(self, error: OSError) -> LedgerUnavailable:
        return LedgerUnavailable(
            say(
                "the ledger's folder {folder} cannot be used ({why}): check the card",
                folder=self._folder,
                why=why_not(error, self._folder, NEEDED_BYTES),
            )
        )
