"""A registered place: its fields, and what each may hold, however it is given (a word, a cell, a form)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from device.hub.publishing.people_header import folded
from device.hub.registry.opening_hours import read_opening_hours, written
from device.settings.choices import PlaceKind
from device.words import say

TIME_ZONE: Final = "Asia/Ho_Chi_Minh"
PLACE_ID: Final = re.compile(r"place-[0-9a-f]{12}")
_ZONE: Final = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,2}")
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ().-]{4,24}")
MOST_LETTERS: Final = {
    "name": 200,
    "kind": 40,
    "province": 100,
    "commune": 100,
    "address": 300,
    "responsible": 100,
    "phone": 60,
    "opening_hours": 300,
    "time_zone": 64,
    "legal_basis": 500,
    "code": 64,
}
"""How many letters a field takes, for what asks for one; each is counted where it is read."""
_KINDS: Final = {
    "office": "co_quan van_phong cong_so cong_ty",
    "school": "truong truong_hoc",
    "hospital": "benh_vien co_so_y_te tram_y_te phong_kham",
    "shop": "cua_hang sieu_thi nha_hang",
    "market": "cho",
    "vehicle": "phuong_tien xe xe_khach",
    "other": "khac",
}
"""Words of Vietnamese lists for the kinds, folded."""


@dataclass(frozen=True, slots=True)
class RegisteredPlace:
    """What somebody has registered; every text as `read_field` returns it.

    Attributes:
        name: what people call it.
        kind: a word of `PlaceKind`.
        province: province or city.
        commune: commune, ward or special zone.
        address: the rest of the address.
        responsible: who answers for it.
        phone: of whom.
        opening_hours: as `device.hub.registry.opening_hours` writes them; empty: not known.
        time_zone: of these, by its name.
        legal_basis: why people may be recorded there.
        code: what its owner or authority calls it; empty where it has none.
    """

    name: str
    province: str
    kind: str = PlaceKind.OTHER
    commune: str = ""
    address: str = ""
    responsible: str = ""
    phone: str = ""
    opening_hours: str = ""
    time_zone: str = TIME_ZONE
    legal_basis: str = ""
    code: str = ""

    @property
    def likeness(self) -> str:
        """What two places cannot share: 64 hexadecimal digits."""
        return hashlib.sha256("\0".join((self.code, *self.whereabouts)).encode()).hexdigest()

    @property
    def whereabouts(self) -> tuple[str, str, str, str]:
        """Name, province, commune and address without case: the same place in a list without codes."""
        return (self.name.casefold(), self.province.casefold(), self.commune.casefold(), self.address.casefold())


def read_field(name: str, text: str) -> str:
    """Return what a field is to hold; raises `ValueError` in a sentence that says what to write.

    Args:
        name: of `RegisteredPlace`.
        text: as somebody wrote it.
    """
    return FIELDS[name](text)


def _words(text: str, most: int, *, needed: bool = False) -> str:
    if len(text) > most * 2:  # before anything is made of it
        raise ValueError(say("write at most {most} characters, not {count}", most=most, count=len(text)))
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    if odd := next((letter for letter in text if not letter.isprintable()), None):
        raise ValueError(say("has a letter that cannot be seen ({letter}); leave it out", letter=f"U+{ord(odd):04X}"))
    if len(text) > most:
        raise ValueError(say("write at most {most} characters, not {count}", most=most, count=len(text)))
    if needed and not text:
        raise ValueError(say("is blank; write one"))
    return text


def _kind(text: str) -> str:
    word = folded(text)
    found = next((kind for kind, also in _KINDS.items() if word in {kind, *also.split()}), None)
    if word and found is None:
        raise ValueError(say("no kind of place; write one of {words}", words=", ".join(_KINDS)))
    return found or PlaceKind.OTHER.value


def _phone(text: str) -> str:
    text = _words(text, MOST_LETTERS["phone"])
    if text and not _PHONE.fullmatch(text):
        raise ValueError(say("no phone number; write digits, like {example}", example="0912 345 678"))
    return text


@lru_cache(64)
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _zone(text: str) -> str:
    text = text.strip()
    if text and (len(text) > MOST_LETTERS["time_zone"] or not _ZONE.fullmatch(text) or not _is_zone(text)):
        raise ValueError(say("there is no such time zone; write one like {example}", example=TIME_ZONE))
    return text or TIME_ZONE


@lru_cache(256)
def _hours(text: str) -> str:
    """Return hours in their one form; a list of thousands of schools has a few."""
    return written(read_opening_hours(text))


FIELDS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "name": partial(_words, most=MOST_LETTERS["name"], needed=True),
        "province": partial(_words, most=MOST_LETTERS["province"], needed=True),
        "kind": _kind,
        "commune": partial(_words, most=MOST_LETTERS["commune"]),
        "address": partial(_words, most=MOST_LETTERS["address"]),
        "responsible": partial(_words, most=MOST_LETTERS["responsible"]),
        "phone": _phone,
        "opening_hours": _hours,
        "time_zone": _zone,
        "legal_basis": partial(_words, most=MOST_LETTERS["legal_basis"]),
        "code": partial(_words, most=MOST_LETTERS["code"]),
    }
)
"""How each field of `RegisteredPlace` is read."""
