"""Room for one more check-in: below the ledger's own caps, and on the card."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from device.durable import no_room
from device.errors import LedgerFull
from device.store.ballast import NEEDED_BYTES, Ballast
from device.store.delivery_state import read_delivery
from device.store.limits import PAGE_BYTES, Limits
from device.store.opening import OpenedLedger
from device.store.pruning import rows_kept
from device.words import number, say

_SPARE_PAGES: Final = 8
"""Free pages in the file below which nothing is recorded while there is no ballast: room for one large row."""


def check_room(opened: OpenedLedger, path: Path, limits: Limits, ballast: Ballast) -> None:
    """Make sure that a row may be added to the ledger *path*.

    Raises:
        LedgerFull: none may.
        LedgerDamaged: the delivery state is.
        sqlite3.Error: it cannot be told.
    """
    if opened.seq >= opened.full_at_seq:
        delivery = read_delivery(opened.connection, opened.meta.root)
        kept = rows_kept(opened.connection, delivery, opened.seq)
        opened.full_at_seq = opened.seq + limits.most_rows - kept
        if kept >= limits.most_rows:
            raise LedgerFull(
                say(
                    "the ledger {path} holds {kept} check-ins, as many as store.max_rows allows: let the gate reach "
                    "the hub, and see store.at_cap",
                    path=path,
                    kept=kept,
                )
            )
    if not ballast.restore():
        (spare,) = opened.connection.execute("PRAGMA freelist_count").fetchone()
        if spare < _SPARE_PAGES:
            raise LedgerFull(
                say(
                    "the ledger {path} cannot grow: the card is full: {room}",
                    path=path,
                    room=no_room(path.parent, NEEDED_BYTES),
                )
            )


def full_by_its_own_cap(path: Path, page_cap: int) -> LedgerFull:
    """Return the error of a ledger that has as many pages as the site file lets it have."""
    return LedgerFull(
        say(
            "the ledger {path} is full: it has the {most} MB that store.max_size allows; let the gate reach the hub, "
            "or allow more",
            path=path,
            most=number(page_cap * PAGE_BYTES / 1000000.0, ".1f"),
        )
    )
