"""The sealed body of a check-in: JSON, DEFLATE and padding, written and strictly read back.

The *body*, layout 1::

    byte 0      1, the layout
    bytes 1-2   n, the length of the content, big-endian
    n bytes     the content: UTF-8 JSON, raw DEFLATE (RFC 1951) with the preset dictionary `_WORDS`
    then        zeros up to the next size of `BODY_SIZES`

    JSON        [outcome, reason, policy version, [rule…], credential or null]
    credential  [kind, verified, [person fields in the order of `Person`, null when the code does not say;
                 nulls at the end are left out], [[detail name, text]…], [note…]]

The zeros hide the length: practically every card fits the first size, so that a length tells nothing.
DEFLATE is there only to make that size small. Pure functions, safe on any thread.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from device.errors import SealingUnavailable, WireError
from device.model import CheckIn, CodeKind, Credential, Outcome, Person, Reason, Verification

BODY_SIZES = (320, 1024, 4096)
"""Padded bytes of a body. Beyond the last: whole multiples of it. Sealing adds 48 bytes."""

_LAYOUT = 1
_MOST_CONTENT = 0xFFFF
_MOST_JSON = 1 << 18

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
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=_WORDS)
    packed = compressor.compress(_json_bytes(content)) + compressor.flush()
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


def _json_bytes(content: object) -> bytes:
    try:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # a lone surrogate; escaped it survives
        return json.dumps(content, separators=(",", ":")).encode("ascii")


def _unpack(packed: bytes) -> object:
    """Undo `_json_bytes` and DEFLATE; nothing may follow the content, and it is `_MOST_JSON` bytes at most."""
    decompressor = zlib.decompressobj(-15, zdict=_WORDS)
    try:
        text = decompressor.decompress(packed, _MOST_JSON)
        if not decompressor.eof or decompressor.unused_data:
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
