"""Synthetic people and the payloads of their codes. No person, number or address here is real.

The forms of the payloads are those of the cards themselves: UTF-8 without a byte order mark,
fields divided by ``|``. Numbers have the legal shape (Decree 137/2015 for the citizen number) and
end in ``00dddd`` or similar, so that they look invented.
"""

from __future__ import annotations

import binascii
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
_VOWEL_LETTERS = tuple(unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES)

LETTERS = tuple(sorted({case for low in (*_VOWEL_LETTERS, "đ") if not low.isascii() for case in (low, low.upper())}))
"""The 134 precomposed letters with diacritics of the Vietnamese alphabet, both cases."""

_PROVINCES = (
    ("001", "Hà Nội"),
    ("031", "Hải Phòng"),
    ("046", "Thừa Thiên Huế"),
    ("048", "Đà Nẵng"),
    ("051", "Quảng Ngãi"),
    ("056", "Khánh Hòa"),
    ("079", "Thành phố Hồ Chí Minh"),
    ("092", "Cần Thơ"),
)
_FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Ưng")
_MIDDLES_MALE = ("Văn", "Hữu", "Đức", "Quốc", "Minh", "Xuân", "Bảo")
_MIDDLES_FEMALE = ("Thị", "Ngọc", "Thúy", "Diễm", "Mỹ", "Ái", "Quỳnh")
_GIVEN_MALE = ("Thử", "Mẫu", "Dũng", "Hưởng", "Kỳ", "Sỹ", "Tuệ", "Ổn", "Ý", "Giả", "Nghị", "Vững")
_GIVEN_FEMALE = ("Mẫu", "Ánh", "Hằng", "Yến", "Ẩn", "Phượng", "Nguyệt", "Thảo", "Mỵ", "Xoàn", "Bưởi", "Ưu")
_STREETS = ("Đường Mẫu", "Thôn Đông", "Tổ", "Ấp", "Ngõ Thử", "Xóm Giữa", "Khóm Ổi", "Hẻm Vắng")
_WARDS = ("Phường Nghĩa Thử", "Xã Bình Mẫu", "Thị trấn Sơn Giả", "Xã Ỷ Lành", "Phường Ô Bưởi", "Xã Đẵng Vũ")
_INITIALS = (
    "",
    "b",
    "c",
    "ch",
    "d",
    "đ",
    "g",
    "gi",
    "h",
    "kh",
    "l",
    "m",
    "n",
    "ng",
    "nh",
    "ph",
    "s",
    "t",
    "th",
    "v",
    "x",
)
_FINALS = ("", "", "c", "ch", "m", "n", "ng", "nh", "p", "t")
_BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


@dataclass(frozen=True, slots=True)
class Visitor:
    """An invented person with everything that any of the cards says.

    Attributes:
        name: NFC, in mixed or upper case as the cards print it.
        birth: the date of birth.
        male: otherwise female.
        province: the three digits of the citizen number.
        citizen_number: 12 digits, in accord with province, sex and birth.
        old_number: 9 digits; empty for those who never had one.
        address: residence, free text.
        issued: when the citizen card was issued.
        insurance_number: 10 digits (BHXH).
        national_code_id: 18 digits (the QID of the national QR platform).
        phone: 10 digits.
    """

    name: str
    birth: date
    male: bool
    province: str
    citizen_number: str
    old_number: str
    address: str
    issued: date
    insurance_number: str
    national_code_id: str
    phone: str


def invent(seed: int, *, any_letters: bool = False) -> Visitor:
    """Invent a person; the same seed gives the same person.

    Args:
        seed: any number from 0.
        any_letters: draw the name from all letters of the alphabet rather than from usual names.
    """
    return _invent(np.random.default_rng((seed, 0x5649)), any_letters=any_letters)


def corpus(n: int, seed: int = 0) -> Iterator[bytes]:
    """Yield *n* citizen-card payloads of people whose names use every letter there is.

    This is what an engine has to read without one wrong letter: names alone are garbled by
    libzbar's guessing in most cases, whole cards in one of ten to twenty.
    """
    rng = np.random.default_rng((seed, 0x434F))
    for _ in range(n):
        yield citizen_card(_invent(rng, any_letters=True), fields=11 if rng.random() < 0.3 else 7)


def national_code(person: Visitor) -> bytes:
    """Return the unified national personal code (PC-Covid): six fields, pure ASCII."""
    extension = f"<{1 if person.male else 2}<{_insurance_card_number(person)}<{person.phone}"
    name = _without_marks(person.name).upper()
    said = [person.citizen_number, name, person.birth.isoformat(), "0", person.national_code_id, extension]
    return "|".join(said).encode("ascii")


def citizen_card(person: Visitor, fields: Literal[7, 11] = 7) -> bytes:
    """Return what the code on a citizen card says: 7 fields (2021), or 11 (from July 2024)."""
    said = [
        person.citizen_number,
        person.old_number,
        person.name,
        f"{person.birth:%d%m%Y}",
        "Nam" if person.male else "Nữ",
        person.address,
        f"{person.issued:%d%m%Y}",
        *[""] * (fields - 7),
    ]
    return "|".join(said).encode()


