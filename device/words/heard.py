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
Form = tuple[int, str, re.Pattern[str]]


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
    whole, forms = _forms(known)
    if text in whole:
        return say(whole[text], count=1)  # of one that counts, the singular is the key
    for letters, english, form in forms:
        if found := form.fullmatch(text):
            values = {name: heard(value) for name, value in found.groupdict().items()}
            if letters >= _SURE or values != found.groupdict():
                return say(english, **values)
    return text


@cache
def _forms(known: frozenset[str]) -> tuple[Mapping[str, str], tuple[Form, ...]]:
    """Return the sentences without values, by how they read, and the forms of the others, the most telling first."""
    whole, forms = {}, []
    for english in known:
        pieces = list(Formatter().parse(english))
        if not any(name for _, name, _, _ in pieces):
            whole[english.format()] = english
            continue
        seen: set[str] = set()
        form = ""
        for literal, name, _, _ in pieces:
            form += re.escape(literal)
            if name:
                form += f"(?P={name})" if name in seen else f"(?P<{name}>.+?)"
                seen.add(name)
        letters = sum(letter.isalpha() for literal, _, _, _ in pieces for letter in literal)
        forms.append((letters, english, re.compile(form)))
    return whole, tuple(sorted(forms, key=lambda one: (-one[0], one[1])))
