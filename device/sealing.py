"""Sealing: who came in can be read at the centre only, not from the card, not with the gate's own keys.

Each check-in is sealed by itself with HPKE (RFC 9180, base mode): X25519, HKDF-SHA256 and
ChaCha20-Poly1305. ``info`` is ``gate/1|device|epoch|seq|key id`` in ASCII, so that a sealed body opens only
in its own row. The sealed bytes are the 32-byte encapsulated key, then the ciphertext with its tag.

What is sealed (the *body*, layout 1)::

    byte 0      1, the layout
    bytes 1-2   n, the length of the content, big-endian
    n bytes     the content: UTF-8 JSON, raw DEFLATE (RFC 1951) with the preset dictionary `_WORDS`
    then        zeros up to the next size of `BODY_SIZES`

    JSON        [outcome, reason, policy version, [rule…], credential or null]
    credential  [kind, verified, [person fields in the order of `Person`, null when the code does not say;
                 nulls at the end are left out], [[detail name, text]…], [note…]]

The zeros hide the length: practically every card fits the first size, so that a length tells nothing.
DEFLATE is there only to make that size small.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from device.errors import SealingUnavailable, WireError
from device.model import CheckIn, CodeKind, Credential, Outcome, Person, Reason, SealedRow, Verification

BODY_SIZES = (320, 1024, 4096)
"""Padded bytes of a body. Beyond the last: whole multiples of it. Sealing adds 48 bytes."""

_LAYOUT = 1
_MOST_CONTENT = 0xFFFF
_MOST_JSON = 1 << 18
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)

# The preset dictionary belongs to layout 1: changing one byte of it makes sealed rows unreadable. DEFLATE
# reaches the end of it most cheaply, so the commonest text stands last.
_WORDS = (
    '["hc1","yes",["unchecked","no",'
    "vaccine product maker disease doses series country expires not-before test-type test-result "
    "recovered issuer URN:UVCI:01:VN:EU/1/20/15 840539006 1119349007 ORG-100030215 Bộ Y tế "
    '"weak-reading" "kind-not-accepted" "manual" "repeat" "denied" "referred" "number-and-birth-differ" '
    '"number-and-sex-differ" "name-unreadable" "address-unreadable" "birth-unreadable" "field-unreadable" '
    '"number-only" "not-utf8" "masked" "declared-by-another" "masked-birth" "masked-number" '
    "Chung cư Căn hộ Tòa nhà Khu đô thị Khu tập thể Tiểu khu Tổ dân phố Khu phố Khu vực Xóm Đội Ấp Bản Buôn "
    "hẻm ngõ ngách kiệt đường Quốc lộ Số nhà Số Thôn Tổ "
    "Hà Nội, Hồ Chí Minh, Đà Nẵng, Hải Phòng, Cần Thơ, Thừa Thiên Huế, Quảng Nam, Bình Định, Khánh Hòa, "
    "Đồng Nai, Bình Dương, Nghệ An, Thanh Hóa, Đắk Lắk, Gia Lai, Quảng Ngãi, Tỉnh Quảng Ngãi, Thành phố Quảng Ngãi, "
    ", Thị xã , Thị trấn , Quận , Huyện , Thành phố , Tỉnh , Xã , Phường "
    "BUI DANG DO DUONG HO HOANG HUYNH LE LY NGO PHAM PHAN VO VU TRAN THI NGOC THANH MINH VAN NGUYEN "
    "BÙI ĐẶNG ĐỖ DƯƠNG HỒ HOÀNG HUỲNH LÊ LÝ NGÔ PHẠM PHAN VÕ VŨ TRẦN THỊ NGỌC PHƯƠNG ĐỨC HỮU QUỐC VĂN NGUYỄN "
    "Bùi Đặng Đỗ Dương Hồ Hoàng Huỳnh Lê Lý Ngô Phạm Phan Võ Vũ Trần Thị Ngọc Thanh Minh Đức Hữu Quốc Văn Nguyễn "
    '["national-code","not-applicable",[["declared-by","["citizen-number"["cancelled-number"'
    '["insurance-card","not-applicable",[["insurance-card-number","GD4["facility","51-0"],["valid-from","20'
    '"],["valid-to","20"],["issued","20"],["office-code","["parent","["living-area","4"],["five-years-from","20'
    '"],["checksum","-1202"],["benefit-level","4"],["place-of-issue","Tỉnh ["old-card"]]]'
    '["granted","recorded","2026-01-01",["known-kind","accepted-here","repeat"],["citizen-card","not-applicable",["'
    '","19","male","female",null,null,null,null,null,null,""],[["issued","20"]],[]]]'
).encode()

_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A public key of the centre.

    Attributes:
        key_id: 1 to 64 of ``A-Z a-z 0-9 . _ -``, a letter or digit first.
        public: 32 bytes, X25519.
    """

    key_id: str
    public: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """What a check-in says under its seal.

    Attributes:
        outcome: what the visitor was told.
        reason: why.
        policy_version: the policy that judged.
        rules: slugs of the rules that were asked.
        credential: ``None`` for a manual check-in.
    """

    outcome: Outcome
    reason: Reason
    policy_version: str
    rules: tuple[str, ...]
    credential: Credential | None = field(repr=False)


