"""The words of this project, as immutable facts. One word for one thing, everywhere.

Nothing here does anything: no file, no clock, no pin. Times are monotonic milliseconds unless
the name says otherwise; payloads are ``bytes`` and never leave the record they stand in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from device.clock import ClockReading

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Luma = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One luminance plane.

    Attributes:
        luma: H×W, uint8, C-contiguous rows (the row stride may be wider than W).
        seq: counts captures from 0 since the camera was opened, dropped ones too.
        captured_ms: monotonic time of the capture.
    """

    luma: Luma
    seq: int
    captured_ms: int


Point = tuple[int, int]
"""x, y in pixels of the frame; may lie outside it."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One decoded code in one frame.

    Attributes:
        payload: the exact bytes of the code; hostile until parsed.
        corners: top left, top right, bottom right, bottom left as the code itself stands.
        engine: which engine and try read it, for health figures (``zxing``, ``zbar``, …).
    """

    payload: bytes
    corners: tuple[Point, Point, Point, Point]
    engine: str


@dataclass(frozen=True, slots=True)
class Sight:
    """What the eye reports about one frame.

    Attributes:
        frame_seq: `Frame.seq` of the newest frame; -1 before the first.
        captured_ms: its monotonic capture time.
        symbols: what was decoded in it.
        broken: a code was found that could not be decoded.
        moving: the picture changed since the last look.
        decode_us: how long the decoder took, in microseconds.
        lost: why there are no frames; ``None`` when there are. `EYE_STARTING` before the first one.
        ended: a replay has come to its end; there will be no further sight.
    """

    frame_seq: int
    captured_ms: int
    symbols: tuple[Symbol, ...] = ()
    broken: bool = False
    moving: bool = True
    decode_us: int = 0
    lost: str | None = None
    ended: bool = False


EYE_STARTING = "starting"
"""`Sight.lost` while the camera is being opened for the first time: no fault yet."""


class CodeKind(StrEnum):
    """What sort of code was shown. The first five are credentials, the rest are not ours."""

    NATIONAL_CODE = "national-code"
    CITIZEN_CARD = "citizen-card"
    INSURANCE_CARD = "insurance-card"
    CITIZEN_NUMBER = "citizen-number"
    HC1 = "hc1"
    VENUE = "venue"
    LOCAL = "local"
    LINK = "link"
    BANK = "bank"
    WIFI = "wifi"
    VNEID = "vneid"
    UNKNOWN = "unknown"


CREDENTIAL_KINDS = (
    CodeKind.NATIONAL_CODE,
    CodeKind.CITIZEN_CARD,
    CodeKind.INSURANCE_CARD,
    CodeKind.CITIZEN_NUMBER,
    CodeKind.HC1,
)
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


class SignerState(StrEnum):
    """What became of a certificate's signature; time is judged elsewhere."""

    CHECKED = "checked"
    """Right, by a signer that may sign this kind of entry."""
    NOT_CHECKED = "not-checked"
    """There is no trust list."""
    UNKNOWN = "unknown"
    """The trust list has no key under this key id."""
    WRONG_SIGNATURE = "wrong-signature"
    """No key under this key id made the signature."""
    NOT_ALLOWED = "not-allowed"
    """Right, but the trust list does not let this key sign this kind of entry."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed a certificate, as the trust list says.

    Attributes:
        state: what became of the signature.
        country: two capital letters, from the trust list; ``None`` unless the signature is right.
        not_before_s: the key signs from here, Unix seconds; ``None`` unless the signature is right.
        not_after_s: and until here, included; the same.
    """

    state: SignerState
    country: str | None = None
    not_before_s: int | None = None
    not_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class Vaccination:
    """A ``v`` entry: one dose and how many there are to be.

    Attributes:
        doses: number of this dose (``dn``), 1 or more; may be above *series* (a booster).
        series: doses in the series (``sd``), 1 or more.
        given_on: day of this dose (``dt``).
        product: id of the product (``mp``), for instance ``EU/1/20/1528``.
        vaccine: id of the kind of vaccine (``vp``).
        maker: id of the marketing authorisation holder (``ma``).
        country: where it was given (``co``), capital letters, usually two.
        target: code of the disease (``tg``); 840539006 is COVID-19.
    """

    doses: int
    series: int
    given_on: date
    product: str
    vaccine: str
    maker: str
    country: str
    target: str


