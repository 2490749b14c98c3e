"""What was looked at and is not published yet: one draft a kind in ``drafts/`` of the hub's folder.

::

    drafts/KIND.draft      the content as it would be signed, and nothing else; 0600

Of a list it holds digests under a key of its own, never a number. It is known by its SHA-256, so that what is published
is what was looked at, whichever process of the hub is asked. Any thread.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Final

from device.durable import replace_file, why_not
from device.errors import ConfigurationError
from device.wire.bundle import BundleKind
from device.words import say

FOLDER: Final = "drafts"
LIVES_S: Final = 3600
"""After so long a draft is looked at anew."""


class Drafts:
    """The drafts of a hub.

    Args:
        folder: of the hub.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    def keep(self, kind: BundleKind, content: bytes) -> str:
        """Keep a content in the place of an earlier draft of its kind; return by what it is known.

        Raises `ConfigurationError` when it cannot be written.
        """
        path = self._path(kind)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            replace_file(path, content)
        except OSError as error:
            why = why_not(error, self._folder)
            raise ConfigurationError(say("{path}: cannot be written ({why})", path=path, why=why)) from error
        return hashlib.sha256(content).hexdigest()

    def find(self, kind: BundleKind, known_by: str) -> bytes | None:
        """Return a draft; ``None`` when another has taken its place, it was published, or it is too old."""
        path = self._path(kind)
        try:
            if time.time() - path.stat().st_mtime > LIVES_S:
                path.unlink(missing_ok=True)
                return None
            content = path.read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == known_by else None

    def drop(self, kind: BundleKind) -> None:
        """Remove a draft, if there is one."""
        self._path(kind).unlink(missing_ok=True)

    def _path(self, kind: BundleKind) -> Path:
        return self._folder / f"{kind}.draft"