def new_key_pair() -> tuple[SealingKey, bytes]:
    """Make a key pair for the centre.

    Returns the public half, named by 16 hexadecimal digits of its SHA-256, and the 32 private bytes.
    """
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    return SealingKey(hashlib.sha256(public).hexdigest()[:16], public), private.private_bytes_raw()


class Sealer:
    """Seals check-ins of one device. Safe on any thread.

    Args:
        device_id: 1 to 64 of ``A-Z a-z 0-9 . _ -``, a letter or digit first.
        keys: public keys of the centre, the newest last; the last one is used. None at all is allowed:
            then every `seal` raises.

    Raises:
        SealingUnavailable: a key cannot be used.
    """

    def __init__(self, device_id: str, keys: Iterable[SealingKey]) -> None:
        if not _NAME.fullmatch(device_id):
            raise SealingUnavailable("the device id must be 1 to 64 of A-Z a-z 0-9 . _ -, a letter or digit first")
        self.device_id = device_id
        self._current: tuple[str, X25519PublicKey] | None = None
        self.renew(keys)

    def renew(self, keys: Iterable[SealingKey]) -> None:
        """Use other keys from now on; when one of them is unusable nothing changes and it raises."""
        loaded = [(key.key_id, _public(key)) for key in keys]
        self._current = loaded[-1] if loaded else None

    def seal(self, check_in: CheckIn, epoch: str, seq: int) -> tuple[str, bytes]:
        """Seal the body of *check_in* for its place in the ledger.

        Returns the key id and the sealed bytes. Raises `SealingUnavailable` when there is no key.
        """
        if self._current is None:
            raise SealingUnavailable("no sealing key: enrol this gate, or put the hub's sealing key in place")
        key_id, public = self._current
        return key_id, _SUITE.encrypt(encode_body(check_in), public, _binding(self.device_id, epoch, seq, key_id))


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


def encode_body(check_in: CheckIn) -> bytes:
    """Lay out what is sealed of *check_in*; the length is one of few (see `BODY_SIZES`)."""
    decision, credential = check_in.decision, check_in.credential
    claim = None
    if credential is not None:
        person = [getattr(credential.person, name) for name in Person.__slots__]
        while person and person[-1] is None:
            person.pop()
        claim = [credential.kind, credential.verified, person, credential.details, credential.notes]
    content = [decision.outcome, decision.reason, decision.policy_version, decision.rules, claim]
    press = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=_WORDS)
    packed = press.compress(_json_bytes(content)) + press.flush()
    if len(packed) > _MOST_CONTENT:
        raise SealingUnavailable("the check-in is larger than any credential can be")
    body = bytes([_LAYOUT]) + len(packed).to_bytes(2, "big") + packed
    return body.ljust(_padded_size(len(body)), b"\0")


