"""Signed bundles on the hub's disk: one file a kind in ``bundles/``, signed by the root when it is published.

::

    bundles/KIND.bundle        the one gates are to have (`device.wire.bundle`)
    bundles/KIND@ID.bundle     the people list of one gate, which has that one instead
    bundles/succession.json    the hub's roots (`device.hub.publishing.succession`)

A version is the time of publishing in Unix seconds, or one more than the last where that is more: what is published
after a backup was restored is newer than anything a gate has had. Sealing keys are published by the hub itself,
whenever their content has changed. Safe on any thread.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from device.clock import Clock
from device.crypto.signing import SigningKey
from device.durable import replace_file, why_not
from device.errors import BundleRefused, ConfigurationError
from device.hub.publishing.succession import Succession
from device.wire.bundle import (
    CONTENT_MOST_BYTES,
    HEAD_MOST_BYTES,
    PEOPLE_LISTS,
    PREFIX_BYTES,
    Bundle,
    BundleKind,
    Head,
    read_bundle,
    sign_head,
    verify_head,
)
from device.wire.catalogue import MOST_SUCCESSIONS, Catalogue, Offer, catalogue_of
from device.words import say

FOLDER: Final = "bundles"
VALID_DAYS: Final = {
    BundleKind.POLICY: 365,
    BundleKind.TRUST: 90,
    BundleKind.SEALING_KEYS: 30,
    BundleKind.WATCH_LIST: 7,
    BundleKind.ROSTER: 7,
}
"""After so long without a newer one gates warn that theirs is old."""

_PIECE_BYTES: Final = 64 * 1024
_DAY_MS: Final = 86_400_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Published:
    """A bundle on its way out.

    Attributes:
        head: what it says of itself.
        size: bytes of the whole.
        file: as it was when it was opened; whoever has this closes it.
    """

    head: Head
    size: int
    file: BinaryIO

    def pieces(self) -> Iterator[bytes]:
        """Yield the whole, in pieces."""
        while piece := self.file.read(_PIECE_BYTES):
            yield piece


class PublishedBundles:
    """What a hub offers its gates.

    Args:
        folder: of the hub.
        root: gives the key that signs; asked each time something is published.
        sealing_days: gives the content of the sealing keys of today (`device.wire.sealing_keys`); ``None``: here
            nothing is published, and what lies there was signed elsewhere.
        clock: for versions and times.
    """

    def __init__(
        self, folder: Path, root: Callable[[], SigningKey], sealing_days: Callable[[], bytes] | None, clock: Clock
    ) -> None:
        self._folder = folder / FOLDER
        self._root = root
        self._succession = Succession(self._folder, root)
        self._sealing_days = sealing_days
        self._clock = clock
        self._lock = threading.Lock()
        self._catalogues: dict[str | None, tuple[object, Catalogue]] = {}
        self._keys_day = -1

    def publish(
        self,
        kind: BundleKind,
        content: bytes,
        valid_days: int | None = None,
        successor: bytes | None = None,
        *,
        device_id: str | None = None,
    ) -> Head:
        """Sign a content and put it in the place of the former one, durably.

        Args:
            kind: of what.
            content: already checked (`device.hub.publishing.publish`).
            valid_days: until gates warn; ``None`` is `VALID_DAYS`.
            successor: the root that signs from now on.
            device_id: the one gate that a people list is for; ``None`` is every gate.

        Raises:
            ConfigurationError: the folder, or the root, cannot be used, or the content is too large.
        """
        now_ms = self._clock.reading().wall_ms
        days = VALID_DAYS[kind] if valid_days is None else valid_days
        if not 1 <= len(content) <= CONTENT_MOST_BYTES[kind]:
            told = say("{kind}: must have 1 to {most} bytes", kind=kind, most=CONTENT_MOST_BYTES[kind])
            raise ConfigurationError(told)
        with self._lock:
            former = (self._head(path) for path in self._paths() if _named(path)[0] is kind)
            version = max(now_ms // 1000, 1, *(head.version + 1 for head in former if head is not None))
            valid_until_ms = now_ms + days * _DAY_MS
            sha256 = hashlib.sha256(content).digest()
            head = Head(kind, version, max(0, now_ms), valid_until_ms, len(content), sha256, device_id, successor)
            signed = sign_head(head, self._root())
            try:
                self._folder.mkdir(mode=0o700, exist_ok=True)
                if successor is not None:
                    self._succession.add(signed)
                replace_file(self._path(kind, device_id), signed + content)
            except OSError as error:
                path = self._path(kind, device_id)
                why = why_not(error, path.parent)
                raise ConfigurationError(say("{path}: cannot be written ({why})", path=path, why=why)) from error
        log.info("event=published kind=%s version=%d bytes=%d device=%s", kind, version, len(content), device_id)
        return head

    @property
    def root(self) -> bytes:
        """The public key of the root that signs now; raises `ConfigurationError`."""
        return self._succession.roots()[-1]

    def keep_root(self) -> None:
        """Write the root's public key down beside the bundles, for a host without it; raises `OSError`."""
        self._succession.keep()

    def withdraw_own(self, kind: BundleKind) -> None:
        """Remove the lists of single gates of a kind: every gate has the one for all."""
        for path in self._paths():
            if _named(path)[0] is kind and _named(path)[1] is not None:
                path.unlink(missing_ok=True)

    def catalogue(self, device_id: str | None = None) -> Catalogue:
        """Return what there is for a gate; the sealing keys are renewed first when it is another day."""
        self._renew_keys()
        with self._lock:
            paths = [self._path_for(kind, device_id) for kind in BundleKind]
            own = device_id if any(_named(path)[1] for path in paths) else None
            states = tuple(map(_file_state, (*paths, self._succession.path)))
            seen, catalogue = self._catalogues.get(own, (None, None))
            if catalogue is None or seen != states:
                offers = [
                    Offer(_named(path)[0], head.version, path.stat().st_size)  # the gate names and refuses another kind
                    for path in paths
                    if (head := self._head(path)) is not None
                ]
                catalogue = catalogue_of(offers, self._succession.chain()[1])
                self._catalogues[own] = states, catalogue
            return catalogue

    def head(self, kind: BundleKind, device_id: str | None = None) -> Head | None:
        """Return what is published now for a gate; ``None`` when there is nothing."""
        return self._head(self._path_for(kind, device_id))

    def heads(self) -> list[Head]:
        """Return what is published now, of every kind and of single gates too; what cannot be used is left out."""
        return [head for head in map(self._head, self._paths()) if head is not None]

    def content(self, kind: BundleKind) -> bytes | None:
        """Return what is published now for every gate; ``None`` when there is nothing that can be used."""
        try:
            return bytes(self._read(self._path(kind)).content)
        except ConfigurationError:
            return None

    def open(self, kind: BundleKind, version: int, device_id: str | None = None) -> Published | None:
        """Open a bundle to be sent to a gate; ``None`` when there is no such version for it."""
        try:
            file = self._path_for(kind, device_id).open("rb")
        except OSError:
            return None
        before = file.read(PREFIX_BYTES + HEAD_MOST_BYTES)
        head = self._head_of(before)
        if head is None or head.version != version:
            file.close()
            return None
        size = file.seek(0, 2)
        file.seek(0)
        return Published(head, size, file)

    def renew_root(self, new: SigningKey, activate: Callable[[], None]) -> None:
        """Let another root take over: the present one names it once, and everything is signed anew by it.

        Broken off, it is begun again with the same *new*.

        Args:
            new: the next root.
            activate: makes it the hub's root, durably.

        Raises:
            ConfigurationError: the folder, a bundle or the root cannot be used, or there were too many roots.
        """
        roots = self._succession.roots()
        assert self._sealing_days is not None
        if roots[-1] != new.public:
            if len(roots) > MOST_SUCCESSIONS:
                told = say("the root was renewed {count} times; make a new hub", count=MOST_SUCCESSIONS)
                raise ConfigurationError(told)
            self.publish(BundleKind.SEALING_KEYS, self._sealing_days(), successor=new.public)
        activate()
        for path in self._paths():
            bundle = self._read(path)
            left_ms = bundle.head.valid_until_ms - self._clock.reading().wall_ms
            days = max(1, left_ms // _DAY_MS)
            self.publish(bundle.head.kind, bytes(bundle.content), days, device_id=bundle.head.device_id)

    def _read(self, path: Path) -> Bundle:
        try:
            return read_bundle(path.read_bytes(), self._succession.roots())
        except (OSError, BundleRefused) as error:
            raise ConfigurationError(say("{path}: cannot be used; publish it again", path=path)) from error

    def _renew_keys(self) -> None:
        """Publish the sealing keys when they are not those that were published."""
        day = self._clock.reading().wall_ms // _DAY_MS
        if day == self._keys_day or self._sealing_days is None:
            return
        content = self._sealing_days()
        head = self._head(self._path(BundleKind.SEALING_KEYS))
        if head is None or head.sha256 != hashlib.sha256(content).digest():
            self.publish(BundleKind.SEALING_KEYS, content)
        self._keys_day = day

    def _head(self, path: Path) -> Head | None:
        try:
            with path.open("rb") as file:
                return self._head_of(file.read(PREFIX_BYTES + HEAD_MOST_BYTES))
        except OSError:
            return None

    def _head_of(self, before: bytes) -> Head | None:
        """Read the head at the beginning of a file; ``None`` (logged) when it is not this hub's."""
        length = int.from_bytes(before[PREFIX_BYTES - 2 : PREFIX_BYTES], "big")
        try:
            return verify_head(before[: PREFIX_BYTES + length], self._succession.roots())
        except BundleRefused as error:
            log.error("event=bundle-unusable reason=%r", str(error))  # noqa: TRY400 - the reason says all
            return None

    def _paths(self) -> list[Path]:
        """Return every bundle's file, those of single gates too."""
        own = [path for path in sorted(self._folder.glob("*@*.bundle")) if path.name.partition("@")[0] in PEOPLE_LISTS]
        return [path for kind in BundleKind if (path := self._path(kind)).is_file()] + own

    def _path_for(self, kind: BundleKind, device_id: str | None) -> Path:
        """Return the file a gate is to have: its own, or the one for all."""
        own = self._path(kind, device_id)
        return own if kind in PEOPLE_LISTS and own.is_file() else self._path(kind)

    def _path(self, kind: BundleKind, device_id: str | None = None) -> Path:
        return self._folder / (f"{kind}.bundle" if device_id is None else f"{kind}@{device_id}.bundle")


def _named(path: Path) -> tuple[BundleKind, str | None]:
    """Return the kind, and the one gate, by the name of a file of `PublishedBundles`."""
    kind, _, device_id = path.name.removesuffix(".bundle").partition("@")
    return BundleKind(kind), device_id or None


def _file_state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
