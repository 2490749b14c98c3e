"""Recovery of damaged ledgers: what the centre has not got is read out of the files that were set aside.

A file that was set aside is never changed. How far it is delivered stands beside it, in a file of the same name
and ``.delivered``: a row number, or ``all``. It may be lost: then rows are sent again, which the centre knows.
Row by row, so that an unreadable one costs only itself; the centre sees the gap. A row that the centre parks stays
in the file, and is named in the log only.
"""

from __future__ import annotations

import logging
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.durable import replace_file
from device.errors import LedgerDamaged, LedgerUnavailable
from device.model import Batch, Place, Receipt, SealedRow
from device.store.folder import files_set_aside
from device.store.rows import first_batch, read_delivery, read_places, row_at
from device.store.schema import Meta, read_meta
from device.wire.hash_chain import link_of

_ALL: Final = "all"
_MOST_ROWS_A_PAGE: Final = 12
"""More than fit into one page: the smallest sealed row takes 368 bytes and 40 more."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Old:
    """One ledger that was set aside.

    Attributes:
        cursor: rows up to this one are settled, or were looked for in vain.
        newest: no row can have a higher number.
        end_known: whether the last row can be read; otherwise *newest* is an estimate from above.
        unreadable: rows looked for in vain, not counting those at an unknown end.
    """

    path: Path
    connection: sqlite3.Connection
    meta: Meta
    cursor: int
    newest: int
    end_known: bool
    unreadable: int = 0


class OldLedgers:
    """The ledgers beside the one in use, the oldest first. Used on the thread of the outbox."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._old: _Old | None = None
        self._passed_over: set[Path] = set()

    def next_batch(self, current: Meta, most_rows: int, most_bytes: int) -> Batch | None:
        """Return the next undelivered rows of the oldest ledger that has any; limits as in `SqliteOutbox`.

        ``None`` when all of them are delivered. Raises `LedgerUnavailable` when the progress cannot be written down.
        """
        while self._old is not None or self._open_next(current):
            old = self._old
            assert old is not None
            batch = _next_batch(old, most_rows, most_bytes)
            if batch is not None:
                return batch
            level = logging.WARNING if old.unreadable or not old.end_known else logging.INFO
            end = "whole" if old.end_known else "unreadable"
            log.log(
                level, "event=old-ledger-delivered file=%s unreadable=%d end=%s", old.path.name, old.unreadable, end
            )
            self.close()
            _write_progress(old.path, _ALL)
        return None

    def settle(self, batch: Batch, receipt: Receipt) -> bool:
        """Note what *receipt* settles; return whether *batch* is of the old ledger now open."""
        old = self._old
        if old is None or (batch.device_id, batch.epoch) != (old.meta.device_id, old.meta.epoch):
            return False
        _write_progress(old.path, str(max(old.cursor, receipt.cursor)))
        old.cursor = max(old.cursor, receipt.cursor)
        return True

    def close(self) -> None:
        """Close what is open; may be called twice."""
        if self._old is not None:
            with suppress(sqlite3.Error):
                self._old.connection.close()
            self._old = None

    def _open_next(self, current: Meta) -> bool:
        """Open the oldest one that is not delivered; return whether there is one.

        A file that says nothing is kept, and passed over until the next start: the card may read better by then.
        """
        for path in files_set_aside(self._folder):
            if path in self._passed_over:
                continue
            progress = _read_progress(path)
            if progress == _ALL:
                continue
            try:
                old = _open(path)
            except (sqlite3.Error, LedgerUnavailable) as error:
                log.warning("event=old-ledger-unreadable file=%s reason=%r", path.name, str(error))
                self._passed_over.add(path)
                continue
            if (old.meta.device_id, old.meta.epoch != current.epoch) == (current.device_id, True):
                old.cursor = max(old.cursor, int(progress))
                self._old = old
                return True
            old.connection.close()
            _write_progress(path, _ALL)
        return False


def _open(path: Path) -> _Old:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        meta = read_meta(connection, path)
        cursor = 0
        with suppress(sqlite3.Error, LedgerDamaged):
            cursor = read_delivery(connection, meta).cursor
        return _Old(path, connection, meta, cursor, *_newest(connection))
    except BaseException:
        connection.close()
        raise


def _newest(connection: sqlite3.Connection) -> tuple[int, bool]:
    """Return a number that no row's is above, and whether it is a row's: the end of the table may be unreadable."""
    with suppress(sqlite3.Error):
        (newest,) = connection.execute("SELECT coalesce(max(seq), 0) FROM check_ins").fetchone()
        return int(newest), True
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    first = 0
    with suppress(sqlite3.Error):
        (first,) = connection.execute("SELECT pruned_seq FROM delivery").fetchone()
    return int(first) + int(pages) * _MOST_ROWS_A_PAGE, False


def _next_batch(old: _Old, most_rows: int, most_bytes: int) -> Batch | None:
    rows: list[SealedRow] = []
    documents: dict[str, Place] = {}
    for row in _readable(old, documents):
        if rows and row.seq != rows[-1].seq + 1:
            break
        rows.append(row)
        if len(rows) >= most_rows:
            break
    if not rows:
        return None
    # What was looked for before the first row is not there.
    old.unreadable += rows[0].seq - 1 - old.cursor
    old.cursor = rows[0].seq - 1
    batch = first_batch(rows, most_rows, most_bytes)
    named = {row.place_id for row in batch}
    return Batch(old.meta.device_id, old.meta.epoch, batch, tuple((name, documents[name]) for name in sorted(named)))


def _readable(old: _Old, documents: dict[str, Place]) -> Iterator[SealedRow]:
    """Yield the rows that can be read and sent, and add the documents of their places."""
    for seq in range(old.cursor + 1, old.newest + 1):
        try:
            row = row_at(old.connection, seq)
            if row is None:
                continue
            link_of(old.meta.root, row)  # whether its fields have the form that the wire wants
            if row.place_id not in documents:
                documents.update(read_places(old.connection, [row.place_id]))
        except (sqlite3.Error, LedgerDamaged, ValueError, struct.error):
            continue
        yield row


def _read_progress(path: Path) -> str:
    """Return `_ALL` or the digits of a row number."""
    try:
        text = _progress_of(path).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return "0"
    return text if text == _ALL or (text.isdecimal() and len(text) < 16) else "0"


def _write_progress(path: Path, text: str) -> None:
    """Write it down durably: the whole of it or nothing."""
    target = _progress_of(path)
    try:
        replace_file(target, f"{text}\n".encode("ascii"))
    except OSError as error:
        raise LedgerUnavailable(f"{target} cannot be written ({error.strerror}): check the card") from error


def _progress_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.delivered")
