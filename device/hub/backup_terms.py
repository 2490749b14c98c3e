"""What a backup holds and until when it may be kept: ``backup.json`` in its folder.

Who came is forgotten when the retention has passed. A backup that is kept longer would undo that, for it holds what was
sealed, and the same backup or another one the keys. So it is made with a day by which it is to be removed, no later
than what it holds may be read, unless somebody says that it may be.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from device.clock import utc_day
from device.durable import create_file
from device.errors import ConfigurationError, WireError
from device.strict_json import document, one_of
from device.strict_json import text as text_of
from device.wire.time_fields import day_from
from device.words import say, why_of

FILE_NAME: Final = "backup.json"
_MOST_BYTES: Final = 4096
_MARK: Final = ".backed-up-{}"
_HUB: Final = re.compile("[0-9a-f]{16}")


class Part(StrEnum):
    """What a backup holds."""

    ALL = "all"
    DATABASE = "database"
    KEYS = "keys"
    """Everything but the database: keys, root, certificates, settings, and what is published."""


_HALVES: Final = (Part.DATABASE, Part.KEYS)


@dataclass(frozen=True, slots=True)
class BackupTerms:
    """The terms of one backup.

    Attributes:
        part: what it holds.
        made: the day on which it was made.
        remove_by: the last day on which it may be kept.
        hub: which hub's it is (`hub_id`).
    """

    part: Part
    made: date
    remove_by: date
    hub: str

    def write(self, folder: Path) -> None:
        """Write them into a backup's folder, durably. Raises `OSError`."""
        written = {"part": self.part, "made": str(self.made), "remove_by": str(self.remove_by), "hub": self.hub}
        create_file(folder / FILE_NAME, json.dumps(written).encode("ascii") + b"\n")


def new_terms(part: Part, hub: str, now_ms: int, keep_days: int) -> BackupTerms:
    """Return the terms of a backup that is made now and kept for so many days."""
    today = utc_day(now_ms)
    return BackupTerms(part, today, today + timedelta(days=keep_days), hub)


def read_terms(folder: Path) -> BackupTerms | None:
    """Return the terms of a backup; ``None`` of one that was made before there were any, or of no backup.

    Raises `ConfigurationError` when they cannot be read.
    """
    path = folder / FILE_NAME
    try:
        found = document(path.read_bytes(), _MOST_BYTES)
        made, remove_by = (day_from(found.get(name), name) for name in ("made", "remove_by"))
        return BackupTerms(
            one_of(Part, found.get("part"), "part"), made, remove_by, text_of(found.get("hub"), _HUB, "hub")
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(say("{path}: cannot be read ({why})", path=path, why=why_of(error))) from error
    except WireError:
        raise ConfigurationError(say("{path}: damaged; this is no whole backup", path=path)) from None


def hub_id(folder: Path) -> str:
    """Return what tells one hub from another: the beginning of the SHA-256 of its authority. Raises `OSError`."""
    return hashlib.sha256((folder / "tls" / "ca.pem").read_bytes()).hexdigest()[:16]


def note_made(folder: Path, part: Part, now_ms: int) -> None:
    """Leave a mark in a hub's folder by which it knows when its last backup was made. Raises `OSError`.

    Only the time of the file says something, so it does not matter whose it is: root makes backups, the hub looks.
    """
    for one in _HALVES if part is Part.ALL else (part,):
        mark = folder / _MARK.format(one)
        mark.touch(mode=0o600)
        os.utime(mark, ns=(now_ms * 1_000_000,) * 2)


def backed_up_ms(folder: Path, birth: Path) -> int:
    """Return when the last backup was made, Unix ms: of database and keys the older one.

    Args:
        folder: of the hub.
        birth: a file in it that is as old as the hub, for one that was never backed up.

    Raises `OSError`.
    """
    marks = [folder / _MARK.format(one) for one in _HALVES]
    return min((mark if mark.exists() else birth).stat().st_mtime_ns // 1_000_000 for mark in marks)


def overdue(beside: Path, today: date) -> list[Path]:
    """Return the backups in a folder that were to be removed before *today*; what cannot be read is none."""
    found = []
    for path in sorted(beside.glob(f"*/{FILE_NAME}")):
        try:
            terms = read_terms(path.parent)
        except ConfigurationError:
            continue
        if terms is not None and terms.remove_by < today:
            found.append(path.parent)
    return found
