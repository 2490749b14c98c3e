"""Every root that a hub has had: ``bundles/succession.json``.

It is ``{"first": root, "succession": [what stood before the content of each bundle that named a new root]}``, in
base64; not there while the root is the first one. Not locked: the caller writes one at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from device.crypto.signing import SigningKey
from device.durable import replace_file
from device.errors import ConfigurationError, WireError
from device.strict_json import base64_of, document, octets
from device.wire.bundle import HEAD_MOST_BYTES, PREFIX_BYTES, succeed
from device.words import say, why_of

_NAME: Final = "succession.json"
_MOST_BYTES: Final = 128 * 1024


class Succession:
    """The roots of a hub, in the folder of its bundles.

    Args:
        folder: where the file lies; need not be there before `add`.
        root: gives the key that signs now.

    Attributes:
        path: the file.
    """

    def __init__(self, folder: Path, root: Callable[[], SigningKey]) -> None:
        self.path = folder / _NAME
        self._root = root

    def roots(self) -> tuple[bytes, ...]:
        """Return every root this hub has had, the newest last; raises as `chain` does."""
        first, succession = self.chain()
        return succeed(first, succession)

    def chain(self) -> tuple[bytes, tuple[bytes, ...]]:
        """Return the first root, and what named each later one.

        Raises:
            ConfigurationError: the file is damaged, or cannot be read.
        """
        try:
            return _chain_of(self.path.read_bytes())
        except FileNotFoundError:
            return self._root().public, ()
        except (OSError, WireError) as error:
            told = say(
                "{path}: cannot be used ({why}); restore a backup (gate-scanner hub restore)",
                path=self.path,
                why=why_of(error) if isinstance(error, OSError) else error,
            )
            raise ConfigurationError(told) from error

    def keep(self) -> None:
        """Write down the first root too, for who has only this file (`device.hub.ingest_folder`); raises as `add`."""
        if not self.path.exists():
            replace_file(self.path, json.dumps({"first": base64_of(self._root().public), "succession": []}).encode())

    def add(self, signed: bytes) -> None:
        """Write down, durably, what names another root; raises ``OSError``, and what `chain` does."""
        first, succession = self.chain()
        named = [base64_of(head) for head in (*succession, signed)]
        replace_file(self.path, json.dumps({"first": base64_of(first), "succession": named}).encode() + b"\n")


def _chain_of(written: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    found = document(written, _MOST_BYTES)
    named = found.get("succession")
    if not isinstance(named, list):
        raise WireError(say("{where}: must be a list", where="succession"))
    heads = tuple(octets(signed, 1, PREFIX_BYTES + HEAD_MOST_BYTES, "succession") for signed in named)
    return octets(found.get("first"), 32, 32, "first"), heads
