"""Durable files: written whole or not at all, and on the disk (fsync) when a function here returns."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from device.words import number, say, why_of

NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Numbers of an `OSError` that mean: the disk, or one's share of it, is full."""


def no_room(folder: Path, needed_bytes: int) -> str:
    """Say what to do about a full disk: how much is needed where, and how much is free there now."""
    try:
        disk = os.statvfs(folder)
        free = number(disk.f_bavail * disk.f_frsize / 1e6, ".1f")
    except OSError:
        free = "?"
    needed = number(needed_bytes / 1e6, ".1f")
    return say(
        "free some space: {needed} MB must be free in {folder}, {free} MB are", needed=needed, folder=folder, free=free
    )


def why_not(error: OSError, folder: Path, needed_bytes: int = 1 << 20) -> str:
    """Say why something could not be written in *folder*, which needs some room, at most *needed_bytes*."""
    reason = why_of(error)
    return f"{reason}: {no_room(folder, needed_bytes)}" if error.errno in NO_ROOM else reason


def replace_file(path: Path, body: bytes, *, mode: int = 0o600) -> None:
    """Write a file whole or not at all, durably; a former one is replaced. For one writer at a time.

    Args:
        path: where; its folder must exist.
        body: all of it.
        mode: who may read it, less the umask. As it stands, its owner only.

    Raises:
        OSError: the folder cannot be written; the former file is then still there.
    """
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    try:
        create_file(draft, body, mode=mode)
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
    sync_folder(path.parent)


def create_file(path: Path, body: bytes, *, mode: int = 0o600) -> None:
    """Write a new file, its content durably; its name is durable after `sync_folder`.

    Raises:
        FileExistsError: there is one of that name, or a link; it is untouched.
        OSError: it cannot be written; a part of it may be left.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* durable: what was made, renamed or removed there. Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
