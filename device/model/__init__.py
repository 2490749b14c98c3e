"""Domain model: frozen dataclasses and enums (CheckIn, Credential, Decision, Cue, Sight …), nothing that acts.

Nothing here does anything: no file, no clock, no pin. Times are monotonic milliseconds unless
the name says otherwise; payloads are ``bytes`` and never leave the record they stand in.
Everything is imported from here: ``from device.model import CheckIn, Reading``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from device.model.bundle_names import BUNDLE_NAMES
from device.model.certificate import Certificate, LabTest, Recovery, Signer, SignerState, Vaccination
from device.model.checkin import (
    Backlog,
    Batch,
    CheckIn,
    Direction,
    HealthColour,
    Place,
    Receipt,
    SealedRow,
    Status,
    WebhookField,
)
from device.model.counts import HOUR_MS, HOUR_TEXT, KNOWN_HOURS, MOST_COUNT, Count, HourCounts, hour_of, hour_text
from device.model.credential import CREDENTIAL_KINDS, Claim, CodeKind, Credential, Person, Unrecognised, Verification
from device.model.cue import Beat, Cue, Output, Pattern
from device.model.decision import Decision, Outcome, Reason
from device.model.sight import EYE_STARTING, CameraView, Frame, Point, Reading, Sight, Symbol

if TYPE_CHECKING:
    from device.model.sight import Luma as Luma

__all__ = [
    "BUNDLE_NAMES",
    "CREDENTIAL_KINDS",
    "EYE_STARTING",
    "HOUR_MS",
    "HOUR_TEXT",
    "KNOWN_HOURS",
    "MOST_COUNT",
    "Backlog",
    "Batch",
    "Beat",
    "CameraView",
    "Certificate",
    "CheckIn",
    "Claim",
    "CodeKind",
    "Count",
    "Credential",
    "Cue",
    "Decision",
    "Direction",
    "Frame",
    "HealthColour",
    "HourCounts",
    "LabTest",
    "Outcome",
    "Output",
    "Pattern",
    "Person",
    "Place",
    "Point",
    "Reading",
    "Reason",
    "Receipt",
    "Recovery",
    "SealedRow",
    "Sight",
    "Signer",
    "SignerState",
    "Status",
    "Symbol",
    "Unrecognised",
    "Vaccination",
    "Verification",
    "WebhookField",
    "hour_of",
    "hour_text",
]
