"""Sealing with HPKE (RFC 9180): who came in can be read at the centre only, not from the card or with the gate's keys.

Each check-in is sealed by itself with HPKE (RFC 9180, base mode): X25519, HKDF-SHA256 and
ChaCha20-Poly1305. ``info`` is ``gate/1|device|epoch|seq|key id`` in ASCII, so that a sealed body opens only
in its own row. The sealed bytes are the 32-byte encapsulated key, then the ciphertext with its tag. What is
sealed is laid out in `device.crypto.sealed_body`.

The centre has a key for each day (`device.wire.sealing_keys`) and destroys the private half when its time has come;
what was sealed to it can then be read by nobody.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from device.crypto.sealed_body import Body, decode_body, encode_body
from device.errors import SealingUnavailable, WireError
from device.model import CheckIn, SealedRow
from device.words import say

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A public key of the centre.

    Attributes:
        key_id: 1 to 64 of ``A-Z a-z 0-9 . _ -``, a letter or digit first.
        public: 32 bytes, X25519.
        day: the day (UTC) it is for; ``None`` is a key that was made for every day.
    """

    key_id: str
    public: bytes
    day: date | None = None


def new_key_pair(day: date | None = None) -> tuple[SealingKey, bytes]:
    """Make a key pair for the centre, for one day or for every day.

    Returns the public half, named by 16 hexadecimal digits of its SHA-256, and the 32 private bytes.
    """
    private = X25519PrivateKey.generate().private_bytes_raw()
    return public_half(private, day), private


def public_half(private: bytes, day: date | None = None) -> SealingKey:
    """Return the key that seals what *private* (32 bytes, X25519) opens, named as `new_key_pair` names it."""
    public = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    return SealingKey(hashlib.sha256(public).hexdigest()[:16], public, day)


def key_for(keys: Iterable[SealingKey], today: date) -> SealingKey | None:
    """Choose the key to seal with on a day: that day's, else the last one before it, else the first one after.

    A key without a day is for every day; when there are several, the last one given. ``None`` when there is no key.
    """
    best: SealingKey | None = None
    for key in keys:
        if best is None or _rank(key, today) >= _rank(best, today):
            best = key
    return best


def _rank(key: SealingKey, today: date) -> tuple[bool, int]:
    """Past days before future ones, then the nearest."""
    ahead = 0 if key.day is None else (key.day - today).days
    return ahead <= 0, -abs(ahead)


class Sealer:
    """Seals check-ins of one device. Safe on any thread.

    Args:
        device_id: 1 to 64 of ``A-Z a-z 0-9 . _ -``, a letter or digit first.
        keys: public keys of the centre. None at all is allowed: then every `seal` raises.
        today: the day to seal on, which chooses the key (`key_for`); ``None``, itself or its answer, uses the last one
            given.

    Raises:
        SealingUnavailable: a key cannot be used.
    """

    def __init__(
        self, device_id: str, keys: Iterable[SealingKey], today: Callable[[], date | None] | None = None
    ) -> None:
        if not _NAME.fullmatch(device_id):
            raise SealingUnavailable(say("the device id must be 1 to 64 of A-Z a-z 0-9 . _ -, a letter or digit first"))
        self.device_id = device_id
        self._today = today
        self._loaded: dict[SealingKey, X25519PublicKey] = {}
        self._late = False
        self.renew(keys)

    def renew(self, keys: Iterable[SealingKey]) -> None:
        """Use other keys from now on; when one of them is unusable nothing changes and it raises."""
        self._loaded = {key: _public(key) for key in keys}

    @property
    def key(self) -> SealingKey | None:
        """The key to seal with at this moment; ``None`` when there is none."""
        return self._choose(self._loaded)

    def seal(self, check_in: CheckIn, epoch: str, seq: int) -> tuple[str, bytes]:
        """Seal the body of *check_in* for its place in the ledger.

        Returns the key id and the sealed bytes. Raises `SealingUnavailable` when there is no key.
        """
        loaded = self._loaded  # one set of keys for one check-in: another thread may renew them
        key = self._choose(loaded)
        if key is None:
            raise SealingUnavailable(say("no sealing key: enrol this gate, or put the hub's sealing key in place"))
        binding = _binding(self.device_id, epoch, seq, key.key_id)
        return key.key_id, _SUITE.encrypt(encode_body(check_in), loaded[key], binding)

    def _choose(self, keys: Iterable[SealingKey]) -> SealingKey | None:
        today = None if self._today is None else self._today()
        if today is None:
            return tuple(keys)[-1] if keys else None
        key = key_for(keys, today)
        if key is not None:
            self._note(key, today)
        return key

    def _note(self, key: SealingKey, today: date) -> None:
        """Log once when there is no key for the day, and once when there is one again."""
        late = key.day is not None and key.day != today
        if late is not self._late:
            self._late = late
            level = logging.WARNING if late else logging.INFO
            log.log(level, "event=sealing-key state=%s key_day=%s today=%s", "late" if late else "good", key.day, today)


def unseal(private: bytes, device_id: str, epoch: str, row: SealedRow) -> Body:
    """Open one row with the private half of its key.

    Args:
        private: 32 bytes, X25519.
        device_id: whose ledger.
        epoch: which ledger, 32 hexadecimal digits.
        row: as read back or received.

    Raises:
        WireError: another key, another place in the ledger, changed bytes, or a body that is not one.
    """
    binding = _binding(device_id, epoch, row.seq, row.key_id)
    try:
        body = _SUITE.decrypt(row.sealed, X25519PrivateKey.from_private_bytes(private), binding)
    except InvalidTag as error:
        raise WireError(f"row {row.seq} does not open with this key in this place") from error
    return decode_body(body)


def _binding(device_id: str, epoch: str, seq: int, key_id: str) -> bytes:
    """Name the one place a sealed body belongs to. No part can contain the bar."""
    return f"gate/1|{device_id}|{epoch}|{seq}|{key_id}".encode("ascii")


def _public(key: SealingKey) -> X25519PublicKey:
    """Load a public key and seal once to it: a degenerate one shows now, not at the first visitor."""
    if not _NAME.fullmatch(key.key_id):
        raise SealingUnavailable(
            say("a sealing key's id must be 1 to 64 of A-Z a-z 0-9 . _ -, a letter or digit first")
        )
    try:
        public = X25519PublicKey.from_public_bytes(key.public)
        _SUITE.encrypt(b"", public)
    except ValueError as error:
        raise SealingUnavailable(
            say("the sealing key {key_id} cannot be used: get a good one from the hub", key_id=key.key_id)
        ) from error
    return public