def insurance_card(person: Visitor, *, new: bool = True) -> bytes:
    """Return a health-insurance card's code: 17 fields (since April 2021), or 15 (before)."""
    from_year = 2022 if new else 2020
    start, stop = f"01/01/{from_year}", "-" if new else f"31/12/{from_year}"
    said = [
        person.insurance_number if new else _insurance_card_number(person),
        person.name.encode().hex(),
        f"{person.birth:%d/%m/%Y}",
        "1" if person.male else "2",
        "-" if new else person.address.encode().hex(),
        f"{person.province[1:]} - 001",
        start,
        stop,
        f"20/12/{from_year - 1}",
        f"{person.province[1:]}01{person.insurance_number}",
        "-",
        "4",
        f"{' ' if new else ''}01/01/{from_year + 5}",
        f"{binascii.crc32(person.name.encode()):x}5e6f7081-{'1202' if new else '7102'}",
        *(["4", _province_name(person.province).encode().hex()] if new else []),
        "$",
    ]
    return "|".join(said).encode()


def venue_poster(group: str = "0123456789abcdef01234567") -> bytes:
    """Return the location code of a venue (tokhaiyte.vn form); *group* is 24 hexadecimal digits."""
    return f"https://tokhaiyte.vn/?page=Group.checkin&groupId={group}".encode("ascii")


def wifi() -> bytes:
    """Return a café's Wi-Fi code, with a Vietnamese network name."""
    return "WIFI:T:WPA;S:Quán Cà Phê Mẫu;P:khongcogi;;".encode()


def bank() -> bytes:
    """Return a transfer code in the EMV form that Vietnamese banks use, with a right checksum."""
    account = _tlv("00", "A000000727") + _tlv("01", _tlv("00", "970400") + _tlv("01", "0000000051"))
    body = _tlv("00", "01") + _tlv("01", "11") + _tlv("38", account) + _tlv("53", "704") + _tlv("58", "VN") + "6304"
    return f"{body}{binascii.crc_hqx(body.encode('ascii'), 0xFFFF):04X}".encode("ascii")


def link() -> bytes:
    """Return a restaurant's menu link."""
    return b"https://thuc-don.example/ban/7?utm_source=qr"


def hc1_like(length: int = 825, seed: int = 0) -> bytes:
    """Return text of the size and alphabet of a vaccine certificate, without a certificate in it.

    825 characters is the length of the published Vietnamese specimen: the densest code at a gate.
    """
    picks = np.random.default_rng((seed, 0x4843)).integers(0, 45, length - 4)
    return ("HC1:" + "".join(_BASE45[pick] for pick in picks)).encode("ascii")


def _invent(rng: np.random.Generator, *, any_letters: bool) -> Visitor:
    province, province_name = _PROVINCES[rng.integers(len(_PROVINCES))]
    male = bool(rng.random() < 0.5)
    birth = date(1940, 1, 1) + timedelta(days=int(rng.integers(0, 365 * 75)))
    sex_digit = (0 if birth.year < 2000 else 2) + (0 if male else 1)
    suffix = int(rng.integers(0, 10_000))
    street = f"{_pick(rng, _STREETS)} {rng.integers(1, 60)}, " if rng.random() < 0.8 else ""
    return Visitor(
        name=_spelt_name(rng) if any_letters else _usual_name(rng, male=male),
        birth=birth,
        male=male,
        province=province,
        citizen_number=f"{province}{sex_digit}{birth:%y}00{suffix:04d}",
        old_number=f"2{rng.integers(0, 100_000):05d}000" if birth.year < 2000 and rng.random() < 0.6 else "",
        address=f"{street}{_pick(rng, _WARDS)}, {province_name}",
        issued=date(2021, 3, 1) + timedelta(days=int(rng.integers(0, 1400))),
        insurance_number=f"{province[1:]}2000{suffix:04d}",
        national_code_id=f"1632{rng.integers(0, 10**9):09d}{suffix:05d}",
        phone=f"090000{suffix:04d}",
    )


def _usual_name(rng: np.random.Generator, *, male: bool) -> str:
    middles, givens = (_MIDDLES_MALE, _GIVEN_MALE) if male else (_MIDDLES_FEMALE, _GIVEN_FEMALE)
    name = f"{_pick(rng, _FAMILIES)} {_pick(rng, middles)} {_pick(rng, givens)}"
    return name.upper() if rng.random() < 0.3 else name


def _spelt_name(rng: np.random.Generator) -> str:
    syllables = (
        _pick(rng, _INITIALS) + _pick(rng, _VOWEL_LETTERS) + _pick(rng, _FINALS) for _ in range(rng.integers(2, 5))
    )
    name = " ".join(syllables)
    case = rng.random()
    return name.upper() if case < 0.5 else name.title() if case < 0.9 else name


def _pick(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[rng.integers(len(choices))]


def _province_name(province: str) -> str:
    return dict(_PROVINCES)[province]


def _insurance_card_number(person: Visitor) -> str:
    return f"GD4{person.province[1:]}{person.insurance_number}"


def _without_marks(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _tlv(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"
