"""The outbox: the ledger's undelivered rows, read in order, settled by one cursor, pruned apart."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from device.clock import ClockReading
from device.errors import LedgerDamaged, LedgerFull, LedgerUnavailable, WireError
from device.model import Backlog, Batch, Place, Receipt
from device.store.ballast import Ballast
from device.store.closing import Closing
from device.store.delivery_state import DeliveryState, read_delivery, write_delivery
from device.store.folder import file_identity
from device.store.old_ledgers import OldLedgers
from device.store.pruning import old_until, prune
from device.store.rows import first_batch, link_at, proved, read_places, row_at, rows_after
from device.store.schema import FILE_NAME, Meta, connect, read_meta, unavailable
from device.words import say

_BUSY_S: Final = 5.0
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Opened:
    connection: sqlite3.Connection
    meta: Meta
    identity: tuple[int, int] | None


class SqliteOutbox(Closing):
    """The outbox of the ledger in *folder*, on a connection of its own.

    Used on one thread. Opens the file when first asked and again after a failure, or when the ledger was set
    aside and a new epoch began; never makes one. Ledgers that were set aside are delivered from where they lie,
    whenever nothing of the newest is waiting. On a full card the ballast is released.

    Args:
        folder: of the ledger.
        damaged: told the epoch of a file that turns out damaged, and why, after it was closed here
            (`SqliteLedger.condemn`); ``None``: nobody is.
        places: documents of places that are known without the file.
    """

    def __init__(
        self, folder: Path, damaged: Callable[[str, str], object] | None = None, places: Iterable[Place] = ()
    ) -> None:
        self._path = folder / FILE_NAME
        self._damaged = damaged
        self._ballast = Ballast(folder)
        self._old = OldLedgers(folder, places)
        self._opened: _Opened | None = None
        self._epoch: str | None = None

    def next_batch(self, most_rows: int, most_bytes: int) -> Batch | None:
        """Return the oldest undelivered rows in order; ``None`` when everything is delivered.

        Args:
            most_rows: at most so many rows, at least 1.
            most_bytes: at most about so many bytes of JSON before compression (a row counts as its sealed bytes
                in base64 and 320 bytes more); the first row comes even when it is larger.

        Raises:
            LedgerUnavailable: the ledger cannot be read.
        """
        meta, batch = self._in_transaction("BEGIN", lambda opened: _next_batch(opened, most_rows, most_bytes))
        return batch or self._old.next_batch(meta, most_rows, most_bytes)

    def settle(self, batch: Batch, receipt: Receipt) -> None:
        """Mark what *receipt* settles of *batch*: durable when this returns. Settling again changes nothing.

        Raises:
            WireError: the receipt speaks of rows that are not in *batch*, or parks what it has not settled, or rows
                before *batch* are not delivered; nothing is marked.
            LedgerUnavailable: it cannot be written, or a new epoch has begun since; nothing is marked.
        """
        _check_receipt(batch, receipt)
        if self._old.settle(batch, receipt):
            return
        self._in_transaction("BEGIN IMMEDIATE", lambda opened: _settle(opened, batch, receipt))

    def rewind(self, batch: Batch, cursor: int) -> None:
        """Let the rows after *cursor* be delivered again that are still here: the centre has lost them since.

        Nothing changes for a batch of another epoch. Raises `LedgerUnavailable`.
        """
        self._in_transaction("BEGIN IMMEDIATE", lambda opened: _rewind(opened, batch, cursor))

    def backlog(self) -> Backlog:
        """Count what is there. Raises `LedgerUnavailable`."""
        return self._in_transaction("BEGIN", _backlog)

    def prune(self, keep_rows: int, chunk: int) -> int:
        """Delete the oldest delivered rows, one short transaction a call; what the hub could not take stays.

        Args:
            keep_rows: keep at least so many of the newest rows, delivered or not.
            chunk: look at no more than so many rows.

        Returns how many rows this call has left behind; 0 when there is nothing to prune. Raises
        `LedgerUnavailable`.
        """
        return self._in_transaction("BEGIN IMMEDIATE", lambda opened: _prune(opened, keep_rows, chunk))

    def tidy(self, keep_ms: int, at: ClockReading) -> bool:
        """Delete one chunk of delivered rows that were kept for *keep_ms*; return whether there may be more.

        For the time when nothing is to be sent; costs next to nothing when there is nothing to delete. Rows of
        the last *keep_ms* stay, and all of them while the clock is not synchronised. Raises `LedgerUnavailable`.
        """

        def until(opened: _Opened) -> int:
            return old_until(opened.connection, read_delivery(opened.connection, opened.meta.root), keep_ms, at)

        last = self._in_transaction("BEGIN", until)
        if not last:
            return False
        return self._in_transaction("BEGIN IMMEDIATE", lambda opened: prune(opened.connection, opened.meta, last)) > 0

    def parked_batch(self, seq: int) -> Batch | None:
        """Return a parked row as a batch of its own, to offer it once more; ``None`` when *seq* is not parked.

        Raises `LedgerUnavailable`.
        """
        return self._in_transaction("BEGIN", lambda opened: _parked_batch(opened, seq))

    def unpark(self, seq: int) -> bool:
        """Forget that a row was parked: the hub has it, or nobody wants it; it goes when it is old enough.

        Returns whether it was. Raises `LedgerUnavailable`.
        """

        def forget(opened: _Opened) -> bool:
            return opened.connection.execute("DELETE FROM parked WHERE seq = ?", [seq]).rowcount > 0

        return self._in_transaction("BEGIN IMMEDIATE", forget)

    def close(self) -> None:
        """Close the connection; may be called twice, and the outbox may be used again."""
        self._old.close()
        self._close()

    def _close(self) -> None:
        if self._opened is not None:
            with suppress(sqlite3.Error):
                self._opened.connection.close()
            self._opened = None

    def _in_transaction(self, begin: str, work: Callable[[_Opened], _T]) -> _T:
        """Do *work* whole or not at all; whatever fails, the connection is opened anew the next time."""
        try:
            return self._try_transaction(begin, work)
        except LedgerFull:
            if not self._ballast.release():
                raise
            return self._try_transaction(begin, work)

    def _try_transaction(self, begin: str, work: Callable[[_Opened], _T]) -> _T:
        if self._opened is not None and self._opened.identity != file_identity(self._path):
            self._close()
            self._tell_damage("its file is another one")
        try:
            opened = self._opened = self._opened or self._open()
            self._epoch = opened.meta.epoch
            try:
                opened.connection.execute(begin)
                result = work(opened)
                opened.connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise unavailable(error, self._path) from error
        except LedgerDamaged as damage:
            self._close()
            self._tell_damage(str(damage))
            raise
        except BaseException:
            self._close()
            raise
        return result

    def _tell_damage(self, reason: str) -> None:
        """Tell the ledger, which has the file open too: nothing happens when it has begun a new epoch by then."""
        if self._epoch is not None and self._damaged is not None:
            self._damaged(self._epoch, reason)

    def _open(self) -> _Opened:
        identity = file_identity(self._path)
        try:
            connection = connect(self._path, busy_s=_BUSY_S)
        except sqlite3.Error as error:
            raise unavailable(error, self._path) from error
        try:
            return _Opened(connection, read_meta(connection, self._path), identity)
        except sqlite3.Error as error:
            connection.close()
            raise unavailable(error, self._path) from error
        except BaseException:
            connection.close()
            raise


def _next_batch(opened: _Opened, most_rows: int, most_bytes: int) -> tuple[Meta, Batch | None]:
    """Return the meta data with the batch; raises `LedgerDamaged` for rows that do not prove themselves."""
    delivery = read_delivery(opened.connection, opened.meta.root)
    found = rows_after(opened.connection, delivery.cursor, max(1, most_rows))
    link = _settled_link(opened.connection, delivery)
    rows = first_batch(proved(found, delivery.cursor, link), most_rows, most_bytes)
    if not rows:
        if _newest(opened.connection, delivery) > delivery.cursor:
            raise LedgerDamaged(f"row {delivery.cursor + 1} of the ledger cannot be found")
        return opened.meta, None
    places = read_places(opened.connection, (row.place_id for row in rows))
    return opened.meta, Batch(opened.meta.device_id, opened.meta.epoch, rows, places)


def _settled_link(connection: sqlite3.Connection, delivery: DeliveryState) -> bytes:
    """Return the link that the first undelivered row follows."""
    if delivery.cursor == delivery.pruned_seq:
        return delivery.pruned_link
    return link_at(connection, delivery.cursor)


def _newest(connection: sqlite3.Connection, delivery: DeliveryState) -> int:
    (newest,) = connection.execute("SELECT coalesce(max(seq), 0) FROM check_ins").fetchone()
    return max(int(newest), delivery.pruned_seq)


def _check_receipt(batch: Batch, receipt: Receipt) -> None:
    first, last = batch.rows[0].seq, batch.rows[-1].seq
    if not first - 1 <= receipt.cursor <= last:
        raise WireError(f"the hub acknowledges up to row {receipt.cursor}, sent were {first} to {last}")
    parked = [seq for seq, _ in receipt.parked]
    if len(set(parked)) != len(parked) or not all(first <= seq <= receipt.cursor for seq in parked):
        raise WireError(f"the hub parks rows that it did not acknowledge of {first} to {last}")


def _settle(opened: _Opened, batch: Batch, receipt: Receipt) -> None:
    connection = opened.connection
    if (batch.device_id, batch.epoch) != (opened.meta.device_id, opened.meta.epoch):
        raise LedgerUnavailable(say("a new epoch of the ledger has begun: this batch is settled at the hub only"))
    connection.executemany("INSERT OR IGNORE INTO parked VALUES (?, ?)", receipt.parked)
    between = "SELECT 1 FROM check_ins, delivery WHERE seq > cursor AND seq < ? LIMIT 1"
    if connection.execute(between, [batch.rows[0].seq]).fetchone():
        raise WireError("rows before this batch are not delivered yet")
    delivery = read_delivery(connection, opened.meta.root)
    if delivery.cursor < receipt.cursor:
        write_delivery(connection, opened.meta.root, replace(delivery, cursor=receipt.cursor))


def _rewind(opened: _Opened, batch: Batch, cursor: int) -> None:
    if (batch.device_id, batch.epoch) == (opened.meta.device_id, opened.meta.epoch):
        delivery = read_delivery(opened.connection, opened.meta.root)
        back = min(delivery.cursor, max(cursor, delivery.pruned_seq))
        write_delivery(opened.connection, opened.meta.root, replace(delivery, cursor=back))


def _parked_batch(opened: _Opened, seq: int) -> Batch | None:
    if opened.connection.execute("SELECT 1 FROM parked WHERE seq = ?", [seq]).fetchone() is None:
        return None
    row = row_at(opened.connection, seq)
    if row is None:
        raise LedgerDamaged(f"row {seq} of the ledger is missing")
    places = read_places(opened.connection, [row.place_id])
    return Batch(opened.meta.device_id, opened.meta.epoch, (row,), places)


def _backlog(opened: _Opened) -> Backlog:
    connection = opened.connection
    delivery = read_delivery(connection, opened.meta.root)
    recorded = _newest(connection, delivery)
    (parked,) = connection.execute("SELECT count(*) FROM parked").fetchone()
    oldest = "SELECT wall_ms FROM check_ins WHERE seq > ? ORDER BY seq LIMIT 1"
    (oldest_wall_ms,) = connection.execute(oldest, [delivery.cursor]).fetchone() or (None,)
    if not isinstance(oldest_wall_ms, int | None):
        raise LedgerDamaged(f"row {delivery.cursor + 1} of the ledger has a field that does not fit")
    return Backlog(recorded, recorded - delivery.cursor, parked, oldest_wall_ms)


def _prune(opened: _Opened, keep_rows: int, chunk: int) -> int:
    (newest,) = opened.connection.execute("SELECT coalesce(max(seq), 0) FROM check_ins").fetchone()
    return prune(opened.connection, opened.meta, newest - keep_rows, chunk)