def decode_body(body: bytes) -> Body:
    """Read a body back, strictly; raises `WireError` for anything `encode_body` does not make."""
    if len(body) < 3 or body[0] != _LAYOUT:
        raise WireError("the sealed body has another layout")
    end = 3 + int.from_bytes(body[1:3], "big")
    if len(body) != _padded_size(end) or body[end:].strip(b"\0"):
        raise WireError("the sealed body is not padded as it must be")
    return _body_of(_unpack(body[3:end]))


def _padded_size(size: int) -> int:
    """Return the size a body of *size* bytes is padded to."""
    largest = BODY_SIZES[-1]
    return next((fit for fit in BODY_SIZES if size <= fit), -(-size // largest) * largest)


def _binding(device_id: str, epoch: str, seq: int, key_id: str) -> bytes:
    """Name the one place a sealed body belongs to. No part can contain the bar."""
    return f"gate/1|{device_id}|{epoch}|{seq}|{key_id}".encode("ascii")


def _public(key: SealingKey) -> X25519PublicKey:
    """Load a public key and seal once to it: a degenerate one shows now, not at the first visitor."""
    if not _NAME.fullmatch(key.key_id):
        raise SealingUnavailable("a sealing key's id must be 1 to 64 of A-Z a-z 0-9 . _ -, a letter or digit first")
    try:
        public = X25519PublicKey.from_public_bytes(key.public)
        _SUITE.encrypt(b"", public)
    except ValueError as error:
        raise SealingUnavailable(f"the sealing key {key.key_id} cannot be used: get a good one from the hub") from error
    return public


def _json_bytes(content: object) -> bytes:
    try:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # a lone surrogate; escaped it survives
        return json.dumps(content, separators=(",", ":")).encode("ascii")


def _unpack(packed: bytes) -> object:
    """Undo `_json_bytes` and DEFLATE; nothing may follow the content and it may not swell."""
    unpress = zlib.decompressobj(-15, zdict=_WORDS)
    try:
        text = unpress.decompress(packed, _MOST_JSON)
        if not unpress.eof or unpress.unused_data:
            raise WireError("the sealed body does not end where it says")
        content: object = json.loads(text)
    except (zlib.error, ValueError, RecursionError) as error:
        raise WireError("the sealed body cannot be unpacked") from error
    return content


def _body_of(content: object) -> Body:
    outcome, reason, policy_version, rules, claim = _items(content, 5)
    return Body(
        outcome=_word(Outcome, outcome),
        reason=_word(Reason, reason),
        policy_version=_text(policy_version),
        rules=tuple(_text(rule) for rule in _items(rules)),
        credential=None if claim is None else _credential(claim),
    )


def _credential(claim: object) -> Credential:
    kind, verified, person, details, notes = _items(claim, 5)
    fields = [None if text is None else _text(text) for text in _items(person)]
    if len(fields) > len(Person.__slots__):
        raise WireError("the sealed body has too many fields of a person")
    pairs = [_items(pair, 2) for pair in _items(details)]
    return Credential(
        kind=_word(CodeKind, kind),
        person=Person(*fields),
        verified=_word(Verification, verified),
        details=tuple((_text(name), _text(text)) for name, text in pairs),
        notes=tuple(_text(note) for note in _items(notes)),
    )


def _items(content: object, count: int | None = None) -> list[object]:
    if not isinstance(content, list) or count not in (None, len(content)):
        raise WireError("the sealed body has a list of another length")
    return content


def _text(content: object) -> str:
    if not isinstance(content, str):
        raise WireError("the sealed body has something else where text must stand")
    return content


def _word(words: type[_Word], content: object) -> _Word:
    try:
        return words(_text(content))
    except ValueError as error:
        raise WireError(f"the sealed body has an unknown {words.__name__}") from error