@dataclass(frozen=True, slots=True)
class LabTest:
    """A ``t`` entry.

    Attributes:
        type: code of the method (``tt``): ``LP6464-4`` is a PCR, ``LP217198-3`` a rapid antigen test.
        result: code of the result (``tr``): ``260415000`` is "not detected", ``260373001`` "detected".
        sampled_at_s: when the sample was taken (``sc``), Unix seconds.
        country: where (``co``).
        target: code of the disease (``tg``).
    """

    type: str
    result: str
    sampled_at_s: int
    country: str
    target: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """An ``r`` entry.

    Attributes:
        first_positive_on: day of the first positive test (``fr``).
        valid_from: first day the issuer lets it count (``df``).
        valid_until: last day (``du``).
        country: where (``co``).
        target: code of the disease (``tg``).
    """

    first_positive_on: date
    valid_from: date
    valid_until: date
    country: str
    target: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """What an HC1 certificate says, and who vouches for it. Nothing here has been held against a clock.

    Attributes:
        issuer: two capital letters (claim 1); ``None`` when it does not say. Written by whoever made
            the code: only `Signer.country` is vouched for.
        issued_at_s: claim 6, or 5 ("not before") where that is later, Unix seconds; ``None`` when it
            does not say.
        expires_at_s: claim 4, Unix seconds. One that does not say, or says infinite or NaN, is malformed.
        signer: what became of its signature.
        entry: the one entry it carries.
    """

    issuer: str | None
    issued_at_s: int | None
    expires_at_s: int
    signer: Signer
    entry: Vaccination | LabTest | Recovery


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


class Outcome(StrEnum):
    """What the gate says about a visitor."""

    GRANTED = "granted"
    REFERRED = "referred"
    """A person must look."""
    DENIED = "denied"


