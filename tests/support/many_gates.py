"""Gates in a hub's database, as many as are wanted, each standing as it is told; without a gate that runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy import insert

from device.hub.db.database import HubDatabase
from device.hub.db.tables import gates
from device.wire.state_records import GateState
from tests.support.gate_states import QUIET

A_DAY_MS: Final = 86_400_000


def add_gates(store: HubDatabase, *names: str) -> list[str]:
    """Register gates that were never heard, and return their device ids, in this order."""
    now_ms = store.now_ms()
    rows = [
        {
            "device_id": f"gate-{number:012x}",
            "name": name,
            "public_key": number.to_bytes(32, "big"),
            "added_ms": now_ms - A_DAY_MS,
            "began_ms": now_ms - A_DAY_MS,
            "contact_ms": now_ms - A_DAY_MS,
            "sealing_day": "2026-01-01",
        }
        for number, name in enumerate(names, 1)
    ]
    with store.begin() as connection:
        connection.execute(insert(gates), rows)
    return [str(row["device_id"]) for row in rows]


def troubled(*words: str) -> GateState:
    """Return what a gate says of itself that has these troubles."""
    return replace(QUIET, troubles=words)
