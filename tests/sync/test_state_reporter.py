"""State reports: when one is sent, what a hub that refuses, is old or is away changes, and that hours are sent once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from device.clock import JudgedClock
from device.errors import HubNonsense, HubRefused, HubUnreachable, UplinkError
from device.model import HOUR_MS, Count, Cue, hour_text
from device.store.tally import Tally
from device.sync.state_reporter import (
    LEAST_PAUSE_S,
    LOOK_EVERY_S,
    OLD_HUB_S,
    REPORT_EVERY_S,
    STARTING_MOST_S,
    StateReporter,
)
from device.wire.state import decode_state
from device.wire.state_records import GateState, StateAnswer
from tests.support.fakes import BelievingMark, FakeClock
from tests.support.gate_states import QUIET


class Hub:
    """Takes every hour, unless told otherwise."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.error: UplinkError | None = None
        self.refuses: Callable[[int], bool] = lambda _: False
        self.heard: list[tuple[float, GateState, list[str]]] = []
        self.asked_s: list[float] = []

    def report(self, body: bytes) -> StateAnswer:
        self.asked_s.append(self.clock.monotonic_s() - 1000)
        if self.error is not None:
            raise self.error
        state, hours = decode_state(body)
        self.heard.append((self.asked_s[-1], state, [hour_text(hour.hour) for hour in hours]))
        named = frozenset(hour.hour for hour in hours)
        refused = frozenset(filter(self.refuses, named))
        return StateAnswer(named - refused, refused | {1})


class Gate:
    def __init__(self, folder: Path, chance: float = 0.5) -> None:
        self.clock, self.state = FakeClock(), QUIET
        self.hub = Hub(self.clock)
        self.tally = Tally(JudgedClock(self.clock, BelievingMark()), folder)
        self.reporter = StateReporter(self.hub, lambda: self.state, self.tally, self.clock, lambda: chance)

    def run(self, seconds: float) -> list[float]:
        """Turn for so long, as the loop does; return when the hub was asked, in seconds since the start."""
        self.hub.asked_s.clear()
        until_s = self.clock.monotonic_s() + seconds
        while self.clock.monotonic_s() < until_s:
            pause_s = self.reporter.turn()
            assert pause_s <= LOOK_EVERY_S
            self.clock.advance(max(500, round(pause_s * 1000)))
        return [round(at_s) for at_s in self.hub.asked_s]


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)


def test_a_report_is_sent_at_the_start_and_every_five_minutes_a_fifth_more_or_less(tmp_path: Path) -> None:
    for chance, every_s in ((0.5, REPORT_EVERY_S), (0.0, 240), (1.0, 360)):
        assert Gate(tmp_path, chance).run(1_000)[:3] == [0, every_s, 2 * every_s]


def test_a_trouble_is_told_within_half_a_minute_and_its_end_a_minute_later_at_the_soonest(gate: Gate) -> None:
    gate.run(100)
    gate.state = replace(QUIET, troubles=("camera",), lamps="fault")
    (told_s,) = gate.run(LOOK_EVERY_S)
    assert "camera" in gate.hub.heard[-1][1].troubles
    gate.state = QUIET
    (well_s,) = gate.run(LEAST_PAUSE_S + LOOK_EVERY_S)
    assert LEAST_PAUSE_S <= well_s - told_s <= LEAST_PAUSE_S + LOOK_EVERY_S
    assert not gate.hub.heard[-1][1].troubles


def test_a_trouble_that_comes_and_goes_all_the_time_is_told_once_a_minute(gate: Gate) -> None:
    asked: list[float] = []
    for turn in range(40):
        gate.state = replace(QUIET, troubles=("camera",) if turn % 2 else ())
        asked += gate.run(LOOK_EVERY_S)
    assert all(later - earlier >= LEAST_PAUSE_S for earlier, later in pairwise(asked))


def test_the_first_report_waits_for_the_camera_but_not_for_ever(tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    gate.state = replace(QUIET, lamps=Cue.STARTING.value)
    assert gate.run(10) == []
    gate.state = QUIET
    assert gate.run(2) == [10]
    slow = Gate(tmp_path)
    slow.state = replace(QUIET, lamps=Cue.STARTING.value)
    assert slow.run(STARTING_MOST_S + 2) == [STARTING_MOST_S]


def test_each_hour_is_sent_until_it_is_taken_and_the_present_one_when_it_has_grown(gate: Gate) -> None:
    gate.tally.count(Count.PASSED)
    gate.hub.error = HubUnreachable("no answer")
    gate.run(60)
    gate.clock.advance(HOUR_MS)
    gate.tally.count(Count.PASSED)
    gate.hub.error = None
    gate.run(2 * REPORT_EVERY_S)
    gate.tally.count(Count.PASSED)
    gate.run(REPORT_EVERY_S)
    assert [hours for _, _, hours in gate.hub.heard] == [["2026-01-01T00", "2026-01-01T01"], [], ["2026-01-01T01"]]


def test_two_days_without_a_hub_are_told_in_a_few_reports_the_oldest_first(gate: Gate) -> None:
    for _ in range(60):
        gate.tally.count(Count.PASSED)
        gate.clock.advance(HOUR_MS)
    gate.run(4 * REPORT_EVERY_S)
    told = [hour for _, _, hours in gate.hub.heard for hour in hours]
    assert told == sorted(set(told))
    assert (len(told), told[0]) == (48, "2026-01-01T12")
    assert [len(hours) for _, _, hours in gate.hub.heard][-1] == 0
    assert gate.tally.unplaced == 12


def test_hours_the_hub_calls_nonsense_are_not_sent_again(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    gate.tally.count(Count.PASSED)
    gate.hub.refuses = lambda _: True
    gate.run(3 * REPORT_EVERY_S)
    assert [hours for _, _, hours in gate.hub.heard] == [["2026-01-01T00"], [], []]
    assert gate.tally.unplaced == 1
    assert caplog.text.count("event=hours-refused hours=1") == 1


def test_a_hub_from_before_this_is_asked_again_after_hours_and_troubles_do_not_change_that(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    gate.hub.error = HubRefused(404, None, b"")
    asked = []
    for turn in range(96):
        gate.state = replace(QUIET, troubles=("camera",) if turn % 2 else ())
        asked += gate.run(15 * 60)
    assert len(asked) == 24 * 3600 / OLD_HUB_S
    assert caplog.text.count("event=state-not-taken") == 1
    gate.hub.error = None
    gate.run(OLD_HUB_S)
    assert gate.hub.heard


@pytest.mark.parametrize(
    ("error", "lines"),
    [(HubUnreachable("no answer"), 0), (HubRefused(503, None, b""), 1), (HubNonsense("a page"), 1)],
    ids=["away", "busy", "nonsense"],
)
def test_a_hub_that_cannot_is_asked_more_and_more_seldom_with_one_line_in_the_log(
    gate: Gate, error: UplinkError, lines: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    gate.hub.error = error
    asked = gate.run(24 * 3600)
    assert 24 * 3600 / 300 <= len(asked) < 24 * 3600 / 100
    assert caplog.text.count("event=state-not-taken") == lines
    gate.hub.error = None
    assert len(gate.run(600)) >= 1


def test_what_the_hub_asks_to_wait_is_waited(gate: Gate) -> None:
    gate.hub.error = HubRefused(429, timedelta(seconds=500), b"")
    assert len(gate.run(500)) == 1
