from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from device.clock import DAY_MS, ClockReading, ClockState
from device.hub.db.intervals import TOLERANCE_MS, TRANSIT_MS
from device.hub.folder import HubFolder
from device.model import Receipt, SealedRow
from tests.support.fake_outbox import batch_of, rows_at, sent
from tests.support.fakes import FakeClock

START_MS = 1_767_225_600_000
HOUR_MS = 3_600_000
BOOTS = tuple(f"{number:032x}" for number in range(6))


def quiet(boot: int, monotonic_ms: int) -> ClockReading:
    """Return a look at a clock nobody has set."""
    return ClockReading(BOOTS[boot], monotonic_ms, 0, ClockState.UNSYNCHRONISED)


def good(boot: int, monotonic_ms: int, wall_ms: int) -> ClockReading:
    return ClockReading(BOOTS[boot], monotonic_ms, wall_ms, ClockState.SYNCHRONISED)


class Hub:
    """A hub whose time a test sets, and one gate."""

    def __init__(self, path: Path) -> None:
        self.clock = FakeClock(wall_ms=START_MS)
        self.folder = HubFolder.create(path, self.clock)
        gate = self.folder.add_gate("Cổng A")
        self.device_id, self.key = gate.device_id, gate.sealing_keys[0]
        self.store = self.folder.open_store()
        self.rows: tuple[SealedRow, ...] = ()

    def record(self, *readings: ClockReading) -> tuple[SealedRow, ...]:
        new = rows_at(self.device_id, self.key, readings, after=self.rows[-1] if self.rows else None)
        self.rows += new
        return new

    def send(self, rows: tuple[SealedRow, ...], at: ClockReading | None, arrives_ms: int) -> Receipt:
        if arrives_ms > self.clock.wall_ms:
            self.clock.advance(arrives_ms - self.clock.wall_ms)
        self.clock.wall_ms = arrives_ms
        told = None if at is None else sent(at)
        return self.store.ingest(batch_of(self.device_id, rows), b"", told)

    def intervals(self) -> list[tuple[int, int]]:
        found = sorted(self.store.every_checkin(), key=lambda arrived: arrived.row.seq)
        return [(arrived.earliest_ms, arrived.latest_ms) for arrived in found]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    made = Hub(tmp_path / "hub")
    yield made
    made.store.close()


def test_rows_of_a_gate_without_a_time_server_are_known_from_the_contact_that_brought_them(hub: Hub) -> None:
    rows = hub.record(quiet(0, 1_000), quiet(0, 11_000))
    hub.send(rows, quiet(0, 21_000), START_MS + DAY_MS)
    arrived_ms = START_MS + DAY_MS
    assert hub.intervals() == [
        (arrived_ms - TRANSIT_MS - 20_010, arrived_ms - 19_990),
        (arrived_ms - TRANSIT_MS - 10_005, arrived_ms - 9_995),
    ]


def test_a_later_anchor_of_the_same_boot_narrows_rows_that_are_stored_already(hub: Hub) -> None:
    first = hub.record(*[quiet(0, 1_000 * n) for n in range(1, 1_301)])
    for start in range(0, 1_300, 500):
        hub.send(first[start : start + 500], None, START_MS + 5 * DAY_MS)
    assert hub.intervals()[0] == (START_MS, START_MS + 5 * DAY_MS - 1_299_000 + 650)
    wall_ms = START_MS + 2 * DAY_MS
    hub.send(hub.record(good(0, 1_400_000, wall_ms)), None, START_MS + 5 * DAY_MS)
    for n, (earliest_ms, latest_ms) in enumerate(hub.intervals()[:1_300], 1):
        true_ms = wall_ms - 1_400_000 + 1_000 * n
        assert earliest_ms <= true_ms <= latest_ms
        assert latest_ms - earliest_ms <= 2 * TOLERANCE_MS + 4_000


def test_an_online_gate_rewrites_no_stored_row_at_every_contact(hub: Hub) -> None:
    changes: list[list[tuple[int, int]]] = []
    for n in range(5):
        rows = hub.record(quiet(0, 60_000 * (n + 1)))
        hub.send(rows, quiet(0, 60_000 * (n + 1) + 500), START_MS + 60_000 * (n + 1) + 600 - n)
        changes.append(hub.intervals())
    assert [len(found) for found in changes] == [1, 2, 3, 4, 5]
    for before, after in pairwise(changes):
        assert after[: len(before)] == before


def test_no_anchor_for_three_boots_and_the_order_of_the_numbers_still_bounds_them(hub: Hub) -> None:
    early_ms, late_ms = START_MS + DAY_MS, START_MS + 9 * DAY_MS
    rows = hub.record(good(0, 1_000, early_ms), quiet(1, 5), quiet(2, 5), quiet(3, 5), good(4, 1_000, late_ms))
    for row in rows:  # one a batch: nothing is known but what is stored
        hub.send((row,), None, START_MS + 30 * DAY_MS)
    for earliest_ms, latest_ms in hub.intervals()[1:4]:
        assert earliest_ms == early_ms - TOLERANCE_MS
        assert latest_ms == late_ms + TOLERANCE_MS


