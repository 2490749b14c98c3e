"""Passwords of accounts, as argon2id keeps them; and what a name and a password must be."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from device.errors import DeskBusy
from device.words import say

MEMORY_KIB: Final = 19 * 1024
PASSES: Final = 2
AT_ONCE: Final = 2
"""Hashes that are made at one time: 38 MiB, and two of a Pi's four cores."""
PATIENCE_S: Final = 5.0
LEAST_LETTERS: Final = 12
MOST_LETTERS: Final = 200
MOST_NAME: Final = 100
_T = TypeVar("_T")


class Passwords:
    """Makes and checks what is kept of passwords. Any thread."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(PASSES, MEMORY_KIB, parallelism=1, type=Type.ID)
        self._turns = BoundedSemaphore(AT_ONCE)
        self._nobodys = self._hasher.hash(secrets.token_hex(16))

    def hashed(self, password: str) -> str:
        """Return what is kept of a password; raises `DeskBusy`."""
        return self._in_turn(lambda: self._hasher.hash(_same(password)))

    def fits(self, kept: str | None, password: str) -> bool:
        """Return whether this is the password; takes as long when there is none. Raises `DeskBusy`."""

        def look() -> bool:
            try:
                return self._hasher.verify(kept or self._nobodys, _same(password)) and kept is not None
            except (VerificationError, InvalidHashError):
                return False

        return self._in_turn(look)

    def _in_turn(self, work: Callable[[], _T]) -> _T:
        if not self._turns.acquire(timeout=PATIENCE_S):
            raise DeskBusy
        try:
            return work()
        finally:
            self._turns.release()


def check_password(password: str, name: str) -> None:
    """Raise `ValueError`, in a sentence, when *password* is none for the account *name*."""
    if len(password) < LEAST_LETTERS:
        raise ValueError(say("The password has fewer than {least} letters.", least=LEAST_LETTERS))
    if len(password) > MOST_LETTERS:
        raise ValueError(say("The password has more than {most} letters.", most=MOST_LETTERS))
    called = folded(name)
    if (len(called) >= 4 and called in folded(password)) or len(set(password)) < 5:
        raise ValueError(say("The password is too easy to guess: not the name, and more than a few different letters."))


def account_name(text: str) -> str:
    """Return an account's name as it is kept: one blank between words, NFC; raises `ValueError` in a sentence."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not name:
        raise ValueError(say("is blank; write what the person is called"))
    if odd := next((letter for letter in name if not letter.isprintable()), None):
        raise ValueError(say("has a letter that cannot be seen ({letter}); leave it out", letter=f"U+{ord(odd):04X}"))
    if len(name) > MOST_NAME:
        raise ValueError(say("has {count} letters; write at most {most}", count=len(name), most=MOST_NAME))
    return name


def folded(name: str) -> str:
    """Return a name as names are compared: without case, in one form of its letters."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", " ".join(name.split())).casefold())


def _same(password: str) -> str:
    """Return a password in one form: keyboards differ in how they write an accent."""
    return unicodedata.normalize("NFKC", password)
