"""Counts by hour: which hour something falls into, what a restart keeps, how seldom the card is written."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from device.clock import ClockState, JudgedClock
from device.model import HOUR_MS, MOST_COUNT, Count, Cue, HourCounts, hour_text
from device.store.tally import FILE_NAME, KEEP_EVERY_MS, MOST_HOURS, SLOT_MS, Tally
from tests.support.fakes import BelievingMark, FakeClock

OTHER_BOOT = "f" * 32


class Gate:
    """A clock, a folder, and the counts over restarts."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, FakeClock()
        self.tally = self.restarted()

    def restarted(self) -> Tally:
        self.tally = Tally(JudgedClock(self.clock, BelievingMark()), self.folder)
        return self.tally

    def rebooted(self) -> Tally:
        self.clock.boot_id, self.clock.since_boot_ms = OTHER_BOOT, 5_000
        return self.restarted()

    def told(self) -> dict[str, list[int]]:
        return {hour_text(one.hour): list(one.counts) for one in self.tally.unsent()}

    def kept(self) -> dict[str, object]:
        found = json.loads((self.folder / FILE_NAME).read_text("utf-8"))
        assert isinstance(found, dict)
        return found


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)


def passed(count: int) -> list[int]:
    return [0, 0, 0, 0, 0, 0, count]


def test_each_answer_is_counted_in_its_hour_by_what_the_lamps_said(gate: Gate) -> None:
    for cue in Cue:
        gate.tally.answered(cue)
    gate.clock.advance(HOUR_MS)
    gate.tally.answered(Cue.GRANTED)
    gate.tally.count(Count.PASSED)
    assert gate.told() == {"2026-01-01T00": [1, 1, 1, 1, 1, 1, 0], "2026-01-01T01": [1, 0, 0, 0, 0, 0, 1]}


def test_an_hour_that_the_hub_has_is_not_sent_again_until_it_has_grown(gate: Gate) -> None:
    gate.tally.answered(Cue.GRANTED)
    sent = gate.tally.unsent()
    gate.tally.answered(Cue.GRANTED)  # while the report is on its way
    gate.tally.settled(sent)
    assert gate.told() == {"2026-01-01T00": [2, 0, 0, 0, 0, 0, 0]}
    gate.tally.settled(gate.tally.unsent())
    assert gate.told() == {}
    gate.tally.answered(Cue.DENIED)
    assert gate.told() == {"2026-01-01T00": [2, 0, 1, 0, 0, 0, 0]}


def test_an_orderly_stop_loses_nothing_and_a_kill_what_was_counted_since_the_last_writing(gate: Gate) -> None:
    gate.tally.count(Count.PASSED)
    gate.tally.keep(at_once=True)
    series = gate.tally.series
    gate.restarted()
    assert (gate.told(), gate.tally.series, gate.tally.restarts) == ({"2026-01-01T00": passed(1)}, series, 1)
    gate.tally.count(Count.PASSED)
    gate.restarted()
    assert gate.told() == {"2026-01-01T00": passed(1)}


