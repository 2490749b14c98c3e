"""Counts of an hour at a gate: which there are, and what one hour's look like. Totals, nothing about a person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

HOUR_MS: Final = 3_600_000
MOST_COUNT: Final = 999_999
"""Of one sort in an hour: 277 a second. What comes on top is not counted."""
KNOWN_HOURS: Final = range(262_968, 9_028_800)
"""Of the years 2000 to 2999; a clock that says anything else does not know the time."""
HOUR_TEXT: Final = re.compile(r"2[0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]")


class Count(StrEnum):
    """What is counted: each answer by what the lamps said, and who walked through (``pins.passage``)."""

    GRANTED = "granted"
    REFERRED = "referred"
    DENIED = "denied"
    NOT_OURS = "not-ours"
    UNREADABLE = "unreadable"
    SEVERAL = "several"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class HourCounts:
    """What was counted in one hour until now.

    Attributes:
        hour: hours since 1970-01-01 UTC.
        counts: one for each `Count`, in its order.
    """

    hour: int
    counts: tuple[int, ...]


def hour_text(hour: int) -> str:
    """Return the name of one of `KNOWN_HOURS`, like ``2026-11-30T05`` (UTC)."""
    return datetime.fromtimestamp(hour * 3600, UTC).strftime("%Y-%m-%dT%H")


def hour_of(text: str) -> int:
    """Return which hour *text* (`HOUR_TEXT`) names; raises `ValueError` for none of the calendar."""
    return round(datetime.fromisoformat(f"{text}:00+00:00").timestamp()) // 3600
