"""The five rules, their limits, and what is found by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from device.words import sentence

HOLD_MS: Final = 10 * 60_000
"""What has ended must stay so for so long before that is told; each time it began within a day doubles it."""
MOST_HOLD_MS: Final = 4 * 3_600_000
SETTLED_MS: Final = 3 * 60_000
"""Where many end together, those that have been well for so long already end with the first."""


class Rule(StrEnum):
    """What an alert is about. The words stand in the database, in messages and in ``/metrics``."""

    SILENT = "silent"
    """A gate was not heard in opening hours."""
    OUT_OF_SERVICE = "out-of-service"
    """The camera or the decoder of a gate is out of service."""
    NOTHING_SCANNED = "nothing-scanned"
    """Nothing was scanned at a place in opening hours, though a gate there works."""
    COVERAGE = "coverage"
    """On a day too few of a place's opening hours had a scan."""
    HUB = "hub"
    """The hub itself: a word of `device.hub.alerts.own`."""


RULE_WORDS: Final = {
    Rule.SILENT: sentence("gate silent"),
    Rule.OUT_OF_SERVICE: sentence("gate out of service"),
    Rule.NOTHING_SCANNED: sentence("nothing scanned"),
    Rule.COVERAGE: sentence("low coverage"),
    Rule.HUB: sentence("the hub itself"),
}
TO_DO: Final = {
    Rule.SILENT: sentence("look at its power and its network; it keeps what it records"),
    Rule.OUT_OF_SERVICE: sentence("nobody is let in by it now; on the gate: gate-scanner status"),
    Rule.NOTHING_SCANNED: sentence("see whether people come past it, and whether they hold a code up"),
    Rule.COVERAGE: sentence("see the place's page: is somebody at the gate in all opening hours?"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too long or too little.

    Attributes:
        silent_ms: for so long a gate may not be heard in opening hours.
        nothing_scanned_ms: so much opening time may pass at a place without a scan.
        coverage_percent: of the opening hours of a day so many should have a scan; 0: it is never looked at.
        backup_ms: so old may the last backup be; ``None``: it is never looked at.
        digest_from: from so many events at once on, one message tells all of them.
    """

    silent_ms: int = 20 * 60_000
    nothing_scanned_ms: int = 4 * 3_600_000
    coverage_percent: int = 10
    backup_ms: int | None = 8 * 86_400_000
    digest_from: int = 5


Key = tuple[Rule, str]
"""A rule, and the device id, place id or word that it is about."""


class Found(NamedTuple):
    """Something that is wrong; a tuple, for there may be many.

    Attributes:
        name: what people call what it is about; empty: the hub.
        place: the name of its registered place; empty where it has none.
        province: of that.
        device_id: of the gate; ``None``: it is about no single gate.
        place_id: of the registered place; ``None``: none.
        since_ms: since when it is so.
        detail: words or a number of its rule.
    """

    name: str
    place: str
    province: str
    device_id: str | None
    place_id: str | None
    since_ms: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What was found at one time.

    Attributes:
        judged: the rules that were looked at; what another one says stays as it is.
        wrong: what is wrong by them.
        nearly: what is about to be: told along with many others that are wrong for the same reason.
        unknown: what nothing can be said about now; it stays as it is.
        gates: how many gates are watched.
    """

    judged: frozenset[Rule]
    wrong: Mapping[Key, Found] = field(default_factory=dict)
    nearly: Mapping[Key, Found] = field(default_factory=dict)
    unknown: frozenset[Key] = frozenset()
    gates: int = 0

    def beside(self, other: Look) -> Look:
        """Return what both found; they judged different rules."""
        return Look(
            self.judged | other.judged,
            {**self.wrong, **other.wrong},
            {**self.nearly, **other.nearly},
            self.unknown | other.unknown,
            max(self.gates, other.gates),
        )


def hold_ms(rule: Rule, again: int) -> int:
    """Return for how long what has ended must stay so before that is told; *again*: how often it has begun lately."""
    if rule is Rule.COVERAGE:  # judged once a day
        return 0
    return min(HOLD_MS << min(again, 8), MOST_HOLD_MS)
