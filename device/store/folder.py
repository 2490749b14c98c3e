"""The ledger's folder: a lock for one writing process (flock), and where a damaged file is set aside.

Nothing here ever opens the database file: closing any descriptor of it would drop the locks SQLite
holds on it in this process (POSIX locks belong to the process, not to the descriptor).
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from device.durable import sync_folder
from device.errors import LedgerUnavailable
from device.store.schema import FILE_NAME, WAL_LIMIT_BYTES
from device.words import say, why_of

_LOCK_NAME: Final = "ledger.lock"
_UNUSED: Final = "ledger.unused"
"""There from when a ledger was set aside until the first row of the next one is written."""


class FolderLock:
    """Held by the one process that writes this ledger; the kernel lets it go when the process dies.

    Args:
        folder: made when it is not there, readable by its owner only.

    Raises:
        LedgerUnavailable: another process holds it, or the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        descriptor = -1
        self._path = folder / _LOCK_NAME
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise LedgerUnavailable(
                say(
                    "another gate writes to the ledger in {folder}: stop it, or give this gate a folder of its own",
                    folder=folder,
                )
            ) from error
        except OSError as error:
            if descriptor >= 0:
                os.close(descriptor)
            raise LedgerUnavailable(
                say(
                    "the ledger's folder {folder} cannot be used ({why}): check that it exists, is writable and "
                    "belongs to the service's user",
                    folder=folder,
                    why=why_of(error),
                )
            ) from error
        self._descriptor = descriptor

    def is_there(self) -> bool:
        """Return whether the lock's file is still the one in the folder."""
        held = os.fstat(self._descriptor)
        return file_identity(self._path) == (held.st_dev, held.st_ino)

    def release(self) -> None:
        """Release the lock; may be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def set_orphan_aside(folder: Path) -> None:
    """Set a WAL aside that has no database: SQLite would replay it into the next one made there.

    Raises `OSError`.
    """
    database = folder / FILE_NAME
    wal = _sibling(database, "-wal")
    if wal.exists() and not (database.exists() and database.stat().st_size):
        set_aside(folder)


def set_aside(folder: Path) -> str | None:
    """Rename the database and what belongs to it, so that a new one can be made; no row is deleted.

    Returns the new name; ``None`` for a database made since the last one was set aside in which no row was written:
    it is removed, so that a card that cannot be read does not fill up with empty ledgers. Raises `OSError`.
    """
    database = folder / FILE_NAME
    if is_unused(folder):
        for path in _family(database):
            path.unlink(missing_ok=True)
        return None
    name = name_for_damaged(folder)
    # The log gets its new name before the database loses its old one: whenever the power goes, a database is found
    # with its log, and a log that is left alone (`set_orphan_aside`) is only a second name of one.
    wal, new_wal = _sibling(database, "-wal"), _sibling(folder / name, "-wal")
    with suppress(OSError):  # none there, or a file system without second names
        os.link(wal, new_wal)
    for old, new in zip(_family(database), _family(folder / name), strict=True):
        if new.exists():
            old.unlink()
        elif old.exists():
            old.rename(new)
    sync_folder(folder)
    # Not before: it must never stand beside a database that has rows. A card without room for it has none for rows.
    with suppress(OSError):
        (folder / _UNUSED).touch(mode=0o600)
        sync_folder(folder)
    return name


def is_unused(folder: Path) -> bool:
    """Return whether no row was written since a database was set aside."""
    return (folder / _UNUSED).exists()


def note_used(folder: Path) -> None:
    """Note durably that the database has a row, before anybody is told of it. Raises `OSError`."""
    (folder / _UNUSED).unlink(missing_ok=True)
    sync_folder(folder)


def name_for_damaged(folder: Path) -> str:
    """Return a new name for a database, which ends in the time of the last change (Unix ms). Raises `OSError`."""
    database = folder / FILE_NAME
    found = [path.stat().st_mtime_ns for path in (*_family(database), folder) if path.exists()]
    changed_ms = found[0] // 1_000_000
    name = f"{FILE_NAME}.damaged-{changed_ms}"
    count = 1
    while any(path.exists() for path in _family(folder / name)):
        count += 1
        name = f"{FILE_NAME}.damaged-{changed_ms}-{count}"
    return name


def files_set_aside(folder: Path) -> list[Path]:
    """Return the databases that were set aside, the oldest first."""
    # The number is Unix ms, of one length until the year 2286.
    name = re.compile(rf"{re.escape(FILE_NAME)}\.damaged-[0-9]+(-[0-9]+)?")
    return sorted(path for path in folder.glob(f"{FILE_NAME}.damaged-*") if name.fullmatch(path.name))


@dataclass(frozen=True, slots=True)
class Footprint:
    """What of an open ledger can be seen from outside, without opening it.

    Attributes:
        database: device and inode of the database; ``None`` when there is none.
        size_bytes: of the database; never becomes less.
        log: device and inode of the write-ahead log, which is there as long as the ledger is open.
        log_bytes: its size; SQLite itself cuts it down to `WAL_LIMIT_BYTES` and no further.
    """

    database: tuple[int, int] | None
    size_bytes: int
    log: tuple[int, int] | None
    log_bytes: int

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Look."""
        path = folder / FILE_NAME
        database, log = (_stat_of(found) for found in (path, _sibling(path, "-wal")))
        return cls(*_identity_and_size(database), *_identity_and_size(log))

    def log_was_cut(self, before: Self) -> bool:
        """Return whether the log has become shorter since than SQLite makes it."""
        return self.log_bytes < min(before.log_bytes, WAL_LIMIT_BYTES)


def _stat_of(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _identity_and_size(found: os.stat_result | None) -> tuple[tuple[int, int] | None, int]:
    return (None, 0) if found is None else ((found.st_dev, found.st_ino), found.st_size)


def file_identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode, to notice that a file in use is no longer the one of that name."""
    return _identity_and_size(_stat_of(path))[0]


def _family(database: Path) -> tuple[Path, Path, Path]:
    return database, _sibling(database, "-wal"), _sibling(database, "-shm")


def _sibling(database: Path, suffix: str) -> Path:
    return database.with_name(database.name + suffix)
