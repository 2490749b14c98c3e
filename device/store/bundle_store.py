"""Bundles kept on the card: the last good one of each kind, its version floor (no downgrade), and the hub's roots.

In the folder ``bundles`` of the state folder, each file written whole or not at all::

    KIND.bundle    the last good one, as it came (`device.wire.bundle`); never one of a people list
    floors.json    {"root": the root of the enrolment, "floors": {KIND: VERSION}, "succession": [what stood before the
                   content of each bundle that named a successor to the root]}, in base64

A version is noted after its bundle is in place, so that a power cut between the two leaves the new bundle and an
old floor; the floor is then the bundle's. Of a people list only the version is noted. Everything read back is
checked as if it had just come in: the card is trusted no more than the network. A gate that was enrolled at another
hub begins anew.

Used on one thread at a time.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from device.durable import replace_file, sync_folder
from device.errors import BundleRefused, WireError
from device.strict_json import base64_of, document, integer, octets
from device.wire.bundle import (
    CONTENT_MOST_BYTES,
    HEAD_MOST_BYTES,
    PEOPLE_LISTS,
    PREFIX_BYTES,
    Bundle,
    BundleKind,
    Head,
    read_bundle,
    succeed,
)
from device.words import say

FOLDER: Final = "bundles"
_FLOORS: Final = "floors.json"
_FLOORS_MOST_BYTES: Final = 256 * 1024
_MOST_SUCCESSIONS: Final = 32

log = logging.getLogger(__name__)


class BundleStore:
    """What a gate keeps of its hub's bundles.

    Args:
        folder: the gate's state folder; ``bundles`` is made in it when the first bundle is kept.
        root: public key of the root this gate was enrolled with.
        device_id: of this gate.

    Attributes:
        roots: the roots this gate knows of, the newest last; only that one may sign what comes in.
    """

    def __init__(self, folder: Path, root: bytes, device_id: str) -> None:
        self._folder = folder / FOLDER
        self._root = root
        self._device_id = device_id
        self._floors: dict[BundleKind, int] = {}
        self._succession: tuple[bytes, ...] = ()
        self._read_floors()
        self.roots = succeed(root, self._succession)

    def floor(self, kind: BundleKind) -> int:
        """Return the lowest version of a kind that may be taken in; 0 when there was none yet."""
        return self._floors.get(kind, 0)

    def judge(self, head: Head, kind: BundleKind) -> None:
        """Refuse a bundle by its head, before its content is taken.

        Raises:
            BundleRefused: it is of another kind, for another gate, or older than one this gate has had.
        """
        if head.kind is not kind:
            raise BundleRefused(say("it is a bundle of kind {kind}", kind=head.kind))
        if head.device_id not in {None, self._device_id}:
            raise BundleRefused(say("it is for another gate"))
        if head.version < self.floor(kind):
            raise BundleRefused(
                say(
                    "version {version} is older than {floor}, which this gate has had",
                    version=head.version,
                    floor=self.floor(kind),
                )
            )

    def read(self, kind: BundleKind) -> Bundle | None:
        """Return the last good bundle of a kind; ``None`` when there is none, or it is no longer whole (logged)."""
        path = self._path(kind)
        most_bytes = PREFIX_BYTES + HEAD_MOST_BYTES + CONTENT_MOST_BYTES[kind]
        try:
            with path.open("rb") as file:
                written = file.read(most_bytes + 1)
            bundle = read_bundle(written, self.roots, lambda head: self.judge(head, kind))
        except FileNotFoundError:
            return None
        except (OSError, BundleRefused) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            log.error("event=kept-bundle-unusable kind=%s reason=%r", kind, reason)  # noqa: TRY400 - the reason says all
            return None
        self._floors[kind] = max(self.floor(kind), bundle.head.version)
        return bundle

    def keep(self, bundle: Bundle) -> None:
        """Put a good bundle in the place of the last one, durably, and note its version; a people list is not kept.

        Raises `OSError`: the former one is then still there, or the new one whole.
        """
        self._make_folder()
        kind = bundle.head.kind
        if kind not in PEOPLE_LISTS:
            replace_file(self._path(kind), bundle.signed + bundle.content)
        self._floors[kind] = max(self.floor(kind), bundle.head.version)
        if bundle.head.successor is not None:
            self._follow([*self._succession, bundle.signed])
        self._write_floors()

    def succeed(self, succession: Iterable[bytes]) -> None:
        """Take over what the hub says of its roots, as far as each root has signed the next; raises `OSError`."""
        if self._follow([*self._succession, *succession]):
            self._write_floors()

    def _follow(self, succession: list[bytes]) -> bool:
        """Keep of *succession* what leads on; return whether there is a new root."""
        kept: list[bytes] = []
        for signed in succession[:_MOST_SUCCESSIONS]:
            if len(succeed(self._root, [*kept, signed])) > len(succeed(self._root, kept)):
                kept.append(signed)
        roots = succeed(self._root, kept)
        changed = roots != self.roots
        if changed:
            self._succession, self.roots = tuple(kept), roots
            log.warning("event=new-hub-root roots=%d", len(roots))
        return changed

    def _make_folder(self) -> None:
        if not self._folder.is_dir():
            self._folder.mkdir(mode=0o700)
            sync_folder(self._folder.parent)

    def _path(self, kind: BundleKind) -> Path:
        return self._folder / f"{kind}.bundle"

    def _write_floors(self) -> None:
        written = {
            "root": base64_of(self._root),
            "floors": {kind.value: version for kind, version in sorted(self._floors.items())},
            "succession": [base64_of(signed) for signed in self._succession],
        }
        self._make_folder()
        replace_file(self._folder / _FLOORS, json.dumps(written).encode() + b"\n")

    def _read_floors(self) -> None:
        try:
            with (self._folder / _FLOORS).open("rb") as file:
                root, floors, succession = _floors_of(file.read(_FLOORS_MOST_BYTES))
        except FileNotFoundError:
            return
        except (OSError, WireError) as error:
            # The kept bundles still say which versions there were; of people lists this is forgotten.
            log.error("event=bundle-versions-unreadable reason=%r", str(error))  # noqa: TRY400 - one line
            return
        if self._root in succeed(root, succession):
            self._floors, self._succession = floors, succession


def _floors_of(written: bytes) -> tuple[bytes, dict[BundleKind, int], tuple[bytes, ...]]:
    found = document(written, _FLOORS_MOST_BYTES)
    floors, succession = found.get("floors"), found.get("succession")
    if not isinstance(floors, dict) or not isinstance(succession, list):
        raise WireError("floors.json: not what was written")
    most_bytes = PREFIX_BYTES + HEAD_MOST_BYTES
    return (
        octets(found.get("root"), 32, 32, "root"),
        {kind: integer(floors[kind.value], 1, kind) for kind in BundleKind if kind.value in floors},
        tuple(octets(signed, 1, most_bytes, "succession") for signed in succession),
    )
