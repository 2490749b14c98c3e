"""What was looked at and is not published yet: one draft a kind in ``drafts/`` of the hub's folder.

::

    drafts/KIND.draft      when it was made, Unix milliseconds and a line end, then the content as it would be signed

Of a list it holds digests under a key of its own, never a number. It is known by the SHA-256 of the content, so that
what is published is what was looked at, whichever process of the hub is asked. Any thread.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from device.durable import replace_file, why_not
from device.errors import ConfigurationError
from device.wire.bundle import BundleKind
from device.words import say

FOLDER: Final = "drafts"
LIVES_MS: Final = 3_600_000
"""After so long a file is looked at anew."""


class Drafts:
    """The drafts of a hub.

    Args:
        folder: of the hub.
        now_ms: the hub's time.
    """

    def __init__(self, folder: Path, now_ms: Callable[[], int]) -> None:
        self._folder = folder / FOLDER
        self._now_ms = now_ms

    def keep(self, kind: BundleKind, content: bytes) -> str:
        """Keep a content in the place of an earlier draft of its kind; return by what it is known.

        Raises `ConfigurationError` when it cannot be written.
        """
        path = self._path(kind)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            replace_file(path, b"%d\n" % self._now_ms() + content)
        except OSError as error:
            why = why_not(error, self._folder)
            raise ConfigurationError(say("{path}: cannot be written ({why})", path=path, why=why)) from error
        for other in BundleKind:  # what nobody went on with goes in time
            self._content(other)
        return hashlib.sha256(content).hexdigest()

    def find(self, kind: BundleKind, known_by: str) -> bytes | None:
        """Return a draft; ``None`` when another has taken its place, it was published, or it is too old."""
        content = self._content(kind)
        return content if content is not None and hashlib.sha256(content).hexdigest() == known_by else None

    def drop(self, kind: BundleKind) -> None:
        """Remove a draft, if there is one."""
        self._path(kind).unlink(missing_ok=True)

    def _content(self, kind: BundleKind) -> bytes | None:
        """Return what a draft holds; one that is too old, or damaged, is removed."""
        try:
            made, _, content = self._path(kind).read_bytes().partition(b"\n")
        except OSError:
            return None
        if made.isdigit() and 0 <= self._now_ms() - int(made) <= LIVES_MS:
            return content
        self.drop(kind)
        return None

    def _path(self, kind: BundleKind) -> Path:
        return self._folder / f"{kind}.draft"
