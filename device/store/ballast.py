"""Reserved disk space: a ballast file of 4 MiB, so that a full card can still be delivered, pruned and checkpointed.

Whoever delivers may release it. Whoever records must see it in place first, and restores it when
there is more room than it takes: so the space it frees is for delivery and never for new rows.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

NAME: Final = "ledger.ballast"
SIZE_BYTES: Final = 4 << 20
"""Room for a write-ahead log of its largest size to be checkpointed into the file, and as much again."""

_MARGIN_BYTES: Final = 1 << 20
NEEDED_BYTES: Final = SIZE_BYTES + _MARGIN_BYTES
"""How much must be free before a ledger without its ballast records anybody."""
log = logging.getLogger(__name__)


class Ballast:
    """The ballast of one ledger's folder. Safe on any thread; each step is one of the file system's own."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def there(self) -> bool:
        """Return whether it is in place, whole."""
        try:
            return self._path.stat().st_size == SIZE_BYTES
        except OSError:
            return False

    def release(self) -> bool:
        """Remove it, so that the ledger has its room; return whether there was one."""
        try:
            self._path.unlink()
        except OSError:
            return False
        log.warning("event=card-full ballast=released folder=%s", self._path.parent)
        return True

    def restore(self) -> bool:
        """Put it back if the card has more room than it takes; return whether it is in place then."""
        if self.there():
            return True
        draft = self._path.with_name(f"{NAME}.new")
        try:
            card = os.statvfs(self._path.parent)
            if card.f_bavail * card.f_frsize < NEEDED_BYTES:
                return False
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, SIZE_BYTES)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            draft.rename(self._path)
        except OSError:
            with suppress(OSError):
                draft.unlink()
            return False
        return True
