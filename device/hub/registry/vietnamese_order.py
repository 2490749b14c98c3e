"""The order of Vietnamese words: a ă â b c d đ e ê …, then the tone, syllable by syllable, as dictionaries have it.

Tones: none, huyền, hỏi, ngã, sắc, nặng. Numbers are ordered by what they count: *Phường 2* stands before *Phường 10*.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache
from typing import Final

_LETTERS: Final = {letter: rank for rank, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES: Final = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
"""Combining marks: grave, hook, tilde, acute, dot below."""
_PARTS: Final = re.compile(r"[0-9]+|[^\W\d_]+")
_NUMBER, _WORD = 0, 1

_END: Final = "\x00"
_TONES_FOLLOW: Final = "\x01"
_FIRST: Final = 2
"""In `sort_text` each number is a sign; those before this one end a syllable, and stand before its tones."""
_REMEMBERED: Final = 1 << 17
"""More than the largest registry has places; about 300 bytes each, and nothing before a page asks."""

OrderKey = tuple[tuple[int, tuple[int, ...], tuple[int, ...]], ...]
"""Of each syllable or number: which it is, its letters (or what it counts), its tones."""


def order_key(text: str) -> tuple[OrderKey, str]:
    """Return what texts are sorted by; what differs in case or signs only is ordered by the text itself."""
    return tuple(_part(part) for part in _PARTS.findall(unicodedata.normalize("NFC", text).lower())), text


@lru_cache(_REMEMBERED)
def sort_text(text: str) -> str:
    """Return a text that sorts as `order_key` does, to be kept for many names: it is remembered, and is short."""
    parts = []
    for kind, letters, tones in order_key(text)[0]:
        spelt = f"{letters[0]:018}" if kind == _NUMBER else "".join(_sign(letter) for letter in letters)
        parts.append(f"{_sign(kind)}{spelt}{_TONES_FOLLOW}{''.join(map(_sign, tones))}{_END}")
    return f"{''.join(parts)}{_END}{text}"


def _sign(number: int) -> str:
    return chr(min(number + _FIRST, sys.maxunicode))


@lru_cache(_REMEMBERED)
def plain_text(text: str) -> str:
    """Return what a search looks at: lower case, without marks and tones; ``Chợ Đồng Xuân`` is ``cho dong xuan``."""
    marked = unicodedata.normalize("NFD", " ".join(text.lower().replace("đ", "d").split()))
    return "".join(sign for sign in marked if not unicodedata.combining(sign))


def _part(part: str) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    if part.isdecimal():
        return _NUMBER, (int(part[:18]),), ()
    letters: list[int] = []
    tones: list[int] = []
    for sign in part:
        tone = 0
        marks = ""
        apart = unicodedata.normalize("NFD", sign)
        for mark in apart[1:]:
            tone = _TONES.get(mark, tone)
            marks += "" if mark in _TONES else mark
        letter = unicodedata.normalize("NFC", apart[0] + marks)
        letters.append(_LETTERS.get(letter, len(_LETTERS) + ord(letter[0])))
        tones.append(tone)
    return _WORD, tuple(letters), tuple(tones)