def test_the_card_is_written_once_in_five_minutes_at_most_over_restarts_too_and_only_for_news(gate: Gate) -> None:
    written = []
    for _ in range(3 * KEEP_EVERY_MS // 10_000):
        gate.tally.count(Count.PASSED)
        gate.tally.keep()
        written.append((gate.folder / FILE_NAME).stat().st_ino)
        gate.restarted()
        gate.clock.advance(10_000)
    assert 1 + sum(one != other for one, other in pairwise(written)) == 3  # a number may come back, not at once
    gate.clock.advance(KEEP_EVERY_MS)
    gate.tally.keep()
    quiet = (gate.folder / FILE_NAME).stat().st_mtime_ns
    gate.clock.advance(10 * KEEP_EVERY_MS)
    gate.tally.keep()
    gate.tally.keep(at_once=True)
    assert (gate.folder / FILE_NAME).stat().st_mtime_ns == quiet


def test_without_anybody_to_tell_nothing_is_kept(tmp_path: Path) -> None:
    tally = Tally(JudgedClock(FakeClock(), BelievingMark()), None)
    tally.count(Count.PASSED)
    tally.keep(at_once=True)
    assert list(tmp_path.iterdir()) == []
    assert len(tally.unsent()) == 1


def test_what_is_counted_before_the_time_is_known_gets_its_hour_when_it_is(gate: Gate) -> None:
    gate.clock.state, gate.clock.wall_ms = ClockState.UNSYNCHRONISED, 0
    gate.tally.count(Count.PASSED)
    gate.clock.advance(2 * HOUR_MS)
    gate.tally.count(Count.PASSED)
    assert gate.told() == {}
    gate.tally.keep(at_once=True)
    gate.restarted()  # of the service: it is the same boot
    gate.clock.advance(HOUR_MS)
    gate.clock.state, gate.clock.wall_ms = ClockState.SYNCHRONISED, FakeClock().wall_ms + 12 * HOUR_MS + HOUR_MS // 2
    gate.tally.count(Count.PASSED)
    assert gate.told() == {"2026-01-01T09": passed(1), "2026-01-01T11": passed(1), "2026-01-01T12": passed(1)}
    assert gate.tally.unplaced == 0


def test_what_a_boot_counted_that_never_knew_the_time_is_a_number_without_an_hour(gate: Gate) -> None:
    gate.clock.state = ClockState.UNSYNCHRONISED
    gate.tally.count(Count.PASSED)
    gate.tally.answered(Cue.GRANTED)
    gate.tally.keep(at_once=True)
    gate.rebooted()
    assert (gate.told(), gate.tally.unplaced) == ({}, 2)


def test_weeks_without_the_time_and_without_a_hub_stay_within_bounds_and_nothing_vanishes(gate: Gate) -> None:
    gate.clock.state = ClockState.UNSYNCHRONISED
    for _ in range(500):
        gate.tally.count(Count.PASSED)
        gate.clock.advance(SLOT_MS)
    gate.clock.state = ClockState.SYNCHRONISED
    for _ in range(100):
        gate.tally.count(Count.PASSED)
        gate.clock.advance(HOUR_MS)
    hours = gate.tally.unsent()
    assert len(hours) == MOST_HOURS
    assert sum(sum(hour.counts) for hour in hours) + gate.tally.unplaced == 600
    gate.tally.keep(at_once=True)
    assert (gate.folder / FILE_NAME).stat().st_size < 8_000


def test_hours_that_the_hub_refuses_are_dropped_and_still_counted(gate: Gate) -> None:
    gate.tally.count(Count.PASSED)
    (hour,) = gate.tally.unsent()
    gate.tally.settled([], [hour.hour])
    assert (gate.told(), gate.tally.unplaced) == ({}, 1)


@pytest.mark.parametrize("wall_ms", [-HOUR_MS, 10 * 365 * 24 * HOUR_MS, 10**15, 2**52])
def test_a_clock_beyond_the_calendar_does_not_know_the_time(gate: Gate, wall_ms: int) -> None:
    gate.clock.wall_ms = wall_ms
    gate.tally.count(Count.PASSED)
    assert gate.told() == {}
    gate.tally.keep(at_once=True)
    gate.rebooted()
    assert gate.tally.unplaced == 1


def test_no_hour_grows_beyond_what_a_report_can_carry(gate: Gate) -> None:
    gate.tally.count(Count.PASSED)
    gate.tally.keep(at_once=True)
    kept = gate.kept()
    assert isinstance(kept["hours"], list)
    kept["hours"][0][-1] = MOST_COUNT
    (gate.folder / FILE_NAME).write_text(json.dumps(kept))
    gate.restarted()
    gate.tally.count(Count.PASSED)
    assert gate.told() == {"2026-01-01T00": passed(MOST_COUNT)}


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\0" * 500,
        b"[]",
        b'{"document": "gate-counts/1"}',
        b'{"document": "gate-counts/2"}',
        b"x" * 100_000,
        ("hours", "1"),
        ("hours", [[1, 2, 3, 4, 5, 6, 7, 8]]),
        ("hours", [[490_000, 1]]),
        ("hours", [[490_000, -1, 0, 0, 0, 0, 0, 0]]),
        ("slots", [["a"]]),
        ("unsent", {}),
        ("series", "../../etc"),
        ("restarts", -1),
        ("boot", ""),
    ],
    ids=str,
)
def test_a_damaged_file_begins_another_series_and_is_replaced(
    gate: Gate, damage: bytes | tuple[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    gate.tally.count(Count.PASSED)
    gate.tally.keep(at_once=True)
    series = gate.tally.series
    if not isinstance(damage, bytes):
        damage = json.dumps({**gate.kept(), damage[0]: damage[1]}).encode()
    (gate.folder / FILE_NAME).write_bytes(damage)
    gate.restarted()
    assert gate.tally.series != series
    assert "event=counts-unreadable" in caplog.text
    gate.tally.count(Count.PASSED)
    gate.tally.keep()
    assert gate.kept()["series"] == gate.tally.series
    assert gate.told() == {"2026-01-01T00": passed(1)}


def test_a_folder_that_cannot_be_written_is_told_once_and_the_counts_go_on(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    gate.folder.joinpath(f".{FILE_NAME}.new").mkdir()
    for _ in range(3):
        gate.tally.count(Count.PASSED)
        gate.tally.keep()
        gate.clock.advance(KEEP_EVERY_MS)
    assert caplog.text.count("event=counts-not-kept") == 1
    gate.folder.joinpath(f".{FILE_NAME}.new").rmdir()
    gate.tally.keep()
    assert gate.kept()["hours"]


def test_a_report_of_an_hour_that_was_dropped_meanwhile_settles_nothing(gate: Gate) -> None:
    gate.tally.count(Count.PASSED)
    (hour,) = gate.tally.unsent()
    gate.tally.settled([replace(hour, counts=(9,) * 7), HourCounts(1, (0,) * 7)])
    assert gate.told() == {"2026-01-01T00": passed(1)}
