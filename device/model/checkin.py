"""A check-in from the lamp to the centre, as immutable facts (see `device.model`): rows, batches, receipts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from device.clock import ClockReading
from device.model.credential import Credential
from device.model.decision import Decision


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
        etag: of its catalogue of bundles (`device.wire.catalogue`); empty when it does not say. It settles
            nothing, so it makes no difference between two receipts.
        stored: how many rows are new there, for its own count; it is not told.
    """

    cursor: int
    parked: tuple[tuple[int, str], ...] = ()
    etag: str = field(default="", compare=False)
    stored: int = field(default=0, compare=False)


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


class WebhookField(StrEnum):
    """What a webhook may be told of a check-in, besides its name (config/webhook.md)."""

    TIME = "time"
    CLOCK = "clock"
    BOOT = "boot"
    MONOTONIC_MS = "monotonic_ms"
    DIRECTION = "direction"
    COUNTED = "counted"
    PLACE = "place"
    OUTCOME = "outcome"
    REASON = "reason"
    POLICY = "policy"
    KIND = "kind"
    VERIFIED = "verified"
    NAME = "name"
    BIRTH = "birth"
    SEX = "sex"
    CITIZEN_NUMBER = "citizen_number"
    OLD_NUMBER = "old_number"
    INSURANCE_NUMBER = "insurance_number"
    NATIONAL_CODE_ID = "national_code_id"
    PHONE = "phone"
    ADDRESS = "address"
    DETAILS = "details"
    NOTES = "notes"
