"""Citizen card QR code: chip card (CCCD, 2021) and identity card (Căn cước, July 2024).

``soCCCD|soCMNDcu|hoTen|ngaySinh|gioiTinh|diaChi|ngayCap[|…four more]``: UTF-8, not signed.

====  ============  ========================================================================
0     number        12 digits
1     old number    9 digits (8 to 12 are met) or empty
2     name          with diacritics
3     birth         ``ddmmyyyy``; ``mmyyyy`` and ``yyyy`` are met
4     sex           ``Nam`` or ``Nữ``
5     residence     free text; may be empty
6     issued        ``ddmmyyyy``; missing in six-field codes
7-10  2024 card     all empty for adults; otherwise a cancelled number and parents' names, in an
                    order nobody publishes: 9 or 12 digits are a number, letters a parent
11-   not yet       a card of tomorrow; known by their shape, too
====  ============  ========================================================================

A byte-order mark, a ``CCCD:`` prefix and trailing NUL or line ends are met and mean nothing.
Source: the open parsers Vietsens/hisnguonmo (Inventec.Common.QrCodeCCCD), trongdqtgg/tiepnhan_server
and minhducpqt/ilsung_qt_winapp; what the card carries: Circular 16/2024/TT-BCA.
"""

from __future__ import annotations

import unicodedata

from device.credential.citizen_number import note_differences
from device.credential.dates import day_first
from device.credential.format import Format
from device.credential.notes import Note
from device.credential.text import MOST_WORDS, Fields, is_digits
from device.model import CodeKind, Credential, Person

_LEAST_FIELDS = 6
_KNOWN_FIELDS = 11
_SEXES = {"nam": "male", "nữ": "female"}


def read_citizen_card(fields: Fields) -> Credential | None:
    """Read 6 fields or more; ``None`` when they are not this format or a date is impossible."""
    parts = fields.parts
    if len(parts) < _LEAST_FIELDS or not is_digits(parts[0], 12):
        return None
    if len(parts) > _KNOWN_FIELDS and not (fields.exact and parts[6]):
        return None  # what may have gained pipes by damage is not taken for a longer card
    birth = day_first(parts[3]) if is_digits(parts[3], 4, 6, 8) else None
    issued = day_first(parts[6]) if len(parts) > 6 and parts[6] else ""
    if birth is None or issued is None:
        return None
    sex = _sex(fields, parts[4])
    note_differences(fields, parts[0], birth, sex)
    fields.detail("issued", issued)
    for extra in parts[7:]:
        _extra(fields, extra)
    return Credential(
        kind=CodeKind.CITIZEN_CARD,
        person=Person(
            name=fields.words(parts[2], Note.NAME_UNREADABLE),
            birth=birth,
            sex=sex,
            citizen_number=parts[0],
            old_number=_old_number(fields, parts[1]),
            address=fields.words(parts[5], Note.ADDRESS_UNREADABLE, MOST_WORDS),
        ),
        details=tuple(fields.details),
        notes=tuple(fields.notes),
    )


def _old_number(fields: Fields, number: str) -> str | None:
    if not number:
        return None
    if is_digits(number, 8, 9, 10, 11, 12):
        return number
    fields.note(Note.NUMBER_UNREADABLE)
    return None


def _sex(fields: Fields, word: str) -> str | None:
    if not word:
        return None
    sex = _SEXES.get(unicodedata.normalize("NFC", word).lower()) if len(word) <= 4 else None
    if sex is None:
        fields.note(Note.SEX_UNREADABLE)
    return sex


def _extra(fields: Fields, extra: str) -> None:
    """Keep one of the fields from 7 on, known by its shape; 8 digits are a date, 10 a telephone."""
    if is_digits(extra, 9, 12):
        fields.detail("cancelled-number", extra)
    elif any(letter.isalpha() for letter in extra) and not any(letter.isdigit() for letter in extra):
        fields.detail("parent", extra)
    elif extra:
        fields.note(Note.FIELD_UNREADABLE)


FORMAT = Format(CodeKind.CITIZEN_CARD, "The citizen card.", read_citizen_card)
