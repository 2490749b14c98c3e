"""Credential, Unrecognised and CodeKind: what a code claims once it is parsed (see `device.model`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from device.model.certificate import Certificate
from device.model.decision import Reason


class CodeKind(StrEnum):
    """What sort of code was shown: the table of credential formats, and the codes known by name that are none.

    A credential format is a line here and a module of `device.credential` with the same name that reads it. Whatever
    has to know every kind asks this table or `device.credential.kinds.FORMATS`. A kind's word stands in sealed
    check-ins: once given it is never changed.
    """

    NATIONAL_CODE = "national-code"
    CITIZEN_CARD = "citizen-card"
    INSURANCE_CARD = "insurance-card"
    CITIZEN_NUMBER = "citizen-number"
    HC1 = "hc1"
    # No credentials: recognised to be answered by name.
    VENUE = "venue"
    LOCAL = "local"
    LINK = "link"
    BANK = "bank"
    WIFI = "wifi"
    VNEID = "vneid"
    UNKNOWN = "unknown"


_NO_CREDENTIALS = (
    CodeKind.VENUE,
    CodeKind.LOCAL,
    CodeKind.LINK,
    CodeKind.BANK,
    CodeKind.WIFI,
    CodeKind.VNEID,
    CodeKind.UNKNOWN,
)
CREDENTIAL_KINDS = tuple(kind for kind in CodeKind if kind not in _NO_CREDENTIALS)
"""The kinds a `Credential` can have."""


class Verification(StrEnum):
    """Whether the credential proves itself."""

    YES = "yes"
    NO = "no"
    UNCHECKED = "unchecked"
    NOT_APPLICABLE = "not-applicable"
    """The format carries no signature: it is read, not verified."""


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Who the credential speaks of. Every field is ``None`` when the code does not say.

    Attributes:
        name: as written in the code, NFC.
        birth: ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; ``None`` too when masked or impossible.
        sex: ``male`` or ``female``.
        citizen_number: 12 digits (CCCD); ``None`` when masked.
        old_number: 8 to 12 digits (CMND), or a passport number.
        insurance_number: 10 digits (BHXH).
        national_code_id: the QID of the national QR platform, opaque.
        phone: 10 digits.
        address: free text.
    """

    name: str | None = None
    birth: str | None = None
    sex: str | None = None
    citizen_number: str | None = None
    old_number: str | None = None
    insurance_number: str | None = None
    national_code_id: str | None = None
    phone: str | None = None
    address: str | None = None

    def __repr__(self) -> str:
        """Name only which fields are there: a person never reaches a log by accident."""
        return f"Person({', '.join(n for n in self.__slots__ if getattr(self, n) is not None)})"


@dataclass(frozen=True, slots=True)
class Credential:
    """What a payload claims, once parsed.

    Attributes:
        kind: one of `CREDENTIAL_KINDS`.
        person: who it speaks of.
        verified: whether it proves itself.
        details: further fields of the format by name, in the order of the format (shown to nobody,
            sealed when the policy keeps them).
        notes: slugs of what was odd but not wrong (``old-card``, ``number-and-birth-differ``…).
        certificate: what an HC1 says, for the policy; ``None`` for every other kind. It is not part of
            the record, which keeps *details*: a check-in that was unsealed has none.
    """

    kind: CodeKind
    person: Person
    verified: Verification = Verification.NOT_APPLICABLE
    details: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()
    certificate: Certificate | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """Why a presentation is no credential. Counted, never recorded, never DENIED.

    Attributes:
        kind: what sort of code it is.
        reason: what the visitor is told, by cue.
        length: of the payload in bytes, rounded up to a multiple of 64; 0 when nothing was read.
        venue_id: the id in a venue's location QR, to know the gate's own; else ``None``.
    """

    kind: CodeKind
    reason: Reason
    length: int = 0
    venue_id: str | None = field(default=None, repr=False)


Claim = Credential | Unrecognised
