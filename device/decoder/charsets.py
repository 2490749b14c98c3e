"""Charsets that a QR code states (ECI, extended channel interpretation): its text as UTF-8, whatever it was written in.

A code without a statement keeps its bytes: cards are UTF-8 and say nothing. Numbers and names: AIM ITS/04-023, part 3.
Pure functions; hostile bytes raise nothing.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

CODECS: Final[Mapping[int, str]] = MappingProxyType(
    {0: "cp437", 1: "iso8859-1", 2: "cp437", 3: "iso8859-1"}
    | {eci: f"iso8859-{eci - 2}" for eci in range(4, 19) if eci != 14}  # there is no part 12
    | {20: "shift_jis", 21: "cp1250", 22: "cp1251", 23: "cp1252", 24: "cp1256", 25: "utf-16-be", 26: "utf-8"}
    | {27: "ascii", 28: "big5", 29: "gb2312", 30: "euc_kr", 32: "gb18030", 33: "utf-16-le", 34: "utf-32-be"}
    | {35: "utf-32-le", 170: "ascii"}
)
"""Python's codec of each charset that a code may state."""
for _codec in CODECS.values():
    codecs.lookup(_codec)  # loads it with the decoder, and not when a visitor holds such a code up

_STATED: Final = (b"]Q2", b"]Q4", b"]Q6")
_SEGMENT: Final = re.compile(rb"(?:\\(\d{6}))?((?:[^\\]|\\\\)*)")
_NOT_STATED: Final = b"27"  # what stands before the first statement


def utf8_of(told: bytes) -> bytes | None:
    r"""Return the text of a code as UTF-8; ``None``: it states no charset, or one that leads to no text.

    Args:
        told: the content under the ECI protocol (ISO/IEC 15424): ``]Q`` and a digit, then text with backslashes
            doubled, in which ``\000026`` begins what is written in charset 26.
    """
    if not told.startswith(_STATED):
        return None
    try:
        return "".join(_texts(told[3:])).encode()
    except (LookupError, ValueError):
        return None


def _texts(content: bytes) -> Iterator[str]:
    """Yield the text of each segment; raises `LookupError` or `ValueError` where one has none."""
    at = 0
    while at < len(content):
        segment = _SEGMENT.match(content, at)
        if segment is None or segment.end() == at:
            raise ValueError("a backslash that begins nothing")
        yield segment[2].replace(b"\\\\", b"\\").decode(CODECS[int(segment[1] or _NOT_STATED)])
        at = segment.end()
