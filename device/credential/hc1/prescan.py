"""CBOR (RFC 8949) bounds: one pass over the bytes that refuses harm before any library builds something of them.

CBOR can ask for cycles, regular expressions, numbers of a billion digits and arrays of 2^63 items, and
what a library makes of such requests changes from version to version. After this pass it sees plain
maps, arrays, texts, byte strings, integers, floats, booleans and null: few, shallow and complete.
Tags 0 and 1 (dates) are allowed and taken out, so that a date stays the text or number it is written as; so is a
leading "this is CBOR" (tag 55799, RFC 8949 section 3.4.6). ``undefined``, which encoders of JavaScript write, is null.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

import cbor2

from device.errors import CertificateMalformed

MOST_DEPTH = 8
MOST_ITEMS = 512

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_INDEFINITE = 31
_DATE_TAGS = (0, 1)
SELF_DESCRIBED = b"\xd9\xd9\xf7"
_FALSE_TRUE_NULL = (20, 21, 22)
_UNDEFINED = b"\xf7"
_NULL = b"\xf6"
_FLOATS = (25, 26, 27)


def load(raw: bytes) -> object:
    """Return what *raw* says: dict, list, str, bytes, int, float, bool or None, and nothing else inside.

    Keys of maps are ``str`` or ``int``, and none stands twice.

    Raises:
        CertificateMalformed: it is not exactly one harmless item.
    """
    harmless = prescan(raw)
    try:
        return cbor2.loads(harmless)
    except (cbor2.CBORDecodeError, ValueError):  # pragma: no cover - a library stricter than the pass above
        raise CertificateMalformed("cbor: refused") from None


@dataclass(slots=True)
class _Level:
    """An array or map that is still open.

    Attributes:
        keyed: it is a map.
        left: items to come, keys and values each; ``None`` when only a break ends it.
        taken: items taken.
        keys: keys seen, each as major type and content, so that two encodings of one key are one.
    """

    keyed: bool
    left: int | None
    taken: int = 0
    keys: set[tuple[int, int | bytes]] = field(default_factory=set)

    def wants_key(self) -> bool:
        return self.keyed and self.taken % 2 == 0

    def take(self, major: int, content: int | bytes) -> None:
        """Count one item; a key must be an integer or a text and new."""
        if self.wants_key():
            if major not in {_UNSIGNED, _NEGATIVE, _TEXT}:
                _refuse("a key that is neither integer nor text")
            if (major, content) in self.keys:
                _refuse("a key stands twice")
            self.keys.add((major, content))
        self.taken += 1
        if self.left is not None:
            self.left -= 1


def prescan(raw: bytes) -> bytes:
    """Return *raw* without its date tags; raise `CertificateMalformed` unless it is exactly one harmless item."""
    raw = raw.removeprefix(SELF_DESCRIBED)
    kept = bytearray()
    levels: list[_Level] = []
    at, tagged = 0, False
    for _ in range(MOST_ITEMS):
        start = at
        major, info, value, at = _head(raw, at)
        if major == _TAG:
            if tagged or info not in _DATE_TAGS or (levels and levels[-1].wants_key()):
                _refuse("a tag")
            tagged = True
            continue
        if (major, info) == (_SIMPLE, _INDEFINITE):
            _close(levels, tagged=tagged)
        else:
            at = _take(raw, at, levels, (major, info, value))
        kept += _NULL if raw[start:at] == _UNDEFINED else raw[start:at]
        tagged = False
        if _all_closed(levels):
            break
    if levels or tagged:
        _refuse("too many items")
    if at != len(raw):
        _refuse("something stands behind it")
    return bytes(kept)


def _take(raw: bytes, at: int, levels: list[_Level], head: tuple[int, int, int]) -> int:
    """Take the item whose head ends at *at*; return where its content (for a container, its head) ends."""
    major, info, value = head
    content: int | bytes = value
    if major in {_BYTES, _TEXT}:
        content = _string(raw, at, value, major)
        at += value
    if levels:
        levels[-1].take(major, content)
    if major in {_ARRAY, _MAP}:
        _open(levels, major, None if info == _INDEFINITE else value)
    return at


def _all_closed(levels: list[_Level]) -> bool:
    """Close what has got all its items; return whether nothing is open any more."""
    while levels and levels[-1].left == 0:
        levels.pop()
    return not levels


def _head(raw: bytes, at: int) -> tuple[int, int, int, int]:
    """Return major type, additional information, its value, and where the head ends."""
    if at >= len(raw):
        _refuse("cut short")
    major, info = raw[at] >> 5, raw[at] & 31
    if major == _SIMPLE and info not in {*_FALSE_TRUE_NULL, _UNDEFINED[0] & 31, *_FLOATS, _INDEFINITE}:
        _refuse("a simple value that says nothing")
    if info == _INDEFINITE and major not in {_ARRAY, _MAP, _SIMPLE}:
        _refuse("a string or number without a length")
    if info < 24 or info == _INDEFINITE:
        return major, info, info, at + 1
    if info > 27:
        _refuse("a reserved head")
    end = at + 1 + (1 << (info - 24))
    if end > len(raw):
        _refuse("cut short")
    return major, info, int.from_bytes(raw[at + 1 : end]), end


def _string(raw: bytes, at: int, length: int, major: int) -> bytes:
    """Return the content of a string; a text must be UTF-8."""
    if length > len(raw) - at:
        _refuse("cut short")
    content = raw[at : at + length]
    if major == _TEXT:
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            _refuse("a text that is no UTF-8")
    return content


def _open(levels: list[_Level], major: int, items: int | None) -> None:
    if len(levels) >= MOST_DEPTH:
        _refuse("too deep")
    if items is not None and items > MOST_ITEMS:
        _refuse("too many items")
    keyed = major == _MAP
    levels.append(_Level(keyed, items * (1 + keyed) if items is not None else None))


def _close(levels: list[_Level], *, tagged: bool) -> None:
    """End an array or map of indefinite length; it is an item that was counted when it began."""
    if tagged or not levels or levels[-1].left is not None or levels[-1].taken % (1 + levels[-1].keyed):
        _refuse("a break out of place")
    levels.pop()


def _refuse(rule: str) -> NoReturn:
    raise CertificateMalformed(f"cbor: {rule}")
