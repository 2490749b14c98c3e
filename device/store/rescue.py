"""Rescue of a ledger whose file was taken away while it was open: undelivered rows are copied out of the connection.

A file that was deleted, renamed or replaced is still there for whoever has it open, and gone when it is closed. The
copy is a ledger of the same epoch beside the others that were set aside, and is delivered like these
(`device.store.old_ledgers`).
"""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from device.durable import sync_folder
from device.errors import LedgerDamaged
from device.store.delivery_state import DeliveryState, read_delivery, write_delivery
from device.store.folder import name_for_damaged
from device.store.opening import OpenedLedger
from device.store.rows import link_at, read_places, row_at
from device.store.schema import FILE_NAME, connect, create, unavailable
from device.store.writing import insert_row
from device.wire.places import place_document

_DRAFT: Final = f"{FILE_NAME}.rescue"

log = logging.getLogger(__name__)


def rescue(opened: OpenedLedger, folder: Path) -> None:
    """Copy the undelivered rows of *opened* into a file of their own in *folder*.

    How many were saved and how many could not be read is logged; the centre sees a gap where rows are missing.

    Raises:
        LedgerUnavailable: the copy cannot be written: nothing is lost as long as *opened* stays open.
        OSError: the folder cannot be used.
    """
    state = _state(opened)
    if state.cursor >= opened.seq:
        log.error("event=ledger-file-gone folder=%s saved=0 lost=0", folder)
        return
    draft = folder / _DRAFT
    for old in folder.glob(f"{_DRAFT}*"):
        old.unlink()
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        with closing(connect(draft, create=True)) as copy:
            saved = _copy_rows(opened, state, copy)
    except sqlite3.Error as error:
        raise unavailable(error, draft) from error
    name = name_for_damaged(folder)
    draft.rename(folder / name)
    sync_folder(folder)
    lost = opened.seq - state.cursor - saved
    log.error("event=ledger-file-gone folder=%s file=%s saved=%d lost=%d", folder, name, saved, lost)


def _state(opened: OpenedLedger) -> DeliveryState:
    """Return where undelivered rows begin; before the first one when that cannot be read any more."""
    with suppress(sqlite3.Error, LedgerDamaged):
        cursor = read_delivery(opened.connection, opened.meta.root).cursor
        link = opened.meta.root if cursor == 0 else link_at(opened.connection, cursor)
        return DeliveryState(cursor, cursor, link)
    with suppress(sqlite3.Error, LedgerDamaged):
        state = read_delivery(opened.connection, opened.meta.root)
        return DeliveryState(state.cursor, state.pruned_seq, state.pruned_link)
    return DeliveryState(0, 0, opened.meta.root)


def _copy_rows(opened: OpenedLedger, state: DeliveryState, copy: sqlite3.Connection) -> int:
    create(copy, opened.meta.device_id, opened.meta.epoch)
    copy.execute("BEGIN IMMEDIATE")
    write_delivery(copy, opened.meta.root, state)
    saved = 0
    for seq in range(state.cursor + 1, opened.seq + 1):
        try:
            row = row_at(opened.connection, seq)
            ((_, place),) = read_places(opened.connection, [row.place_id]) if row else ((None, None),)
        except (sqlite3.Error, LedgerDamaged):
            continue
        if row is not None and place is not None:
            insert_row(copy, row, place_document(place))
            saved += 1
    copy.execute("COMMIT")
    return saved
