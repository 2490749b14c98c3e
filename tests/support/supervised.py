"""Places of a hub, their gates and sums by the hour, written as the statements of supervision find them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, insert

from device.hub.db.database import HubDatabase
from device.hub.db.gate_state import gate_counters
from device.hub.db.hours import SUMS
from device.hub.db.registry import add_places, assign_gate, new_place
from device.hub.db.tables import gate_hours, gates, ledgers, places
from device.hub.registry.place import RegisteredPlace
from device.model import HOUR_MS, Count

ALWAYS: Final = "mon-sun 00:00-24:00"
OFFICE: Final = "mon-fri 07:00-17:00"
"""In Vietnam from 0 to 10 o'clock UTC."""
YAML_PLACE: Final = "0" * 16


class Supervised:
    """What happened at a hub's places, written where supervision reads it.

    Args:
        store: the hub's database.
    """

    def __init__(self, store: HubDatabase) -> None:
        self.store = store
        self._made = 0

    @property
    def now_hour(self) -> int:
        return self.store.now_ms() // HOUR_MS

    def place(self, name: str, hours: str = ALWAYS, **fields: str) -> str:
        """Register a place; returns its id."""
        found = RegisteredPlace(**({"name": name, "province": "Hà Nội", "opening_hours": hours} | fields))
        record = new_place(found, 1)
        with self.store.begin() as connection:
            add_places(connection, [record])
        return record.place_id

    def gate(self, place_id: str | None = None, since_hour: int = 0) -> str:
        """Make a gate, which guards a place from an hour on by the registry's word; returns its id."""
        self._made += 1
        device_id = f"gate-{self._made:04}"
        values = {
            "device_id": device_id,
            "name": f"Cổng {self._made}",
            "public_key": self._made.to_bytes(32, "big"),
            "added_ms": 0,
            "began_ms": 0,
            "contact_ms": 0,
            "sealing_day": "2026-01-01",
        }
        ledger = {"ledger_id": self._made, "device_id": device_id, "epoch": "e" * 32}
        ledger |= {"head_seq": 0, "head_link": b"\0" * 32, "settled_seq": 0, "heard_ms": 0}
        with self.store.begin() as connection:
            connection.execute(insert(gates).values(values))
            connection.execute(insert(ledgers).values(ledger))
        if place_id is not None:
            self.assign(device_id, place_id, since_hour)
        return device_id

    def assign(self, device_id: str, place_id: str, since_hour: int = 0) -> None:
        with self.store.begin() as connection:
            assign_gate(connection, device_id, place_id, since_hour * HOUR_MS)

    def names(self, device_id: str, location_qr: str, place_id: str = YAML_PLACE) -> None:
        """Let a gate say at which place it is, by the code that hangs there."""
        document = dict.fromkeys(("name", "kind", "province", "district", "ward"), "")
        document |= {"location_qr": location_qr}
        with self.store.begin() as connection:
            self._name(connection, device_id, place_id, document)

    @staticmethod
    def _name(connection: Connection, device_id: str, place_id: str, document: Mapping[str, str]) -> None:
        values = {"device_id": device_id, "place_id": place_id, "document": json.dumps(document)}
        connection.execute(insert(places).values(values))

    def scans(self, device_id: str, hour: int, number: int = 1, place_id: str = YAML_PLACE, **sums: int) -> None:
        """Let a gate have recorded so many check-ins in an hour."""
        values = {"ledger_id": int(device_id[-4:]), "hour": hour, "place_id": place_id}
        values |= dict.fromkeys(SUMS, 0) | {"ins": number} | sums
        with self.store.begin() as connection:
            connection.execute(insert(gate_hours).values(values))

    def counts(self, device_id: str, hour: int, **counts: int) -> None:
        """Let a gate have counted in an hour, by the columns of its counters."""
        values = {"device_id": device_id, "hour": hour, "series": "0" * 16}
        values |= dict.fromkeys((count.value.replace("-", "_") for count in Count), 0) | counts
        with self.store.begin() as connection:
            connection.execute(insert(gate_counters).values(values))
