"""Pydantic models of the contract's documents, for OpenAPI only; the readers in `device` stay the truth.

``python -m device.hub.api.openapi > config/central-api.yaml`` writes it. The models here are documentation: they
say what `device.wire.checkins` and `device.enrolment.pairing` read, and a test holds both against the same examples.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from device.clock import ClockState
from device.credential.person import NUMBER_KEY
from device.enrolment.code import CODE_ID
from device.hub.api.document_bases import Closed, Extensible, Milliseconds
from device.hub.api.state_schemas import StateAnswerDocument, StateQuestion
from device.model import Direction, HealthColour
from device.strict_json import MOST_INT, NAME
from device.wire import catalogue
from device.wire import checkins as wire
from device.wire import status as question
from device.wire.bundle import BundleKind

_Name = Annotated[str, Field(pattern=f"^{NAME.pattern}$")]
_Hex32 = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
_PlaceId = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
_Slug = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,39}$")]
_Seq = Annotated[int, Field(ge=1, le=MOST_INT)]
_CURSOR = (
    "everything up to this seq is settled; below the batch: rows before it are missing, the gate sends what it has"
)
_CodeId = Annotated[str, Field(pattern=f"^{CODE_ID.pattern}$", description="the first four letters of a code")]
_Key = Annotated[str, Field(pattern="^[A-Za-z0-9+/]{43}=$", description="32 bytes in base64")]
_Signature = Annotated[str, Field(pattern="^[A-Za-z0-9+/]{86}==$", description="Ed25519, 64 bytes in base64")]
_Base64 = Annotated[str, Field(pattern="^[A-Za-z0-9+/]+={0,2}$")]


class SentDocument(Closed):
    """What the gate's clock said at the moment of sending."""

    boot: Annotated[_Hex32, Field(description="which boot of the gate")]
    monotonic: Annotated[int, Field(ge=0, le=MOST_INT, description="milliseconds since that boot")]
    wall: Annotated[Milliseconds, Field(description="milliseconds since 1970 UTC, as the gate's clock claimed")]
    clock: ClockState
    sealing_day: Annotated[date, Field(description="day (UTC) of the key the gate seals with now")]


class TimeFields(Extensible):
    """The hub's time."""

    now: Annotated[int, Field(ge=0, le=MOST_INT, description="milliseconds since 1970 UTC")]
    signature: Annotated[_Signature, Field(description="of the hub's root: device/wire/time_fields.py")]


class PlaceDocument(Closed):
    """A registered place, named by the hash of this document."""

    name: str
    kind: str
    province: str
    district: str
    ward: str
    location_qr: str


class RowDocument(Closed):
    """One check-in: in clear what is needed to order and count, sealed who it was."""

    seq: _Seq
    boot: Annotated[_Hex32, Field(description="which boot of the gate")]
    monotonic: Annotated[int, Field(ge=0, le=MOST_INT, description="milliseconds since that boot")]
    wall: Annotated[Milliseconds, Field(description="milliseconds since 1970 UTC, as the gate's clock claimed")]
    clock: ClockState
    direction: Direction
    counted: Annotated[bool, Field(description="false for a repeat of the same person")]
    place: _PlaceId
    key: Annotated[_Name, Field(description="id of the sealing key")]
    sealed: Annotated[_Base64, Field(description="HPKE (RFC 9180): X25519, HKDF-SHA256, ChaCha20-Poly1305")]
    link: Annotated[_Key, Field(description="SHA-256 over the link before and this row")]


class BatchDocument(Closed):
    """Rows of one ledger, consecutive by seq."""

    contract: Literal["gate/1"]
    device: _Name
    epoch: Annotated[_Hex32, Field(description="which ledger of the device")]
    head: Annotated[_Signature, Field(description="of the gate's key, over device, epoch, and the last seq and link")]
    sent: SentDocument
    places: dict[_PlaceId, PlaceDocument]
    rows: Annotated[list[RowDocument], Field(min_length=1, max_length=wire.BATCH_MOST_ROWS)]


class ReceiptDocument(Extensible):
    """What is settled: the gate may forget it."""

    contract: Literal["gate/1"]
    cursor: Annotated[int, Field(ge=0, le=MOST_INT, description=_CURSOR)]
    parked: Annotated[
        list[tuple[_Seq, _Slug]], Field(max_length=wire.BATCH_MOST_ROWS, description="kept apart, with the reason")
    ]
    bundles: Annotated[
        str, Field(pattern="^[0-9a-f]{16}$", description="mark of the catalogue; left out without one")
    ] = ""
    time: Annotated[TimeFields | None, Field(description="lets the gate know the time; may be left out")] = None


