"""What the hub keeps of state reports: nothing shrinks, nothing is counted twice, nonsense is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from device.clock import DAY_MS
from device.hub.db.database import HubDatabase
from device.hub.db.gate_state import KEPT_DAYS, MOST_SERIES, PLAUSIBLE_HOURS, counted, gate_counters, gate_state
from device.hub.db.tables import gates
from device.model import HOUR_MS, Count, HourCounts
from device.wire.state_records import GateState, QueueState, StateAnswer
from tests.support.databases import both_databases, hub_folder
from tests.support.fakes import FakeClock
from tests.support.gate_states import QUIET

pytestmark = both_databases
NOW = 1_767_225_600_000 // HOUR_MS + 12
"""2026-01-01, noon UTC."""
OTHER_CARD = replace(QUIET, series="f" * 16)


class Hub:
    def __init__(self, folder: Path, url: str | None) -> None:
        self.clock = FakeClock(wall_ms=NOW * HOUR_MS)
        hub = hub_folder(folder / "hub", self.clock, url)
        self.gates: list[str] = []
        for name in ("Cổng A", "Cổng B"):
            self.gates.append(hub.add_gate(name).device_id)
            self.clock.advance(1)
        self.store: HubDatabase = hub.open_store()

    def counted(self, gate: int = 0) -> dict[int, list[int]]:
        with self.store.reading() as connection:
            found = counted(connection, self.gates[gate], 0)
        return {hour - NOW: [counts[count] for count in Count] for hour, counts in found.items()}


@pytest.fixture
def hub(tmp_path: Path, database_url: str | None) -> Iterator[Hub]:
    hub = Hub(tmp_path, database_url)
    yield hub
    hub.store.close()


def hour(back: int, *counts: int) -> HourCounts:
    return HourCounts(NOW - back, (*counts, *[0] * (len(Count) - len(counts))))


def row(*counts: int) -> list[int]:
    return [*counts, *[0] * (len(Count) - len(counts))]


def test_a_report_that_comes_twice_or_late_changes_nothing_and_a_later_one_does(hub: Hub) -> None:
    gate, _ = hub.gates
    for hours in ([hour(1, 5, 1), hour(0, 2)], [hour(1, 5, 1), hour(0, 2)], [hour(0, 1)], [hour(0, 3, 0, 1)]):
        answer = hub.store.note_state(gate, QUIET, hours)
        assert answer == StateAnswer(frozenset(one.hour for one in hours))
    assert hub.counted() == {-1: row(5, 1), 0: row(3, 0, 1)}
    assert hub.counted(1) == {}


def test_what_a_gate_with_another_card_counts_is_added_to_what_the_old_one_had(hub: Hub) -> None:
    gate, _ = hub.gates
    hub.store.note_state(gate, QUIET, [hour(0, 10)])
    hub.store.note_state(gate, OTHER_CARD, [hour(0, 2)])
    hub.store.note_state(gate, QUIET, [hour(0, 10)])
    hub.store.note_state(gate, OTHER_CARD, [hour(0, 3)])
    assert hub.counted() == {0: row(13)}
    assert hub.store.standings()[0].scans == 13


@given(st.lists(st.tuples(st.sampled_from([QUIET, OTHER_CARD]), st.integers(0, 2), st.integers(0, 9)), max_size=12))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_of_reports_makes_a_number_shrink(hub: Hub, reports: list[tuple[GateState, int, int]]) -> None:
    gate, _ = hub.gates
    before = hub.counted()
    for state, back, count in reports:
        hub.store.note_state(gate, state, [hour(back, count)])
        after = hub.counted()
        assert all(after[at] >= counts for at, counts in before.items())
        assert after[-back][0] >= count
        before = after


def test_reports_of_one_gate_at_once_keep_the_highest_of_all(hub: Hub) -> None:
    gate, _ = hub.gates
    with ThreadPoolExecutor(4) as reporting:
        counts = [number * 37 % 100 for number in range(100)]
        list(reporting.map(lambda count: hub.store.note_state(gate, QUIET, [hour(0, count)]), counts))
    assert hub.counted() == {0: row(99)}


def test_hours_far_off_are_refused_and_the_rest_is_taken(hub: Hub) -> None:
    gate, _ = hub.gates
    hours = [
        hour(back, 1) for back in (PLAUSIBLE_HOURS + 1, PLAUSIBLE_HOURS, 0, -PLAUSIBLE_HOURS, -PLAUSIBLE_HOURS - 1)
    ]
    answer = hub.store.note_state(gate, QUIET, hours)
    assert answer.refused == {NOW - PLAUSIBLE_HOURS - 1, NOW + PLAUSIBLE_HOURS + 1}
    assert answer.taken == {NOW - PLAUSIBLE_HOURS, NOW, NOW + PLAUSIBLE_HOURS}
    assert set(hub.counted()) == {-PLAUSIBLE_HOURS, 0, PLAUSIBLE_HOURS}


def test_a_key_that_invents_series_fills_no_disk(hub: Hub) -> None:
    gate, other = hub.gates
    for number in range(3 * MOST_SERIES):
        answer = hub.store.note_state(gate, replace(QUIET, series=f"{number:016x}"), [hour(0, 1)])
        assert bool(answer.refused) is (number >= MOST_SERIES)
    with hub.store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(gate_counters)).scalar_one() == MOST_SERIES
    assert hub.store.note_state(other, QUIET, [hour(0, 1)]).taken


def test_what_was_counted_is_kept_for_its_days_and_then_forgotten_of_every_gate(hub: Hub) -> None:
    many = [f"gate-{number:012d}" for number in range(201)]
    shared = {"added_ms": 0, "began_ms": 0, "contact_ms": 0, "sealing_day": "2026-01-01"}
    with hub.store.begin() as connection:
        named = [{"device_id": one, "name": one, "public_key": one.encode(), **shared} for one in many]
        connection.execute(gates.insert(), named)
        row = {column.name: 1 for column in gate_counters.columns} | {"hour": NOW, "series": QUIET.series}
        connection.execute(gate_counters.insert(), [row | {"device_id": one} for one in (*many, *hub.gates)])
        connection.execute(gate_counters.insert(), row | {"device_id": hub.gates[0], "hour": NOW + 1})
    left = []
    for ms in (KEPT_DAYS * DAY_MS, HOUR_MS, HOUR_MS):
        hub.clock.advance(ms)
        hub.store.forget_old_counts()
        with hub.store.reading() as connection:
            left.append(connection.execute(select(func.count()).select_from(gate_counters)).scalar_one())
    assert left == [204, 1, 0]


def test_the_last_report_is_what_stands_with_the_time_it_was_heard(hub: Hub) -> None:
    gate, _ = hub.gates
    assert [(one.heard_ms, one.reported_ms, one.scans) for one in hub.store.standings()] == [(None, None, None)] * 2
    hub.store.note_state(gate, replace(QUIET, troubles=("camera", "disk")), [])
    hub.clock.advance(300_000)
    hub.store.note_state(gate, replace(QUIET, queue=QueueState(7, 0, 60)), [])
    first, second = hub.store.standings()
    assert (first.troubles, first.waiting, first.version) == ((), 7, "0.1.0")
    assert first.heard_ms == first.reported_ms == NOW * HOUR_MS + 300_002
    assert second.heard_ms is None
    hub.store.note_state(gate, replace(QUIET, queue=None), [])
    assert hub.store.standings()[0].waiting is None
    with hub.store.reading() as connection:
        document = json.loads(connection.execute(select(gate_state.c.document)).scalar_one())
    assert (document["camera"]["fps_tenths"], document["queue"]) == (150, None)


def test_scans_are_those_of_the_day_and_of_people_who_showed_who_they_are(hub: Hub) -> None:
    gate, _ = hub.gates
    hub.store.note_state(gate, QUIET, [hour(40, 100), hour(0, 5, 2, 1, 9, 9, 9, 50)])
    assert hub.store.standings()[0].scans == 8
    hub.store.note_state(gate, QUIET, [])
    assert hub.store.standings()[0].scans == 8
    hub.clock.advance(2 * DAY_MS)
    assert hub.store.standings()[0].scans == 0
