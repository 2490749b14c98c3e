"""Sentences of another process, which speaks English: found again by their form, and said in the language spoken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from string import Formatter
from typing import Final

from device.words.spoken import say, sentences

_LONGEST: Final = 1_000
_SURE: Final = 8
"""A form with fewer letters of its own (``{most} or {last}``) fits too much: a value in it must be known as well."""
_PLACED: Final = re.compile(r"(?P<place>.{1,4096}?:\d+:\d+: \S+: )(?P<message>.+)")
"""How a mistake of a file is told (`device.errors.Complaint`)."""
_DECIMAL: Final = re.compile(r"\d{1,9}\.\d{1,3}")
Form = tuple[str, tuple[tuple[str, str | None], ...]]
"""The English sentence, and its pieces: a text, and the name of the value behind it."""


def heard(text: str) -> str:
    """Return an English text in the language that is spoken; as it is where no dictionary has its sentence.

    Args:
        text: what `say` has made in English, elsewhere; its values may be sentences too.
    """
    known = sentences()
    if not known or len(text) > _LONGEST:
        return text
    if placed := _PLACED.fullmatch(text):
        return placed["place"] + heard(placed["message"])
    whole, sure, unsure = _forms(known)
    if text in whole or any(_values(form, text) for form in sure):
        return _surely_heard(text, whole, sure)
    for form in unsure:
        if values := _values(form, text):
            said = {name: _surely_heard(value, whole, sure) for name, value in values.items()}
            if said != values:
                return say(form[0], **said)
    return text


def _surely_heard(text: str, whole: Mapping[str, str], sure: tuple[Form, ...]) -> str:
    """Return the same, by sentences that are taken for no other: what is hostile costs no more than its length."""
    if text in whole:
        return say(whole[text], count=1)  # of one that counts, the singular is the key
    for form in sure:
        if values := _values(form, text):
            return say(form[0], **{name: _value(name, value) for name, value in values.items()})
    return text


def _value(name: str, text: str) -> str | float:
    """Return a value in the language that is spoken; a number is written anew, but no version is one."""
    return float(text) if name != "version" and _DECIMAL.fullmatch(text) else heard(text)


def _values(form: Form, text: str) -> dict[str, str]:
    """Return the values that make *text* of a form, each as short as it can be; empty when none do."""
    (first, name), *rest = form[1]
    if not text.startswith(first):
        return {}
    values: dict[str, str] = {}
    at = len(first)
    for literal, following in rest:
        assert name is not None
        end = len(text) - len(literal) if following is None else text.find(literal, at + 1)
        if end <= at or not text.startswith(literal, end) or values.get(name, text[at:end]) != text[at:end]:
            return {}
        values[name], name, at = text[at:end], following, end + len(literal)
    return values


@cache
def _forms(known: frozenset[str]) -> tuple[Mapping[str, str], tuple[Form, ...], tuple[Form, ...]]:
    """Return the sentences without values, by how they read, and the forms of the others: the sure and the unsure.

    The most telling come first.
    """
    whole: dict[str, str] = {}
    sure: list[tuple[int, Form]] = []
    unsure: list[tuple[int, Form]] = []
    for english in sorted(known):
        pieces = _pieces(english)
        if len(pieces) == 1:
            whole[pieces[0][0]] = english
            continue
        letters = sum(letter.isalpha() for literal, _ in pieces for letter in literal)
        (sure if letters >= _SURE else unsure).append((-letters, (english, tuple(pieces))))
    return whole, tuple(form for _, form in sorted(sure)), tuple(form for _, form in sorted(unsure))


def _pieces(english: str) -> list[tuple[str, str | None]]:
    """Return each text of a sentence with the name of the value behind it, the last without one."""
    pieces: list[tuple[str, str | None]] = []
    begun = ""
    for literal, name, _, _ in Formatter().parse(english):  # a doubled brace ends a literal too, without a name
        begun += literal
        if name is not None:
            pieces.append((begun, name))
            begun = ""
    return [*pieces, (begun, None)]
