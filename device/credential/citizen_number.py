"""The citizen number: 12 digits, alone in a code (a weak reading) or as a field of another format.

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

from device.credential.notes import Note
from device.credential.text import Fields, is_digits
from device.model import CodeKind, Credential, Person


def read_citizen_number(fields: Fields) -> Credential | None:
    """Read twelve bare digits; ``None`` when the payload is anything else.

    A citizen card that is no longer UTF-8 may have gained or lost a pipe, so that its fields cannot be
    told apart; its leading number is still certain and is read as if it stood alone.
    """
    number = fields.parts[0]
    if not is_digits(number, 12):
        return None
    if len(fields.parts) > 1:
        if fields.exact or len(fields.parts) < 6:
            return None
        fields.note(Note.NUMBER_ONLY)
    return Credential(kind=CodeKind.CITIZEN_NUMBER, person=Person(citizen_number=number), notes=tuple(fields.notes))


def note_differences(fields: Fields, number: str | None, birth: str | None, sex: str | None) -> None:
    """Note where a citizen number contradicts the birth year or the sex beside it."""
    if number is None:
        return
    century_and_sex = int(number[3])
    if birth is not None and birth[:4] != f"{19 + century_and_sex // 2}{number[4:6]}":
        fields.note(Note.NUMBER_AND_BIRTH_DIFFER)
    if sex is not None and sex != ("male", "female")[century_and_sex % 2]:
        fields.note(Note.NUMBER_AND_SEX_DIFFER)
