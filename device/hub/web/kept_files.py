"""Files that somebody has sent and has yet to confirm: one of each session, for an hour, a few in all.

They lie in a folder, so that every process of a hub finds them; a backup leaves them out. Any thread.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Final

from device.hub.accounts.sessions import Session

KEPT_FILES: Final = "uploads"
"""The folder of them in a hub's folder."""
KEPT_S: Final = 3_600
MOST_KEPT: Final = 4
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_PATIENCE_S: Final = 20.0


class KeptFiles:
    """The files that wait.

    Args:
        folder: where; made when it is needed. ``None``: one of their own among temporary files.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._made = Lock()
        self._turn = Lock()

    def keep(self, session: Session, path: Path) -> str:
        """Keep a copy of a file, in the place of what this session had; return its SHA-256. Raises `OSError`."""
        folder = self._ready()
        self.drop(session)
        self._make_room(folder)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        kept = folder / f"{_name(session)}-{digest}"
        draft = kept.with_suffix(".new")
        shutil.copyfile(path, draft)
        draft.replace(kept)
        return digest

    def find(self, session: Session, digest: str) -> Path | None:
        """Return where the file of this session with this SHA-256 lies; ``None``: it is not here any more."""
        if not _DIGEST.fullmatch(digest):
            return None
        path = self._ready() / f"{_name(session)}-{digest}"
        return path if path.is_file() and not _is_old(path) else None

    def drop(self, session: Session) -> None:
        """Forget what this session has here."""
        for path in self._ready().glob(f"{_name(session)}-*"):
            path.unlink(missing_ok=True)

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Wait for the turn to read a large file, which one thread does at a time; false: it did not come."""
        came = self._turn.acquire(timeout=_PATIENCE_S)
        try:
            yield came
        finally:
            if came:
                self._turn.release()

    def _ready(self) -> Path:
        with self._made:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="gate-hub-"))
            self._folder.mkdir(mode=0o700, exist_ok=True)
            return self._folder

    def _make_room(self, folder: Path) -> None:
        there = sorted(folder.iterdir(), key=_made_s)
        for at, path in enumerate(there):
            if _is_old(path) or len(there) - at >= MOST_KEPT:
                path.unlink(missing_ok=True)


def _name(session: Session) -> str:
    return session.session_hash.hex()


def _made_s(path: Path) -> float:
    with suppress(FileNotFoundError):
        return os.stat(path).st_mtime  # noqa: PTH116 - one call
    return 0.0


def _is_old(path: Path) -> bool:
    return time.time() - _made_s(path) > KEPT_S
