"""Finding and Verdict: the result of one check, its figures in words, and one line of advice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How well it is."""

    GOOD = "good"
    WARNING = "warning"
    """It may be well, and cannot be told from here; a person should know."""
    FAILURE = "failure"
    """Something to see to before this gate is relied on."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check.

    Attributes:
        name: of what was looked at; stays the same from version to version.
        verdict: how well it is.
        told: what was seen, with figures and units.
        advice: what it means and what to do, in one line.
    """

    name: str
    verdict: Verdict
    told: str
    advice: str
