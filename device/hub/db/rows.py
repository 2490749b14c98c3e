"""A gate's row as columns of ``checkins`` and ``quarantine``, both directions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping

from device.clock import ClockReading, ClockState
from device.model import Direction, SealedRow


def row_values(ledger_id: int, row: SealedRow, now_ms: int, *, destroyed: bool) -> dict[str, Any]:
    """Return what is stored of a row that arrived at *now_ms*; everything but the body when its key is destroyed."""
    return {
        "arrived_ms": now_ms,
        "ledger_id": ledger_id,
        "seq": row.seq,
        "boot_id": row.at.boot_id,
        "monotonic_ms": row.at.monotonic_ms,
        "wall_ms": row.at.wall_ms,
        "clock_state": row.at.state.value,
        "direction": row.direction.value,
        "counted": row.counted,
        "place_id": row.place_id,
        "key_id": row.key_id,
        "sealed": b"" if destroyed else row.sealed,
        "link": row.link,
    }


def sealed_row(columns: RowMapping) -> SealedRow:
    """Return a stored row as it came."""
    return SealedRow(
        seq=columns["seq"],
        at=ClockReading(
            columns["boot_id"], columns["monotonic_ms"], columns["wall_ms"], ClockState(columns["clock_state"])
        ),
        direction=Direction(columns["direction"]),
        counted=columns["counted"],
        place_id=columns["place_id"],
        key_id=columns["key_id"],
        sealed=columns["sealed"],
        link=columns["link"],
    )
