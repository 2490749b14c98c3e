"""Sums by the hour: how many came in and went out, without a look at a single check-in.

A check-in counts in the hour (UTC) in which the middle of its interval lies, as it is stored: of an interval wider than
an hour nothing but the day can be told, and it counts there as uncertain, apart from the others. What later rows tell
(`device.hub.db.true_times`) moves nothing: nothing that is stored is written again, and a sum that a person has read
stays. Sums are of a ledger and of a place, since a gate that is moved takes its ledger along.

All within the transaction that stores the rows: whatever comes twice counts once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, text

from device.hub.db.intervals import Interval
from device.hub.db.rows import one_or_many
from device.model import Direction, SealedRow

HOUR_MS: Final = 3_600_000
SUMS: Final = ("ins", "outs", "others", "repeats", "uncertain")
_IN: Final = Direction.IN
_OUT: Final = Direction.OUT
_ADD: Final = text(
    f"INSERT INTO gate_hours (ledger_id, hour, place_id, {', '.join(SUMS)}) "  # noqa: S608 - nothing from outside
    f"VALUES (:ledger_id, :hour, :place_id, {', '.join(f':{name}' for name in SUMS)}) "
    "ON CONFLICT (ledger_id, hour, place_id) DO UPDATE SET "
    + ", ".join(f"{name} = gate_hours.{name} + excluded.{name}" for name in SUMS)
)


def sum_of(row: SealedRow, when: Interval) -> str:
    """Return as what a check-in counts: one of `SUMS`."""
    if when.latest_ms - when.earliest_ms > HOUR_MS:
        return "uncertain"
    if not row.counted:
        return "repeats"
    return "ins" if row.direction is _IN else "outs" if row.direction is _OUT else "others"


def add_hours(connection: Connection, ledger_id: int, stored: Iterable[tuple[SealedRow, Interval]]) -> None:
    """Count check-ins that are being stored."""
    counted = Counter(
        ((when.earliest_ms + when.latest_ms) // 2 // HOUR_MS, row.place_id, sum_of(row, when)) for row, when in stored
    )
    found: dict[tuple[int, str], dict[str, int]] = {}
    for (hour, place_id, name), number in counted.items():
        found.setdefault((hour, place_id), dict.fromkeys(SUMS, 0))[name] = number
    # In order: two that write the same sums never wait for each other in a circle.
    values = [
        {"ledger_id": ledger_id, "hour": hour, "place_id": place_id} | sums
        for (hour, place_id), sums in sorted(found.items())
    ]
    if values:
        connection.execute(_ADD, one_or_many(values))
