"""Cues (what people see and hear), GPIO outputs and blink patterns, as immutable facts (see `device.model`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


class Output(StrEnum):
    """What is wired to a GPIO pin and can be on or off."""

    GREEN = "green"
    RED = "red"
    AMBER = "amber"
    """The optional third lamp."""
    BUZZER = "buzzer"
    RELAY = "relay"
    """The optional door pulse; only a green cue may hold it."""


@dataclass(frozen=True, slots=True)
class Beat:
    """These outputs on, all others off, for *ms* milliseconds."""

    outputs: frozenset[Output]
    ms: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a cue looks and sounds like.

    Attributes:
        beats: played in order.
        repeats: play again from the start until another cue comes (resting cues only).
    """

    beats: tuple[Beat, ...]
    repeats: bool = False
