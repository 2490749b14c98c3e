"""Health insurance card (BHYT) QR code, on paper or on a screen.

15 fields on old cards, 17 on those since 1 April 2021; not signed. ``-`` or nothing is an empty value.

== =============== ==========================================================================
0  card number     old: 2 letters, benefit level, 2-digit province, 10-digit BHXH number (letters
                   in the tail before 2018); new: the BHXH number alone; since 2025 perhaps the
                   12-digit citizen number, which replaces it (inference: no card was seen)
1  name            hex of UTF-8
2  birth           ``dd/mm/yyyy``, unpadded, ``ddmmyyyy`` or ``yyyy``
3  sex             ``1`` male, ``2`` female
4  address         hex of UTF-8
5  facility        ``51 - 001``; hyphen, en dash or space
6  valid from      ``dd/mm/yyyy``
7  valid to        ``dd/mm/yyyy``
8  issued          ``dd/mm/yyyy``
9  office code     14 digits
10 parent          plain text, sometimes damaged
11 living area     K1, K2, K3; ``4`` in nearly all samples
12 five years from ``dd/mm/yyyy``, may begin with a space
13 checksum        not published: never verified
14 old card        ``$`` ends the card; new card: benefit level
15 place of issue  hex of UTF-8; new card only
16 end             ``$``; new card only (one sample ends with ``#``)
== =============== ==========================================================================

Source: the open parsers Vietsens/hisnguonmo (Inventec.Common.QrCodeBHYT) and trongdqtgg/tiepnhan_server.
A field that cannot be read is left out with a note and never costs the card.
"""

from __future__ import annotations

from device.credential.dates import day_first
from device.credential.format import Format
from device.credential.notes import Note
from device.credential.text import MOST_WORDS, Fields, from_hex, is_digits, is_hex, readable
from device.model import CodeKind, Credential, Person

_LEAST_FIELDS = 13
_MOST_FIELDS = 18
_NEW_NUMBERS = 10, 12
_SEXES = {"1": "male", "2": "female"}
_EN_DASH = "\N{EN DASH}"


def read_insurance_card(fields: Fields) -> Credential | None:
    """Read 13 to 18 fields; ``None`` when they are not this format."""
    parts = ["" if part in {"-", "$", "#", "$#"} else part for part in fields.parts]
    if not _is_insurance_card(parts):
        return None
    parts += [""] * (_MOST_FIELDS - len(parts))
    number = parts[0]
    old = not is_digits(number, *_NEW_NUMBERS)
    if old:
        fields.note(Note.OLD_CARD)
    person = Person(
        name=_hex_words(fields, parts[1], Note.NAME_UNREADABLE),
        birth=_date(fields, parts[2], Note.BIRTH_UNREADABLE),
        sex=_sex(fields, parts[3]),
        citizen_number=number if is_digits(number, 12) else None,
        insurance_number=number[-10:] if is_digits(number[-10:], 10) and not is_digits(number, 12) else None,
        address=_hex_words(fields, parts[4], Note.ADDRESS_UNREADABLE),
    )
    _details(fields, parts, old=old)
    return Credential(
        kind=CodeKind.INSURANCE_CARD, person=person, details=tuple(fields.details), notes=tuple(fields.notes)
    )


def _is_insurance_card(parts: list[str]) -> bool:
    """Return whether the number has the shape and a hex name stands beside it, or a sex digit if that is damaged."""
    if not _LEAST_FIELDS <= len(parts) <= _MOST_FIELDS:
        return False
    number = parts[0]
    shaped = is_digits(number, *_NEW_NUMBERS) or (
        len(number) == 15 and number.isascii() and number.isalnum() and number[:2].isalpha() and number[2].isdigit()
    )
    return shaped and ((is_hex(parts[1]) and len(parts[1]) % 2 == 0) or parts[3] in _SEXES)


def _details(fields: Fields, parts: list[str], *, old: bool) -> None:
    """Keep the further fields in the order of the card."""
    if old:
        fields.detail("insurance-card-number", parts[0])
    fields.detail("facility", "-".join(parts[5].replace(_EN_DASH, " ").replace("-", " ").split()))
    for name, at in (("valid-from", 6), ("valid-to", 7), ("issued", 8)):
        fields.detail(name, _date(fields, parts[at], Note.FIELD_UNREADABLE) or "")
    fields.detail("office-code", parts[9])
    fields.detail("parent", parts[10])
    fields.detail("living-area", parts[11])
    fields.detail("five-years-from", _date(fields, parts[12], Note.FIELD_UNREADABLE) or "")
    fields.detail("checksum", parts[13])
    fields.detail("benefit-level", parts[0][2] if old else parts[14])
    place = _hex_words(fields, parts[15], Note.FIELD_UNREADABLE)
    if place is not None:
        fields.details.append(("place-of-issue", place))


def _hex_words(fields: Fields, value: str, otherwise: Note) -> str | None:
    """Return the text behind a hex field; its own bytes decide, whatever the rest of the card is."""
    if not value:
        return None
    text = from_hex(value)
    words = readable(text, MOST_WORDS) if text else None
    if words is None:
        fields.note(otherwise)
    return words


def _date(fields: Fields, value: str, otherwise: Note) -> str | None:
    if not value:
        return None
    date = day_first(value)
    if date is None:
        fields.note(otherwise)
    return date


def _sex(fields: Fields, digit: str) -> str | None:
    sex = _SEXES.get(digit)
    if digit and sex is None:
        fields.note(Note.SEX_UNREADABLE)
    return sex


FORMAT = Format(CodeKind.INSURANCE_CARD, "The health-insurance card.", read_insurance_card)
