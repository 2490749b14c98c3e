"""Notes of a credential: the closed list of slugs for what is odd about a code without being wrong."""

from __future__ import annotations

from enum import StrEnum


class Note(StrEnum):
    """A remark in `Credential.notes`; it never contains anything of the code itself."""

    NOT_UTF8 = "not-utf8"
    """The bytes are no UTF-8: only fields of plain ASCII were kept, since those are certain."""
    NUMBER_ONLY = "number-only"
    """A citizen card that is damaged, or of a layout not known here: only the leading number is certain."""
    MASKED = "masked"
    """The app replaced part of the number or of the birth date by ``*``."""
    DECLARED_BY_ANOTHER = "declared-by-another"
    """Somebody else declared for this person (a child, an old parent)."""
    OLD_CARD = "old-card"
    """An insurance card with the 15-character number used until April 2021."""
    NAME_UNREADABLE = "name-unreadable"
    """The name is not text (bad hex, control or direction characters, too long) and was left out."""
    ADDRESS_UNREADABLE = "address-unreadable"
    """The same for the address."""
    BIRTH_UNREADABLE = "birth-unreadable"
    """The birth date is none, or impossible, and was left out."""
    SEX_UNREADABLE = "sex-unreadable"
    """The sex is neither of the two words or digits the format knows."""
    NUMBER_UNREADABLE = "number-unreadable"
    """A document number (not the one that names the card) has an unknown shape and was left out."""
    ID_UNREADABLE = "id-unreadable"
    """The national platform's id is missing or no id."""
    FIELD_UNREADABLE = "field-unreadable"
    """A field that goes to `Credential.details` is not what the format says and was left out."""
    NUMBER_AND_BIRTH_DIFFER = "number-and-birth-differ"
    """The year coded in the citizen number is another one: a warning, since newer numbers promise nothing."""
    NUMBER_AND_SEX_DIFFER = "number-and-sex-differ"
    """The same for the sex."""
