"""Sentences in the language that is spoken now: English, or that of the command which runs (`speaking`)."""

from __future__ import annotations

import gettext
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from string import Formatter
from typing import Final

from device.words.language import Language

_COMMAS: Final = str.maketrans(",.", ".,")


class Dictionary(gettext.NullTranslations):
    """A language as gettext's translations, which Jinja2's i18n takes too; what it lacks stays English.

    Args:
        entries: English sentence, of one that counts the singular → the other language, which has no plural.
    """

    def __init__(self, entries: dict[str, str]) -> None:
        super().__init__()
        self.entries: Final = entries
        self.known: Final = frozenset(entries)

    def gettext(self, message: str) -> str:
        """Return the sentence in this language."""
        return self.entries.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the sentence for *n* things in this language."""
        return self.entries.get(msgid1, msgid1 if n == 1 else msgid2)


class _Now:
    """What is spoken in this process."""

    language = Language.ENGLISH


_HERE: Final[ContextVar[Language | None]] = ContextVar("language", default=None)
"""What is spoken in the present context alone; ``None``: as in the process."""


def spoken() -> Language:
    """Return the language that is spoken now."""
    return _HERE.get() or _Now.language


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak a language in the whole process, on every thread, until the block ends; for one command at a time."""
    before = _Now.language
    _Now.language = language
    try:
        yield
    finally:
        _Now.language = before


@contextmanager
def speaking_here(language: Language) -> Iterator[None]:
    """Speak a language in the present context (`contextvars`) until the block ends; for one of many requests.

    Threads that asyncio or anyio give a request's work to speak it too.
    """
    token = _HERE.set(language)
    try:
        yield
    finally:
        _HERE.reset(token)


@cache
def words_of(language: Language) -> gettext.NullTranslations:
    """Return the words of a language; its dictionary is loaded only when somebody reads it."""
    if language is Language.ENGLISH:
        return gettext.NullTranslations()
    return Dictionary(importlib.import_module("device.words.vietnamese").ENTRIES)


def sentences() -> frozenset[str]:
    """Return the English sentences that the language which is spoken has words for; none where that is English."""
    words = words_of(spoken())
    return words.known if isinstance(words, Dictionary) else frozenset()


def say(text: str, /, **values: object) -> str:
    """Return a sentence with its values in it.

    Args:
        text: the English sentence, as it stands in the dictionary; ``{name}`` is a value, ``{{`` a brace.
        values: each already as a person reads it (a float by `number`); escaped (`device.errors.shown`) where it comes
            from outside.
    """
    return _filled(words_of(spoken()).gettext(text), values)


def say_many(one: str, many: str, /, count: int, **values: object) -> str:
    """Return a sentence that counts, with its values and ``{count}`` in it.

    Args:
        one: the English sentence for one thing; the key of the dictionary.
        many: for any other number.
        count: how many.
        values: as for `say`.
    """
    return _filled(words_of(spoken()).ngettext(one, many, count), {"count": number(count, ","), **values})


def number(value: float, form: str = "") -> str:
    """Return a number as it is written in the language spoken: 1,234.5 is 1.234,5 in Vietnamese.

    Args:
        value: the number.
        form: as for `format`.
    """
    text = format(value, form)
    return text.translate(_COMMAS) if spoken() is Language.VIETNAMESE else text


def sentence(text: str) -> str:
    """Mark a sentence that is said later, from a table; return it as it is."""
    return text


def placeholders(text: str) -> set[str]:
    """Return the names of the values of a sentence."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def _filled(text: str, values: dict[str, object]) -> str:
    said = {name: number(value) if isinstance(value, float) else value for name, value in values.items()}
    return text.format_map(said)