def test_a_lie_that_comes_out_in_the_next_boot_is_taken_back(hub: Hub) -> None:
    true_ms, lie_ms = START_MS + 5 * DAY_MS, START_MS + 12 * DAY_MS
    lying = hub.record(good(0, 1_000, lie_ms), good(0, 61_000, lie_ms + 60_000))
    honest = hub.record(good(1, 1_000, true_ms + HOUR_MS))
    hub.send(lying, None, START_MS + 20 * DAY_MS)
    assert hub.intervals()[0][0] >= lie_ms - TOLERANCE_MS - 60
    hub.send(honest, quiet(2, 5), START_MS + 20 * DAY_MS)
    for (earliest_ms, latest_ms), truth in zip(
        hub.intervals(), (true_ms, true_ms + 60_000, true_ms + HOUR_MS), strict=True
    ):
        assert earliest_ms <= truth <= latest_ms


def test_a_hub_whose_own_clock_was_put_back_still_takes_rows(hub: Hub) -> None:
    hub.send(hub.record(quiet(0, 1_000)), quiet(0, 2_000), START_MS + 5 * DAY_MS)
    hub.clock.advance(2_000)
    assert hub.send(hub.record(quiet(0, 3_000)), quiet(0, 4_000), START_MS - DAY_MS) == Receipt(2)
    (_, first), (earliest_ms, latest_ms) = hub.intervals()
    assert first == START_MS + 5 * DAY_MS - 999
    assert earliest_ms == START_MS + 5 * DAY_MS - TRANSIT_MS + 999
    assert START_MS + 5 * DAY_MS <= latest_ms <= START_MS + 5 * DAY_MS + 1_001
    assert [arrived.in_doubt for arrived in hub.store.every_checkin()] == [False, True]


def test_a_leap_of_ten_years_for_a_while_makes_times_wide_and_later_rows_make_them_narrow(hub: Hub) -> None:
    hub.send(hub.record(quiet(0, 1_000)), quiet(0, 2_000), START_MS + DAY_MS)
    hub.clock.advance(60_000)
    true_ms, leap_ms = hub.clock.wall_ms, 3_650 * DAY_MS
    hub.clock.wall_ms += leap_ms
    hub.send(hub.record(good(0, 61_000, true_ms - 1_000), quiet(1, 5)), quiet(1, 1_000), hub.clock.wall_ms)
    assert [arrived.in_doubt for arrived in hub.store.every_checkin()] == [False, True, True]
    assert hub.intervals()[2][1] == true_ms + leap_ms
    assert {arrived.arrived_ms for arrived in hub.store.every_checkin()} == {START_MS + DAY_MS, true_ms}
    hub.clock.advance(16_000)
    hub.clock.wall_ms -= leap_ms
    hub.send(hub.record(quiet(1, 20_005)), quiet(1, 21_000), hub.clock.wall_ms)
    earliest_ms, latest_ms = hub.intervals()[2]
    assert true_ms - 20_000 <= earliest_ms <= latest_ms == true_ms + 16_000 - 20_984
    assert [arrived.in_doubt for arrived in hub.store.every_checkin()] == [False, True, True, False]


def test_a_replayed_batch_is_no_contact(hub: Hub) -> None:
    rows = hub.record(quiet(0, 1_000))
    hub.send(rows, quiet(0, 2_000), START_MS + DAY_MS)
    before = hub.intervals()
    hub.send(rows, quiet(0, 2_000), START_MS + 9 * DAY_MS)
    hub.send(hub.record(quiet(0, 3_000)), None, START_MS + 9 * DAY_MS)
    assert hub.intervals()[:1] == before
    assert hub.intervals()[1][1] == START_MS + DAY_MS + 1_001


def test_a_row_that_comes_after_all_lies_between_its_neighbours(hub: Hub) -> None:
    rows = hub.record(*[good(0, 1_000 * n, START_MS + 1_000 * n) for n in range(1, 4)])
    hub.send(rows[:1], None, START_MS + DAY_MS)
    for _ in range(2):
        hub.send(rows[2:], None, START_MS + DAY_MS)
    assert hub.send(rows[1:2], None, START_MS + DAY_MS).parked == ()
    (_, first), (start, end), (_, last) = hub.intervals()
    assert start >= START_MS
    assert first <= end <= last


def test_a_gate_that_brings_its_name_along_may_have_recorded_before(hub: Hub) -> None:
    with hub.store.begin() as connection:
        connection.exec_driver_sql("UPDATE gates SET began_ms = 0")
    hub.send(hub.record(good(0, 1_000, START_MS - 9 * DAY_MS)), None, START_MS)
    assert hub.intervals() == [(START_MS - 9 * DAY_MS - TOLERANCE_MS, START_MS - 9 * DAY_MS + TOLERANCE_MS)]
