r"""Bundles: signed, versioned downloads from the hub (Ed25519), verified before anything in them is parsed.

Layout, byte for byte (``tests/golden/bundle/`` has one)::

    bytes 0-7      ``GATEBUN1``
    bytes 8-71     Ed25519 signature of the hub's root over ``gate/1 bundle\0`` and the head
    bytes 72-73    h, the length of the head, big-endian, 1 to 2048
    h bytes        the head: JSON in UTF-8
    then           the content, exactly as long as the head says, with the SHA-256 it says

    {"contract": "gate/1", "kind": "policy", "version": 7, "made": MS, "valid_until": MS,
     "device": null, "bytes": N, "sha256": BASE64, "successor": null}

The signature is over exact bytes and is checked before anything is parsed; the head fixes the content by its
hash, so that a large one is checked while it comes in and a wrong one is left before it is there.
``version`` rises with every bundle of a kind. ``made`` and ``valid_until`` are Unix milliseconds; beyond the
second the content still counts, with a warning. ``device`` binds it to one gate, ``null`` is all gates of
the hub. ``successor`` names the root that signs from then on (`succeed`).

What the content is, by kind: ``policy`` a policy document (`device.settings.load.parse_policy`), ``trust`` a trust
list (`device.trust.trust_list`), ``sealing-keys`` `device.wire.sealing_keys`, ``watch-list`` and ``roster``
`device.wire.people_list`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from device.crypto.signing import SigningKey, verified_by_any
from device.errors import BundleRefused, WireError
from device.strict_json import NAME, base64_of, document, exactly, integer, octets, one_of, text
from device.wire.checkins import CONTRACT, check_contract
from device.words import say

MAGIC: Final = b"GATEBUN1"
HEAD_MOST_BYTES: Final = 2048
PREFIX_BYTES: Final = len(MAGIC) + 64 + 2
"""Before the head."""
MOST_ENTRIES: Final = 1_000_000
"""Of a people list."""

_SIGNED: Final = b"gate/1 bundle\0"
_KEYS: Final = ("contract", "kind", "version", "made", "valid_until", "device", "bytes", "sha256", "successor")


class BundleKind(StrEnum):
    """What a bundle carries."""

    POLICY = "policy"
    TRUST = "trust"
    SEALING_KEYS = "sealing-keys"
    WATCH_LIST = "watch-list"
    ROSTER = "roster"


PEOPLE_LISTS: Final = frozenset({BundleKind.WATCH_LIST, BundleKind.ROSTER})
"""Kept in memory only, never on the card."""

CONTENT_MOST_BYTES: Final = {
    BundleKind.POLICY: 256 * 1024,
    BundleKind.TRUST: 4 * 1024 * 1024,
    BundleKind.SEALING_KEYS: 64 * 1024,
    BundleKind.WATCH_LIST: 40 + 8 * MOST_ENTRIES,
    BundleKind.ROSTER: 40 + 8 * MOST_ENTRIES,
}
"""The most a content may have, whatever its head says."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a bundle says of itself.

    Attributes:
        kind: what it carries.
        version: higher than that of every earlier one of its kind.
        made_ms: when it was signed, Unix milliseconds.
        valid_until_ms: beyond this it still counts, with a warning.
        size: bytes of the content.
        sha256: of the content.
        device_id: the one gate it is for; ``None`` is every gate of the hub.
        successor: the public key of the root that signs from now on; ``None``: the same.
    """

    kind: BundleKind
    version: int
    made_ms: int
    valid_until_ms: int
    size: int
    sha256: bytes
    device_id: str | None = None
    successor: bytes | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose signature and hash hold; what its content means is still unread.

    Attributes:
        head: what it says of itself.
        signed: magic, signature and head as they came.
        content: the rest.
    """

    head: Head
    signed: bytes = field(repr=False)
    content: bytearray = field(repr=False)


def sign_head(head: Head, root: SigningKey) -> bytes:
    """Return what stands before the content: magic, the root's signature, length, head."""
    written = {
        "contract": CONTRACT,
        "kind": head.kind.value,
        "version": head.version,
        "made": head.made_ms,
        "valid_until": head.valid_until_ms,
        "device": head.device_id,
        "bytes": head.size,
        "sha256": base64_of(head.sha256),
        "successor": None if head.successor is None else base64_of(head.successor),
    }
    body = json.dumps(written, separators=(",", ":")).encode()
    return MAGIC + root.sign(_SIGNED + body) + len(body).to_bytes(2, "big") + body