class Reason(StrEnum):
    """Why; a closed list. `device.policy.cues` maps each to an outcome and a cue."""

    # a credential was judged
    RECORDED = "recorded"
    """Written down; the policy asked for no more."""
    RULES_MET = "rules-met"
    """A certificate that meets what the policy asks for."""
    REPEAT = "repeat"
    """The same person within the repeat window: the first outcome again, counted once."""
    MANUAL = "manual"
    """The guard pressed the button for somebody without a code."""
    KIND_NOT_ACCEPTED = "kind-not-accepted"
    WEAK_READING = "weak-reading"
    """Only a bare citizen number was read."""
    NOT_VERIFIED = "not-verified"
    """A format without a signature, where the policy wants proof."""
    NO_DATA = "no-data"
    """The policy asks for a certificate and this code carries none: no word about the person's health."""
    CLOCK_NOT_TRUSTED = "clock-not-trusted"
    """A rule needs the time and this gate does not know it."""
    CLOSED_NOW = "closed-now"
    """Outside the opening hours."""
    FULL = "full"
    """As many people are inside as may be."""
    SIGNATURE_NOT_CHECKED = "signature-not-checked"
    """A certificate, and this gate has no trust list at all."""
    SIGNER_UNKNOWN = "signer-unknown"
    """A certificate whose signer is not in the trust list."""
    SIGNATURE_WRONG = "signature-wrong"
    """The signer is in the trust list and did not sign this certificate."""
    SIGNER_NOT_ALLOWED = "signer-not-allowed"
    """The signature is right, of a signer that may not sign this kind of entry."""
    SIGNER_OUT_OF_DATE = "signer-out-of-date"
    """The signature is right, of a key whose time is over or has not begun."""
    CERTIFICATE_EXPIRED = "certificate-expired"
    CERTIFICATE_NOT_YET_VALID = "certificate-not-yet-valid"
    """Issued in the future by this clock."""
    SIGNER_COUNTRY_NOT_ACCEPTED = "signer-country-not-accepted"
    ENTRY_NOT_ACCEPTED = "entry-not-accepted"
    """The policy does not go by entries of this sort (vaccination, test, recovery), or of this disease."""
    PRODUCT_NOT_ACCEPTED = "product-not-accepted"
    TOO_FEW_DOSES = "too-few-doses"
    DOSE_TOO_RECENT = "dose-too-recent"
    DOSE_TOO_OLD = "dose-too-old"
    TEST_TYPE_NOT_ACCEPTED = "test-type-not-accepted"
    TEST_NOT_NEGATIVE = "test-not-negative"
    """Any result but "not detected"."""
    TEST_TOO_OLD = "test-too-old"
    RECOVERY_TOO_RECENT = "recovery-too-recent"
    RECOVERY_TOO_OLD = "recovery-too-old"
    # what the centre answered
    STATUS_HEALTH = "status-health"
    """The centre has the person as yellow or red."""
    STATUS_DECLARATION_MISSING = "status-declaration-missing"
    STATUS_MOVEMENT_MISSING = "status-movement-missing"
    STATUS_DOSES = "status-doses"
    """The centre knows of fewer doses than the policy asks for."""
    # no credential
    UNREADABLE = "unreadable"
    SEVERAL = "several"
    VENUE_POSTER = "venue-poster"
    OWN_VENUE = "own-venue"
    LOCAL_CODE = "local-code"
    WEB_LINK = "web-link"
    BANK_CODE = "bank-code"
    WIFI_CODE = "wifi-code"
    NOT_READABLE_HERE = "not-readable-here"
    """A code whose content only somebody else's system can read (VNeID)."""
    CERTIFICATE_MALFORMED = "certificate-malformed"
    """It begins as an HC1 certificate and breaks the format: damaged, or made to do harm."""
    UNKNOWN_CODE = "unknown-code"
    # nothing can be recorded
    LEDGER_FAULT = "ledger-fault"


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


@dataclass(frozen=True, slots=True)
class Reading:
    """One presentation: many frames, one reading.

    Attributes:
        claim: what was shown; two recognised credentials at once are ``Unrecognised(SEVERAL)``, a
            code seen too long without being decoded ``Unrecognised(UNREADABLE)``.
        payload: the exact bytes; empty when nothing was decoded.
        frame_seq: the frame that completed the reading.
        captured_ms: when that frame was captured.
        engine: which engine read it; empty when none did.
    """

    claim: Claim
    payload: bytes = field(repr=False)
    frame_seq: int
    captured_ms: int
    engine: str = ""


class Cue(StrEnum):
    """What people see and hear; the patterns are in `device.policy.cues`."""

    STARTING = "starting"
    READY = "ready"
    GRANTED = "granted"
    REFERRED = "referred"
    DENIED = "denied"
    NOT_OURS = "not-ours"
    UNREADABLE = "unreadable"
    SEVERAL = "several"
    OFFLINE = "offline"
    NOT_ENROLLED = "not-enrolled"
    REVOKED = "revoked"
    CONFIG = "config"
    FAULT = "fault"


class Line(StrEnum):
    """A thing on a pin that can be on or off."""

    GREEN = "green"
    RED = "red"
    AMBER = "amber"
    """The optional third lamp."""
    BUZZER = "buzzer"
    RELAY = "relay"
    """The optional door pulse; only a green cue may hold it."""


@dataclass(frozen=True, slots=True)
class Beat:
    """These lines on, all others off, for *ms* milliseconds."""

    lines: frozenset[Line]
    ms: int


