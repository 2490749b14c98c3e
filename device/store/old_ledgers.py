"""Ledgers that were set aside: what the centre has not got is read out of them and delivered (`device.store.salvage`).

A file that was set aside is never changed. How far it is delivered stands beside it, in a file of the same name
and ``.delivered``: a row number, or ``all``. It may be lost: then rows are sent again, which the centre knows.
Row by row, so that an unreadable one costs only itself; the centre sees the gap. A row that does not follow the one
before is sent as it is: the centre keeps it apart. What the centre parks stays in the file, and is named in the log.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from device.durable import replace_file, why_not
from device.errors import LedgerDamaged, LedgerUnavailable
from device.model import Batch, Place, Receipt, SealedRow
from device.store.folder import files_set_aside
from device.store.rows import first_batch
from device.store.salvage import Salvage
from device.store.schema import Meta
from device.words import say

_ALL: Final = "all"

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Old:
    """One ledger that was set aside.

    Attributes:
        cursor: rows up to this one are settled.
        coming: the rows that were not read yet.
        waiting: rows that were read and are not settled.
    """

    path: Path
    salvage: Salvage
    cursor: int
    coming: Iterator[SealedRow]
    waiting: list[SealedRow] = field(default_factory=list)


class OldLedgers:
    """The ledgers beside the one in use, the oldest first. Used on the thread of the outbox.

    *places* are documents that are known without the files.
    """

    def __init__(self, folder: Path, places: Iterable[Place] = ()) -> None:
        self._folder = folder
        self._places = tuple(places)
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
            found, name = old.salvage, old.path.name
            log.log(
                logging.WARNING if found.missing or found.changed or found.bad_pages else logging.INFO,
                "event=old-ledger-delivered file=%s missing=%d changed=%d bad_pages=%d",
                name,
                found.missing,
                found.changed,
                found.bad_pages,
            )
            self.close()
            _write_progress(old.path, _ALL)
        return None

    def settle(self, batch: Batch, receipt: Receipt) -> bool:
        """Note what *receipt* settles; return whether *batch* is of the old ledger now open."""
        old = self._old
        if old is None or (batch.device_id, batch.epoch) != (old.salvage.device_id, old.salvage.epoch):
            return False
        _write_progress(old.path, str(max(old.cursor, receipt.cursor)))
        old.cursor = max(old.cursor, receipt.cursor)
        old.waiting = [row for row in old.waiting if row.seq > old.cursor]
        return True

    def close(self) -> None:
        """Close what is open; may be called twice."""
        if self._old is not None:
            self._old.salvage.close()
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
                salvage = Salvage(path, current.device_id, self._places)
            except (OSError, LedgerDamaged) as error:
                log.warning("event=old-ledger-unreadable file=%s reason=%r", path.name, str(error))
                self._passed_over.add(path)
                continue
            if (salvage.device_id, salvage.epoch != current.epoch) == (current.device_id, True):
                cursor = max(salvage.cursor, int(progress))
                self._old = _Old(path, salvage, cursor, salvage.rows(cursor))
                return True
            salvage.close()
            _write_progress(path, _ALL)
        return False


def _next_batch(old: _Old, most_rows: int, most_bytes: int) -> Batch | None:
    while len(old.waiting) < most_rows and (row := next(old.coming, None)) is not None:
        old.waiting.append(row)
    rows = first_batch(old.waiting, most_rows, most_bytes)
    if not rows:
        return None
    places = tuple((name, old.salvage.documents[name]) for name in sorted({row.place_id for row in rows}))
    return Batch(old.salvage.device_id, old.salvage.epoch, rows, places)


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
        raise LedgerUnavailable(
            say(
                "{target} cannot be written ({why}): check the card",
                target=target,
                why=why_not(error, target.parent),
            )
        ) from error


def _progress_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.delivered")
