"""Keys that join one person across formats, and the masked person a screen may show."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from device.model import Credential

NUMBER_KEY: Final = re.compile(r"citizen:[0-9]{12}|insurance:[0-9]{10}|national:[!-~]{1,64}")
"""A number of a person by its sort, as centres know people: the form in questions of status and lists of people."""

_MOST_SHOWN = 24
_LEAST_SHORTENED = 8  # of a shorter number three digits would be most of it
_MOST_WORDS = 6


def same_person_keys(credential: Credential) -> tuple[str, ...]:
    """Return what joins this person to the same person on another code.

    Citizen number (a cancelled one, too), insurance number and national code id, as far as they are there; two
    codes that share *any* key speak of one person. A code without any of them has one key: an old insurance
    card's own number, else name and full birth date. Empty when not even those are there: such a code
    is nobody's repeat. The keys are personal: hash them with a secret before keeping them.
    """
    person = credential.person
    numbers = (
        ("citizen", person.citizen_number),
        ("insurance", person.insurance_number),
        ("national", person.national_code_id),
    )
    cancelled = (number for name, number in credential.details if name == "cancelled-number" and len(number) == 12)
    keys = [f"{name}:{number}" for name, number in numbers if number is not None]
    keys += [f"citizen:{number}" for number in cancelled]
    if keys:
        return tuple(dict.fromkeys(keys))
    for name, value in credential.details:
        if name == "insurance-card-number":
            return (f"card:{value.upper()}",)
    # A year alone is shared by many people of one name.
    if person.name is not None and person.birth is not None and len(person.birth) == len("YYYY-MM-DD"):
        return (f"name:{_folded(person.name)}:{person.birth}",)
    return ()


def keys_of(credential: Credential) -> tuple[str, ...]:
    """Return the numbers by which the centre may know the person; empty when the code carries none."""
    return tuple(key for key in same_person_keys(credential) if NUMBER_KEY.fullmatch(key))


def masked(credential: Credential) -> dict[str, str]:
    """Return what a screen may show of the person: short name, birth year, last digits of a number.

    Keys, each only when the code says it: ``name`` (``N. V. Thử``, one word alone as its initial),
    ``birth_year``, ``sex``, ``number`` (``…234``). Letters, digits, space, ``.`` and ``…`` only,
    whatever the code contained.
    """
    person = credential.person
    shown: dict[str, str] = {}
    if person.name is not None and (name := _short(person.name)):
        shown["name"] = name
    if person.birth is not None:
        shown["birth_year"] = person.birth[:4]
    if person.sex is not None:
        shown["sex"] = person.sex
    numbers = (person.citizen_number, person.insurance_number, person.old_number, person.national_code_id)
    number = next((number for number in numbers if number is not None), None)
    if number is not None and len(number) >= _LEAST_SHORTENED:
        shown["number"] = "…" + _letters(number)[-3:]
    return shown


def _short(name: str) -> str:
    """``Nguyễn Văn Thử`` becomes ``N. V. Thử``; digits are no name, and a number put there is not shown."""
    plain = "".join(sign for sign in name if not sign.isnumeric())
    words = [word for word in map(_letters, plain.split()) if word]
    if not words:
        return ""
    *before, given = words
    if not before:
        return f"{given[0]}."
    return " ".join([*(f"{word[0]}." for word in before[:_MOST_WORDS]), given[:_MOST_SHOWN]])


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def _folded(name: str) -> str:
    """Upper case, no diacritics, single spaces: the form the national code writes names in."""
    plain = unicodedata.normalize("NFD", name.upper().replace("Đ", "D"))
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())
