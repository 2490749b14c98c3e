"""Enumerations of the site file: the words of a key that no type of the model has."""

from __future__ import annotations

from enum import StrEnum


class PlaceKind(StrEnum):
    """What sort of place the gate guards."""

    OFFICE = "office"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    SHOP = "shop"
    MARKET = "market"
    VEHICLE = "vehicle"
    OTHER = "other"


class CameraSource(StrEnum):
    """Where frames come from."""

    PICAMERA2 = "picamera2"
    REPLAY = "replay"


class AtEnd(StrEnum):
    """What a replay does after its last picture."""

    HOLD = "hold"
    LOOP = "loop"
    STOP = "stop"


class SyncKind(StrEnum):
    """Whom check-ins are sent to."""

    HUB = "hub"
    """A central server that speaks our contract (config/central-api.yaml)."""
    WEBHOOK = "webhook"
    """An existing server that takes one JSON document a check-in."""


class PinDriver(StrEnum):
    """Who drives the pins."""

    LGPIO = "lgpio"
    MOCK = "mock"
    """gpiozero's pretended pins: no Pi needed."""


class BuzzerSort(StrEnum):
    """How the buzzer makes its sound."""

    ACTIVE = "active"
    """By itself, when it gets power."""
    PASSIVE = "passive"
    """From a square wave."""


class AtCap(StrEnum):
    """What a full ledger does."""

    DROP_OLDEST_DELIVERED = "drop_oldest_delivered"
    REFUSE_NEW = "refuse_new"


class Source(StrEnum):
    """Who says what holds: the site file, with what it names, or the hub."""

    SITE = "site"
    HUB = "hub"


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
