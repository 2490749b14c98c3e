"""How much of the card a ledger may take, what happens when that is used up, and where it may lie."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.errors import LedgerUnavailable
from device.words import say

PAGE_BYTES: Final = 4096
MOST_ROWS: Final = 1_000_000

# Numbers of linux/magic.h. An overlay is listed because that of Raspberry Pi OS keeps what is written in memory.
_VOLATILE: Final = {0x01021994: "tmpfs", 0x858458F6: "ramfs", 0x794C7630: "overlay"}


@dataclass(frozen=True, slots=True)
class Limits:
    """The ``store:`` section of the site file, as the store needs it.

    Attributes:
        most_rows: check-ins in the file, delivered or not, parked ones too; 1 to `MOST_ROWS`.
        most_bytes: of the file, in whole pages; ``None`` leaves it to the card.
        drop_delivered: at either cap, or on a full card, the oldest delivered rows make room. Otherwise, and where
            nothing is delivered, the new check-in is refused.
        volatile_ok: the folder may lie where a power cut takes everything.
    """

    most_rows: int = MOST_ROWS
    most_bytes: int | None = None
    drop_delivered: bool = True
    volatile_ok: bool = False

    @property
    def page_cap(self) -> int | None:
        """Most pages of the file; ``None`` when there is no such limit."""
        return None if self.most_bytes is None else max(1, self.most_bytes // PAGE_BYTES)


ANYWHERE: Final = Limits(volatile_ok=True)
"""For tests and benchmarks, which choose their folder themselves."""


def refuse_volatile(folder: Path) -> None:
    """Refuse a folder whose file system forgets; one that cannot be asked is believed.

    Raises:
        LedgerUnavailable: it is in memory; the message names the key that allows it.
    """
    kind = _VOLATILE.get(_file_system(folder))
    if kind is not None:
        raise LedgerUnavailable(
            say(
                "the ledger's folder {folder} lies on {kind}, which a power cut empties: name a folder on the card "
                "in store.folder, or write store.volatile_ok: true and lose check-ins",
                folder=folder,
                kind=kind,
            )
        )


def _file_system(folder: Path) -> int:
    """Return ``f_type`` of statfs(2), 0 when it cannot be asked."""
    # f_type is the first member of struct statfs, one machine word on every Linux that Python runs on; the
    # whole is at most 120 bytes.
    room = ctypes.create_string_buffer(512)
    if ctypes.CDLL(None).statfs(os.fsencode(folder), room) != 0:
        return 0
    return ctypes.c_long.from_buffer(room).value & 0xFFFFFFFF
