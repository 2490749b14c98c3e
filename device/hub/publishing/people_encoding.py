"""The letters of a list: UTF-8, UTF-16 or UTF-32 are read; those of old Vietnamese fonts and code pages are named."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from typing import Final

from device.words import say, sentence

_MARKS: Final = {
    codecs.BOM_UTF32_LE: "utf-32",  # begins as the one of UTF-16 does
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_PATTERNS: Final = {
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
}
"""Which of the first four bytes are zero where the text begins with two letters of English, or blanks."""
_TCVN3: Final = dict(
    zip(
        bytes.fromhex(
            "a1a2a3a4a5a6a7a8a9aaabacadaeb5b6b7b8b9bbbcbdbec6c7c8c9cacbcccecfd0d1d2d3d4d5d6d7d8dcdddedf"
            "e1e2e3e4e5e6e7e8e9eaebecedeeeff1f2f3f4f5f6f7f8f9fafbfcfdfe"
        ),
        "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        strict=True,
    )
)
"""TCVN 5712:1993 as the fonts .VnTime and the like have it (ABC): byte → letter."""
_OLD: Final[dict[str, Callable[[str], str]]] = {
    sentence("TCVN3 (ABC, fonts like .VnTime)"): lambda text: text.translate(_TCVN3),
    sentence("Windows-1258"): lambda text: text.encode("cp1252", "replace").decode("cp1258", "replace"),
}


def decoded(raw: bytes) -> str:
    """Return the text; what is no Unicode is read as Windows-1252, in which `old_letters` finds what was meant."""
    for mark, name in _MARKS.items():
        if raw.startswith(mark):
            return raw.decode(name, "replace")
    if (zeros := tuple(byte == 0 for byte in raw[:4])) in _PATTERNS:
        return raw.decode(_PATTERNS[zeros], "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def old_letters(cells: Sequence[str], is_meant: Callable[[Sequence[str]], bool]) -> str:
    """Return what to do about cells that are meant in an old encoding; empty: they are in none of those known here."""
    if is_meant(cells):
        return ""
    for name, read in _OLD.items():
        if is_meant([read(cell) for cell in cells]):
            return say(
                "the letters are {encoding}, not Unicode; convert the file to Unicode (UniKey does it) and save it as "
                "CSV UTF-8 or .xlsx, or name the column CCCD",
                encoding=say(name),
            )
    return ""
