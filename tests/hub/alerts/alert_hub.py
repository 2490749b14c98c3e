"""A hub whose gates are heard or not, as a test says, kept watch over by a fake clock, and a sink that keeps all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, insert, select

from device.errors import AlertUntold
from device.hub.alerts.keeping import AlertKeeper
from device.hub.alerts.message import Event, Message
from device.hub.alerts.rules import Limits, Rule
from device.hub.alerts.sinks import SinkName
from device.hub.db.alert_tables import deliveries
from device.hub.db.gate_state import gate_state
from device.hub.db.registry import add_places, assign_gate, new_place
from device.hub.db.registry_tables import gate_assignments
from device.hub.db.tables import gates
from device.hub.registry.place import RegisteredPlace
from device.model import HOUR_MS, Count, HourCounts
from tests.support.databases import hub_folder
from tests.support.fakes import FakeClock
from tests.support.gate_states import QUIET

OPEN = "mon-fri 07:00-17:00"
SEVEN_MS = 1_767_571_200_000
"""Monday, 5 January 2026, 07:00 in Hà Nội."""
MINUTE_MS = 60_000
LIMITS = Limits(backup_ms=None, nothing_scanned_ms=1000 * 60 * MINUTE_MS, coverage_percent=0)
"""Only what a test is about."""


class KeptSink:
    """Takes everything, or fails with a word."""

    name = SinkName.WEBHOOK

    def __init__(self) -> None:
        self.fails = ""
        self.tries = 0
        self.taken: dict[str, Message] = {}

    def tell(self, message_id: str, made_ms: int, message: Message) -> None:
        self.tries += 1
        if self.fails:
            raise AlertUntold(self.fails)
        assert message_id not in self.taken
        self.taken[message_id] = message

    def close(self) -> None:
        pass


class AlertHub:
    """Time passes half a minute after the other; gates that are plugged in report every five."""

    def __init__(self, path: Path, url: str | None, limits: Limits = LIMITS, at_ms: int = SEVEN_MS) -> None:
        self.clock = FakeClock(wall_ms=at_ms)
        self.folder = hub_folder(path, self.clock, url)
        self.store = self.folder.open_store()
        self.sink = KeptSink()
        self.limits = limits
        self.plugged: set[str] = set()
        self.troubles: tuple[str, ...] = ()
        self.keeper = self.another_keeper()

    def another_keeper(self) -> AlertKeeper:
        """A desk that was started anew, or a second one."""
        return AlertKeeper(self.folder, self.store, self.limits, [self.sink], self.clock, "hub-1")

    def place(self, name: str, hours: str = OPEN, province: str = "Hà Nội") -> str:
        record = new_place(RegisteredPlace(name, province, opening_hours=hours), self.clock.wall_ms)
        with self.store.begin() as connection:
            add_places(connection, [record])
        return record.place_id

    def gate(self, name: str, place_id: str | None) -> str:
        """Enrol a gate that reports."""
        device_id = self.folder.add_gate(name).device_id
        with self.store.begin() as connection:
            assign_gate(connection, device_id, place_id, self.clock.wall_ms)
        self.plugged.add(device_id)
        self.report([device_id])
        return device_id

    def report(self, device_ids: Iterable[str], scans: int = 0) -> None:
        hours = [HourCounts(self.clock.wall_ms // HOUR_MS, (scans, *[0] * (len(Count) - 1)))] if scans else []
        for device_id in device_ids:
            self.store.note_state(device_id, replace(QUIET, troubles=self.troubles), hours)

    def many_gates(self, place_ids: Sequence[str], count: int) -> list[str]:
        """Enrol so many gates that have reported just now, shared out over places."""
        now_ms = self.clock.wall_ms
        names = [f"gate-{os.urandom(6).hex()}" for _ in range(count)]
        state = {"version": "1", "troubles": "", "waiting": 0, "day": "2026-01-05", "scans": 0, "document": "{}"}
        known = {"revocation": None, "began_ms": 0, "sealing_day": "2026-01-05", "added_ms": 0, "contact_ms": now_ms}
        with self.store.begin() as connection:
            values = [{"device_id": name, "name": name, "public_key": os.urandom(32), **known} for name in names]
            connection.execute(insert(gates), values)
            connection.execute(insert(gate_state), [{"device_id": name, "heard_ms": now_ms, **state} for name in names])
            guards = [
                {"device_id": name, "place_id": place_ids[number % len(place_ids)], "since_ms": 0}
                for number, name in enumerate(names)
            ]
            connection.execute(insert(gate_assignments), guards)
        return names

    def heard(self, device_ids: Iterable[str]) -> None:
        """Let them all have reported just now."""
        with self.store.begin() as connection:
            which = gate_state.c.device_id.in_(list(device_ids))
            connection.execute(gate_state.update().where(which).values(heard_ms=self.clock.wall_ms))

    def minutes(self, count: float, step_ms: int = MINUTE_MS // 2) -> None:
        """Let time pass, with a look after each step."""
        for _ in range(round(count * MINUTE_MS / step_ms)):
            before_ms = self.clock.wall_ms
            self.clock.advance(step_ms)
            if before_ms // (5 * MINUTE_MS) != self.clock.wall_ms // (5 * MINUTE_MS):
                self.report(sorted(self.plugged))
            self.keeper.run_once()

    def waiting(self) -> int:
        with self.store.reading() as connection:
            query = select(func.count()).select_from(deliveries).where(deliveries.c.told_ms.is_(None))
            return int(connection.execute(query).scalar_one())

    @property
    def events(self) -> list[Event]:
        """What was told, but of the hub itself: the disk of the machine is nobody's business here."""
        told = [event for message in self.sink.taken.values() for event in message.events]
        return [event for event in told if event.rule is not Rule.HUB]

    @property
    def told(self) -> list[tuple[str, str, str]]:
        return [(event.what, event.rule, event.name) for event in self.events]
