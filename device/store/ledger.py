"""The append-only record of check-ins: when `SqliteLedger.record` returns, the row is on the card."""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from device.errors import LedgerUnavailable
from device.model import CheckIn, SealedRow
from device.sealing import Sealer
from device.store.chain import CLOCK_STATE_CODES, DIRECTION_CODES, link_of
from device.store.folder import FolderLock, file_identity, set_aside, set_orphan_aside, sync_folder
from device.store.places import place_document, place_id_of
from device.store.rows import proved, read_delivery, rows_after
from device.store.schema import FILE_NAME, LedgerDamaged, Meta, connect, create, is_blank, read_meta, unavailable

_TAIL_ROWS: Final = 64
"""How many of the last rows are proved when the file is opened; the whole chain is `reading`'s work."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Opened:
    """A connection and where the chain stands."""

    connection: sqlite3.Connection
    meta: Meta
    seq: int
    link: bytes
    identity: tuple[int, int] | None


class SqliteLedger:
    """A ledger in one SQLite file. Safe on any thread; one process at a time, held by a lock.

    After any failure the file is closed; the next `record` opens it again, looks at the last row that is
    really there and goes on from it, so that there is never a gap and never a row counted that is not
    written.
    """

    def __init__(self, folder: Path, sealer: Sealer, lock: FolderLock, page_cap: int | None) -> None:
        self._folder = folder
        self._sealer = sealer
        self._folder_lock = lock
        self._page_cap = page_cap
        self._mutex = threading.Lock()
        self._opened: _Opened | None = None
        self._closed = False

    @classmethod
    def open(cls, folder: Path, device_id: str, sealer: Sealer, *, page_cap: int | None = None) -> Self:
        """Open the ledger in *folder*, or make one; a damaged one is set aside and a new epoch starts.

        Args:
            folder: of this ledger alone; made when it is not there.
            device_id: whose ledger; that of another device is refused.
            sealer: seals each row; of the same device.
            page_cap: most pages of 4 KiB the file may grow to; ``None`` leaves it to the card.

        Raises:
            LedgerUnavailable: it cannot be made durable here; the message says what to do.
        """
        if sealer.device_id != device_id:
            raise ValueError("the sealer belongs to another device")
        ledger = cls(folder, sealer, FolderLock(folder), page_cap)
        try:
            ledger._reopen()
        except BaseException:
            ledger.close()
            raise
        return ledger

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
            opened = self._usable()
            row = self._row_of(check_in, opened)
            # From here to the end the chain's true state is only in the file.
            self._opened = None
            try:
                _write(opened.connection, row, place_document(check_in.place))
            except sqlite3.Error as error:
                _close(opened.connection)
                raise unavailable(error, self._folder / FILE_NAME) from error
            except BaseException:
                _close(opened.connection)
                raise
            opened.seq, opened.link = row.seq, row.link
            self._opened = opened
            return row.seq

    def close(self) -> None:
        """Close the file and let another process have it; may be called twice."""
        with self._mutex:
            if self._opened is not None:
                _close(self._opened.connection)
                self._opened = None
            self._closed = True
            self._folder_lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _row_of(self, check_in: CheckIn, opened: _Opened) -> SealedRow:
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

    def _usable(self) -> _Opened:
        """Return the open file; opens it anew when it failed, or when somebody took it away."""
        if self._closed:
            raise LedgerUnavailable(f"the ledger in {self._folder} was closed")
        opened = self._opened
        if opened is not None and opened.identity == file_identity(self._folder / FILE_NAME):
            return opened
        if opened is not None:
            _close(opened.connection)
            self._opened = None
            _log.error("event=ledger_file_gone folder=%s", self._folder)
        return self._reopen()

    def _reopen(self) -> _Opened:
        path = self._folder / FILE_NAME
        try:
            set_orphan_aside(self._folder)
            try:
                self._opened = self._try_open(path)
            except LedgerDamaged as damage:
                name = set_aside(self._folder)
                _log.error("event=ledger_set_aside file=%s reason=%r", name, str(damage))
                self._opened = self._try_open(path)
        except OSError as error:
            raise LedgerUnavailable(
                f"the ledger's folder {self._folder} cannot be used ({error.strerror}): check the card"
            ) from error
        return self._opened

    def _try_open(self, path: Path) -> _Opened:
        """Open, check, and make the tables when there are none; leaves nothing open when it raises."""
        connection: sqlite3.Connection | None = None
        try:
            connection = connect(path, create=True, page_cap=self._page_cap)
            if is_blank(connection):
                create(connection, self._sealer.device_id)
                sync_folder(self._folder)
                sync_folder(self._folder.parent)
            return self._checked(connection, path)
        except sqlite3.Error as error:
            _close(connection)
            raise unavailable(error, path) from error
        except BaseException:
            _close(connection)
            raise

    def _checked(self, connection: sqlite3.Connection, path: Path) -> _Opened:
        """Read where the chain stands and prove its tail."""
        meta = read_meta(connection, path)
        if meta.device_id != self._sealer.device_id:
            raise LedgerUnavailable(
                f"the ledger {path} belongs to the device {meta.device_id}, this is {self._sealer.device_id}: "
                "put the right card in, or move that folder away"
            )
        connection.execute("BEGIN")  # the outbox may prune meanwhile: look at one state
        delivery = read_delivery(connection, meta)
        (newest,) = connection.execute("SELECT coalesce(max(seq), 0) FROM check_ins").fetchone()
        newest = max(newest, delivery.pruned_seq)
        seq, link = delivery.pruned_seq, delivery.pruned_link
        if newest - _TAIL_ROWS > seq:
            seq = newest - _TAIL_ROWS
            (link,) = connection.execute("SELECT link FROM check_ins WHERE seq = ?", [seq]).fetchone() or (b"",)
        for row in proved(rows_after(connection, seq), seq, link):
            seq, link = row.seq, row.link
        connection.execute("COMMIT")
        if seq != newest or delivery.cursor > newest:
            raise LedgerDamaged(f"the ledger {path} has lost its last rows")
        return _Opened(connection, meta, seq, link, file_identity(path))


# What repeats from row to row: find its number, else give it one.
_REFERENCES: Final = (
    ("SELECT ref FROM boots WHERE boot_id = ?", "INSERT INTO boots (boot_id) VALUES (?)"),
    ("SELECT ref FROM places WHERE place_id = ?", "INSERT INTO places (place_id, document) VALUES (?, ?)"),
    ("SELECT ref FROM sealing_keys WHERE key_id = ?", "INSERT INTO sealing_keys (key_id) VALUES (?)"),
)


def _write(connection: sqlite3.Connection, row: SealedRow, document: str) -> None:
    """Insert and commit; the commit returns after fsync."""
    connection.execute("BEGIN IMMEDIATE")
    repeated = ((bytes.fromhex(row.at.boot_id),), (row.place_id, document), (row.key_id,))
    boot, place, key = (
        _reference(connection, find, add, values) for (find, add), values in zip(_REFERENCES, repeated, strict=True)
    )
    connection.execute(
        "INSERT INTO check_ins VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row.seq,
            boot,
            row.at.monotonic_ms,
            row.at.wall_ms,
            CLOCK_STATE_CODES[row.at.state],
            DIRECTION_CODES[row.direction],
            int(row.counted),
            place,
            key,
            row.sealed,
            row.link,
        ),
    )
    connection.execute("COMMIT")


def _reference(connection: sqlite3.Connection, find: str, add: str, values: tuple[object, ...]) -> int:
    found = connection.execute(find, values[:1]).fetchone()
    ref = connection.execute(add, values).lastrowid if found is None else found[0]
    assert isinstance(ref, int)
    return ref


def _close(connection: sqlite3.Connection | None) -> None:
    """Close; an open transaction is rolled back by SQLite. A failing close changes nothing for us."""
    if connection is not None:
        with suppress(sqlite3.Error):
            connection.close()