def verify_head(signed: bytes, roots: Sequence[bytes]) -> Head:
    """Verify and then read what stands before the content.

    Args:
        signed: all of it, and nothing more.
        roots: the public keys that may have signed it.

    Raises:
        BundleRefused: it is none, or none of *roots* has signed it, or it breaks the contract.
    """
    body = signed[PREFIX_BYTES:]
    if not signed.startswith(MAGIC) or len(body) != _head_bytes(signed):
        raise BundleRefused(say("not a bundle"))
    signature = signed[len(MAGIC) : len(MAGIC) + 64]
    if not verified_by_any(roots, _SIGNED + body, signature):
        raise BundleRefused(say("not signed by the root of this gate's hub"))
    try:
        return _head(body)
    except WireError as error:
        raise BundleRefused(say("signed, and broken: {error}", error=error)) from error


def succeed(root: bytes, succession: Iterable[bytes]) -> tuple[bytes, ...]:
    """Follow heads that name a successor, from one root to the next.

    Args:
        root: the one this gate was enrolled with.
        succession: what stands before the content of each bundle that named a successor, the oldest first.
            One that the root of the moment has not signed is passed over.

    Returns the roots, the newest last; *root* alone when nothing follows it.
    """
    roots = [root]
    for signed in succession:
        try:
            successor = verify_head(signed, roots[-1:]).successor
        except BundleRefused:
            continue
        if successor is not None and successor not in roots:
            roots.append(successor)
    return tuple(roots)


class Incoming:
    """Reads a bundle piece by piece as it comes from a line or a file; used on one thread.

    Args:
        roots: the public keys that may have signed it.
        judge: called with the head as soon as its signature holds, before any content is taken; raises
            `BundleRefused` when it is not wanted. ``None``: every head will do.
    """

    def __init__(self, roots: Sequence[bytes], judge: Callable[[Head], None] | None = None) -> None:
        self._roots = roots
        self._judge = judge
        self._before = b""
        self._head: Head | None = None
        self._content = bytearray()
        self._filled = 0
        self._hash = hashlib.sha256()

    def feed(self, piece: bytes) -> None:
        """Take the next bytes; raises `BundleRefused` as soon as they cannot belong to a good bundle."""
        if self._head is None:
            self._before += piece
            if len(self._before) < PREFIX_BYTES:
                return
            end = PREFIX_BYTES + _head_bytes(self._before)
            if len(self._before) < end:
                return
            piece, self._before = self._before[end:], self._before[:end]
            self._head = verify_head(self._before, self._roots)
            if self._judge is not None:
                self._judge(self._head)
            self._content = bytearray(self._head.size)
        if self._filled + len(piece) > len(self._content):
            raise BundleRefused(say("longer than its head says"))
        self._content[self._filled : self._filled + len(piece)] = piece
        self._filled += len(piece)
        self._hash.update(piece)

    def whole(self) -> Bundle:
        """Return the bundle, after its last byte; raises `BundleRefused` when it was cut short or changed."""
        if self._head is None or self._filled < self._head.size:
            raise BundleRefused(say("cut short"))
        if self._hash.digest() != self._head.sha256:
            raise BundleRefused(say("its content is not the one that was signed"))
        return Bundle(self._head, self._before, self._content)


def read_bundle(written: bytes, roots: Sequence[bytes], judge: Callable[[Head], None] | None = None) -> Bundle:
    """Read a bundle that is there as a whole; raises `BundleRefused` as `Incoming` does."""
    incoming = Incoming(roots, judge)
    incoming.feed(written)
    return incoming.whole()


def _head_bytes(signed: bytes) -> int:
    """Return how long the head says to be; raises `BundleRefused` for what no head can be."""
    length = int.from_bytes(signed[PREFIX_BYTES - 2 : PREFIX_BYTES], "big")
    if not signed.startswith(MAGIC) or not 1 <= length <= HEAD_MOST_BYTES:
        raise BundleRefused(say("not a bundle"))
    return length


def _head(body: bytes) -> Head:
    found = document(body, HEAD_MOST_BYTES)
    check_contract(found)
    head = exactly(found, _KEYS, "head")
    kind = one_of(BundleKind, head["kind"], "kind")
    size = integer(head["bytes"], 1, "bytes")
    if size > CONTENT_MOST_BYTES[kind]:
        raise WireError(f"bytes: at most {CONTENT_MOST_BYTES[kind]} for {kind}")
    device_id, successor = head["device"], head["successor"]
    return Head(
        kind=kind,
        version=integer(head["version"], 1, "version"),
        made_ms=integer(head["made"], 0, "made"),
        valid_until_ms=integer(head["valid_until"], 0, "valid_until"),
        size=size,
        sha256=octets(head["sha256"], 32, 32, "sha256"),
        device_id=None if device_id is None else text(device_id, NAME, "device"),
        successor=None if successor is None else octets(successor, 32, 32, "successor"),
    )