@dataclass(frozen=True, slots=True)
class Score:
    """What a cue looks and sounds like.

    Attributes:
        beats: played in order.
        repeats: play again from the start until another cue comes (resting cues only).
    """

    beats: tuple[Beat, ...]
    repeats: bool = False


class Direction(StrEnum):
    """Which way the gate leads."""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """The registered place the gate guards; every check-in carries it.

    Attributes:
        name: as registered.
        kind: ``office school hospital shop market vehicle other``.
        province: name of the province or city.
        district: name; empty when there is none.
        ward: name of the ward or commune.
        location_qr: the payload, or the id in it, of the place's own location QR; empty when unknown.
    """

    name: str
    kind: str
    province: str
    district: str = ""
    ward: str = ""
    location_qr: str = ""


class HealthColour(StrEnum):
    """What the centre holds of somebody's health; what each colour means is the policy's word."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Status:
    """What the centre knows of a person; kept in memory only. ``None`` is "it does not say".

    Attributes:
        declared: whether there is a health declaration that counts.
        health: the state of health.
        movement_declared: whether there is a movement declaration that counts.
        doses: doses given.
        age_ms: how long ago the centre said so; 0 when it was asked for this visitor.
    """

    declared: bool | None = field(default=None, repr=False)
    health: HealthColour | None = field(default=None, repr=False)
    movement_declared: bool | None = field(default=None, repr=False)
    doses: int | None = field(default=None, repr=False)
    age_ms: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one credential.

    Attributes:
        outcome: what the visitor is told.
        reason: why.
        policy_version: the policy that judged.
        counted: ``False`` for a repeat: the centre counts one passage.
        rules: slugs of the rules that were asked, in order, without personal content.
    """

    outcome: Outcome
    reason: Reason
    policy_version: str
    counted: bool = True
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckIn:
    """The immutable fact: who came, when, where, which way, and what the gate said.

    Attributes:
        credential: ``None`` for a manual check-in.
        decision: what was answered.
        place: where.
        direction: which way.
        at: when the frame was decided, with the clock's trust.
    """

    credential: Credential | None
    decision: Decision
    place: Place
    direction: Direction
    at: ClockReading


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A check-in as it lies in the ledger and crosses the wire: named, timed, chained, unreadable.

    Attributes:
        seq: 1, 2, 3… within the ledger epoch, without gaps.
        at: when, with the clock's trust (in clear).
        direction: which way (in clear).
        counted: whether it counts as a passage (in clear).
        place_id: 16 hexadecimal digits naming the place document (in clear; see `Batch.places`).
        key_id: the sealing key's id.
        sealed: HPKE output: encapsulated key and ciphertext.
        link: 32 bytes, SHA-256 over the previous link and this row.
    """

    seq: int
    at: ClockReading
    direction: Direction
    counted: bool
    place_id: str
    key_id: str
    sealed: bytes = field(repr=False)
    link: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows in order, ready for the wire.

    Attributes:
        device_id: whose ledger; never changes.
        epoch: 32 hexadecimal digits made with the ledger file.
        rows: consecutive by `SealedRow.seq`; never empty.
        places: the documents behind the rows' place ids.
    """

    device_id: str
    epoch: str
    rows: tuple[SealedRow, ...]
    places: tuple[tuple[str, Place], ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The centre's answer to a batch.

    Attributes:
        cursor: everything up to and including this sequence number is settled there.
        parked: sequence numbers of rows it refused, with its reason; they are settled too.
    """

    cursor: int
    parked: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Backlog:
    """The queue as the outbox sees it.

    Attributes:
        recorded: rows ever written in this epoch.
        undelivered: rows the centre has not settled.
        parked: rows the centre refused.
        oldest_wall_ms: wall time of the oldest undelivered row; ``None`` when there is none.
    """

    recorded: int
    undelivered: int
    parked: int
    oldest_wall_ms: int | None
