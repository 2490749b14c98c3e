"""Enrolment codes, with a check letter: what a person reads off one screen and types into another. Pure.

``K7QF-3M9X-WT2R-8HD5N`` is 17 letters of Crockford's base 32 (digits and letters without I, L, O, U)::

    4 letters    public id: which code of the hub this is (20 bits)
    12 letters   the secret, 60 bits; never sent, each side proves that it knows it (`device.enrolment.pairing`)
    1 letter     check letter

The check letter is computed in the field of 32 elements (x^5 + x^2 + 1): the word, read as a
polynomial, is 0 at the field's generator. That finds every single wrong letter and every two letters
that changed places. Lower case, blanks and dashes make no difference; O is read as 0, I and L as 1.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from functools import reduce
from typing import Final

from device.words import say

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE: Final = str.maketrans("OIL", "011", " -\t\r\n")
_ID: Final = 4
_LENGTH: Final = 17
CODE_ID: Final = re.compile(f"[{_LETTERS}]{{{_ID}}}")
"""How a public id is written."""


@dataclass(frozen=True, slots=True)
class EnrolCode:
    """A code, of which only the id may be shown again.

    Attributes:
        code_id: 4 letters, public.
        secret: 12 letters, 60 bits.
    """

    code_id: str
    secret: str = field(repr=False)

    @property
    def letters(self) -> str:
        """The whole code in groups, for the person who carries it; it holds the secret."""
        word = self.code_id + self.secret
        word += _LETTERS[_twice(_value(word))]
        return "-".join((word[:4], word[4:8], word[8:12], word[12:]))


def new_code() -> EnrolCode:
    """Make a code at random."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH - 1))
    return EnrolCode(letters[:_ID], letters[_ID:])


def read_code(written: str) -> EnrolCode:
    """Read a code as a person wrote it.

    Raises:
        ValueError: it is none; the message says what is wrong and repeats nothing of it.
    """
    if len(written) > 100 or not written.isascii():
        raise ValueError(say("an enrolment code has 17 letters and digits, and nothing else"))
    word = written.upper().translate(_ALIKE)
    if len(word) != _LENGTH:
        raise ValueError(say("an enrolment code has 17 letters and digits, not {count}", count=len(word)))
    if not set(word) <= set(_LETTERS):
        raise ValueError(say("an enrolment code has digits and letters only, and no U"))
    if _value(word):
        raise ValueError(say("a letter of the enrolment code is wrong; compare it with the hub's screen"))
    return EnrolCode(word[:_ID], word[_ID:-1])


def _value(word: str) -> int:
    """Return the word's value at the generator; 0 for a whole code."""
    return reduce(lambda value, letter: _twice(value) ^ _LETTERS.index(letter), word, 0)


def _twice(value: int) -> int:
    """Multiply by the generator."""
    return ((value << 1) ^ (0b100101 if value & 16 else 0)) & 31