class TimeQuestion(Closed):
    """A gate that has nothing to deliver asks for the time."""

    contract: Literal["gate/1"]
    sent: SentDocument


class TimeDocument(Extensible):
    """The hub's time, signed."""

    contract: Literal["gate/1"]
    time: TimeFields


class WithdrawnDocument(Closed):
    """Which key of which device speaks no longer."""

    device: _Name
    key: _Key
    signature: Annotated[_Signature, Field(description="of the hub's root, over device and key")]


class RevocationDocument(Extensible):
    """The only answer that revokes a gate; any other 401 or 403 is weather."""

    contract: Literal["gate/1"]
    revoked: WithdrawnDocument


class HelloQuestion(Extensible):
    """First contact: which code the gate was given."""

    contract: Literal["gate/1"]
    code: _CodeId


class HelloDocument(Extensible):
    """What the hub claims; proved by nothing yet."""

    contract: Literal["gate/1"]
    hub_key: Annotated[_Key, Field(description="the hub's root, Ed25519")]
    hub_nonce: _Key
    ca: Annotated[str, Field(description="the one certificate to trust, PEM")]


class ApplicantDocument(Extensible):
    """A gate that proves to know its code's secret."""

    contract: Literal["gate/1"]
    code: _CodeId
    gate_key: Annotated[_Key, Field(description="the gate's public key, Ed25519")]
    gate_nonce: _Key
    device: Annotated[str, Field(pattern=f"^({NAME.pattern})?$", description="its device id if it has one, or empty")]
    proof: Annotated[_Key, Field(description="HMAC-SHA256: device/enrolment/pairing.py")]


class GrantDocument(Extensible):
    """What the gate gets, and the proof that the hub knows the secret too."""

    contract: Literal["gate/1"]
    granted: Annotated[str, Field(description="JSON as text: device, at, sealing_keys; the proof covers it exactly")]
    proof: Annotated[_Key, Field(description="HMAC-SHA256: device/enrolment/pairing.py")]


class StatusQuestion(Closed):
    """About one person, by one to three numbers, each of another sort."""

    contract: Literal["gate/1"]
    keys: Annotated[list[Annotated[str, Field(pattern=f"^({NUMBER_KEY.pattern})$")]], Field(min_length=1, max_length=3)]


class PersonStatus(Extensible):
    """What the centre knows; null, or left out, is "it does not say"."""

    declared: Annotated[bool | None, Field(description="a health declaration that counts")] = None
    health: HealthColour | None = None
    movement_declared: Annotated[bool | None, Field(description="a movement declaration that counts")] = None
    doses: Annotated[int | None, Field(ge=0, le=question.MOST_DOSES)] = None


class StatusDocument(Extensible):
    """The answer about one person; a gate keeps it in memory only, for a minute."""

    contract: Literal["gate/1"]
    status: PersonStatus


class CatalogueQuestion(Closed):
    """Which bundles are there?"""

    contract: Literal["gate/1"]


class OfferDocument(Extensible):
    """A bundle that can be had."""

    kind: Annotated[str, Field(description=f"{', '.join(BundleKind)}; gates pass over others")]
    version: _Seq
    bytes: Annotated[int, Field(ge=1, le=MOST_INT, description="of the whole download")]


class CatalogueDocument(Extensible):
    """What there is to fetch."""

    contract: Literal["gate/1"]
    mark: Annotated[str, Field(pattern="^[0-9a-f]{16}$", description="changes when the rest does")]
    succession: Annotated[
        list[_Base64],
        Field(
            max_length=catalogue.MOST_SUCCESSIONS,
            description="what stands before the content of each bundle that named a new root, the oldest first",
        ),
    ]
    bundles: Annotated[list[OfferDocument], Field(max_length=64)]


class BundleQuestion(Closed):
    """One bundle, please."""

    contract: Literal["gate/1"]
    kind: BundleKind
    version: _Seq


class ErrorDocument(Extensible):
    """Why not, in words."""

    error: str


MODELS: Final[tuple[type[BaseModel], ...]] = (
    ApplicantDocument,
    BatchDocument,
    BundleQuestion,
    CatalogueDocument,
    CatalogueQuestion,
    ErrorDocument,
    GrantDocument,
    HelloDocument,
    HelloQuestion,
    ReceiptDocument,
    RevocationDocument,
    StateAnswerDocument,
    StateQuestion,
    StatusDocument,
    StatusQuestion,
    TimeDocument,
    TimeQuestion,
)
