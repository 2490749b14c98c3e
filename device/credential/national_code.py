"""National personal code (PC-Covid) QR code, on a screen or on paper.

``SoGiayTo|HoTen|NgaySinh|LoaiDinhDanh|QID|EXT``: always six fields, ASCII, not signed.

== ================ =====================================================================
0  document number  12 digits (CCCD), 9 digits (CMND) or a passport; empty when somebody
                    else declared; may be masked with ``*``
1  name             upper case without diacritics
2  birth            ``YYYY-MM-DD``; day and month may be masked
3  declared by      ``0`` the person, ``1`` somebody else
4  QID              id given by the national platform; opaque
5  EXT              split by ``<``: QID of the declarer, gender, insurance number, phone, e-signature,
                    others; published samples differ in empty leading parts, so each part is known
                    by its shape and not by its place
== ================ =====================================================================

Source: technical guideline 1.1 under Decision 1405/QĐ-BTTTT of 11 September 2021, as republished by
1thegioi.vn (article 171549) and read by the open project viiftw/PCcovid-QRcode-parser.
The gender digits (1 male, 2 female) follow QCVN 109:2017/BTTTT; only 1 was seen in a sample.
"""

from __future__ import annotations

from dataclasses import dataclass

from device.credential.citizen_number import note_differences
from device.credential.dates import year_first
from device.credential.format import Format
from device.credential.notes import Note
from device.credential.text import Fields, is_digits
from device.model import CodeKind, Credential, Person

_FIELDS = 6
_SEXES = {"1": "male", "2": "female"}
_MOST_ID = 64
_MOST_EXTENSIONS = 12
_DATE_CHARACTERS = frozenset("0123456789*")


def read_national_code(fields: Fields) -> Credential | None:
    """Read the six fields; ``None`` when they are not this format, name nobody, or have an impossible birth date."""
    if not looks_like_national_code(fields.parts):
        return None
    document, name, born, declared_by, national_id, extension = fields.parts
    masked_birth = "*" in born
    if not name.strip() or not national_id.strip():
        return None  # both are required: who is nameless is nobody whom a gate could write down
    birth = year_first(born)
    if birth is None and not masked_birth:
        return None
    if declared_by == "1":
        fields.note(Note.DECLARED_BY_ANOTHER)
    citizen_number, old_number = _document(fields, document)
    if masked_birth:
        fields.note(Note.MASKED)
        fields.detail("masked-birth", born)
    more = _extension(fields, extension)
    note_differences(fields, citizen_number, birth, more.sex)
    return Credential(
        kind=CodeKind.NATIONAL_CODE,
        person=Person(
            name=fields.words(name, Note.NAME_UNREADABLE),
            birth=birth,
            sex=more.sex,
            citizen_number=citizen_number,
            old_number=old_number,
            insurance_number=more.insurance_number,
            national_code_id=_national_id(fields, national_id),
            phone=more.phone,
        ),
        details=tuple(fields.details),
        notes=tuple(fields.notes),
    )


def looks_like_national_code(parts: tuple[str, ...]) -> bool:
    """Return whether fields have the form of this code, whatever is in them."""
    return len(parts) == _FIELDS and _looks_like_date(parts[2]) and parts[3] in {"0", "1"}


def _looks_like_date(text: str) -> bool:
    """Return whether *text* is ``dddd-..-..`` of digits or stars."""
    shaped = len(text) == 10 and text[4] == text[7] == "-"
    return shaped and _DATE_CHARACTERS.issuperset(text[:4] + text[5:7] + text[8:])


def _document(fields: Fields, document: str) -> tuple[str | None, str | None]:
    """Return citizen number and old number; a masked one goes to the details."""
    if is_digits(document, 12):
        return document, None
    if is_digits(document, 9) or (document.isascii() and document.isalnum() and 6 <= len(document) <= 12):
        return None, document
    if "*" in document:
        fields.note(Note.MASKED)
        fields.detail("masked-number", document)
    elif document:
        fields.note(Note.NUMBER_UNREADABLE)
    return None, None


def _national_id(fields: Fields, national_id: str) -> str | None:
    if is_opaque_id(national_id):
        return national_id
    fields.note(Note.ID_UNREADABLE)
    return None


def is_opaque_id(text: str) -> bool:
    """Return whether *text* can be an id of the national platform: letters, digits, ``-`` or ``_``."""
    return 0 < len(text) <= _MOST_ID and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


@dataclass(slots=True)
class _Extension:
    sex: str | None = None
    insurance_number: str | None = None
    phone: str | None = None


def _extension(fields: Fields, extension: str) -> _Extension:
    """Know each part by its shape; the first of a shape counts, the rest are details."""
    found = _Extension()
    parts = extension.split("<", _MOST_EXTENSIONS) if extension else []
    for place, part in enumerate(parts):
        if part in _SEXES and found.sex is None:
            found.sex = _SEXES[part]
        elif is_digits(part, 10) and part[0] == "0" and found.phone is None:
            found.phone = part
        elif is_insurance_number(part) and found.insurance_number is None:
            found.insurance_number = part[-10:]
            if len(part) > 10:
                fields.detail("insurance-card-number", part)
        elif place == 0 and is_opaque_id(part):
            fields.detail("declared-by", part)
        else:
            fields.detail("extension", part)
    return found


def is_insurance_number(text: str) -> bool:
    """Return whether *text* is a BHXH number of 10 digits, alone or at the end of a 15-character card number.

    Ten digits that begin with 0 are a telephone number, a second one too.
    """
    if is_digits(text, 10):
        return text[0] != "0"
    return len(text) == 15 and text[:2].isascii() and text[:2].isalpha() and is_digits(text[2:], 13)


FORMAT = Format(CodeKind.NATIONAL_CODE, "The national personal code.", read_national_code)
