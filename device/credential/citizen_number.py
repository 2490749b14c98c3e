"""Citizen number (CCCD): 12 digits, alone in a code (a weak reading) or as a field of another format.

=====  =======================================================================================
0-2    province of birth registration
3      century and sex: 0/1 male/female born 19xx, 2/3 for 20xx, and so on in pairs
4-5    last two digits of the birth year
6-11   random
=====  =======================================================================================

Source: Decree 137/2015. The identity law of 2023 promises 12 digits only, so what the number says is
compared with the other fields for a warning and never refused.
"""

from __future__ import annotations

from device.credential.format import Format
from device.credential.notes import Note
from device.credential.text import Fields, is_digits
from device.model import CodeKind, Credential, Person


def read_citizen_number(fields: Fields) -> Credential | None:
    """Read twelve bare digits; ``None`` when the payload is anything else."""
    if len(fields.parts) != 1 or not is_digits(fields.parts[0], 12):
        return None
    return _credential(fields)


def read_leading_number(fields: Fields) -> Credential | None:
    """Read the number of a citizen card that is beyond reading otherwise; asked after every format.

    The digits before the first pipe are certain, whatever follows: a card of a layout that nobody here knows, or
    text that is no longer UTF-8 and has gained pipes (a Big5 or Shift-JIS trail byte can be 0x7C).
    """
    if len(fields.parts) == 1 or not is_digits(fields.parts[0], 12):
        return None
    fields.note(Note.NUMBER_ONLY)
    return _credential(fields)


def _credential(fields: Fields) -> Credential:
    person = Person(citizen_number=fields.parts[0])
    return Credential(kind=CodeKind.CITIZEN_NUMBER, person=person, notes=tuple(fields.notes))


def note_differences(fields: Fields, number: str | None, birth: str | None, sex: str | None) -> None:
    """Note where a citizen number contradicts the birth year or the sex beside it."""
    if number is None:
        return
    century_and_sex = int(number[3])
    if birth is not None and birth[:4] != f"{19 + century_and_sex // 2}{number[4:6]}":
        fields.note(Note.NUMBER_AND_BIRTH_DIFFER)
    if sex is not None and sex != ("male", "female")[century_and_sex % 2]:
        fields.note(Note.NUMBER_AND_SEX_DIFFER)


FORMAT = Format(CodeKind.CITIZEN_NUMBER, "A bare citizen number.", read_citizen_number)
