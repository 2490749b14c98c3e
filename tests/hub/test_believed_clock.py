from __future__ import annotations

import json
from pathlib import Path

import pytest

from device.clock import DAY_MS, ClockState
from device.errors import ClockLeapt, ConfigurationError
from device.hub.believed_clock import AWAY_MS, FILE_NAME, SETTLES_MS, STEADY_MS, BelievedClock
from tests.support.fakes import FakeClock

YEAR_MS = 365 * DAY_MS


@pytest.fixture
def machine() -> FakeClock:
    return FakeClock()


@pytest.fixture
def clock(machine: FakeClock, tmp_path: Path) -> BelievedClock:
    made = BelievedClock(machine, tmp_path)
    made.watch()
    return made


def restarted(machine: FakeClock, tmp_path: Path, away_ms: int) -> BelievedClock:
    """Return the clock of a hub whose machine was off for a while, as far as its own clock says."""
    machine.boot_id, machine.since_boot_ms = f"{machine.since_boot_ms:032x}", 5_000
    machine.wall_ms += away_ms
    return BelievedClock(machine, tmp_path)


def test_a_clock_that_goes_on_is_believed_and_steady_after_an_hour(machine: FakeClock, clock: BelievedClock) -> None:
    machine.advance(STEADY_MS - 1)
    assert (clock.now().off_ms, clock.now().steady) == (None, False)
    machine.advance(1)
    machine.wall_ms += 30_000  # a time server corrects it
    assert clock.now().steady
    assert clock.reading() == machine.reading()


@pytest.mark.parametrize("leap_ms", [10 * YEAR_MS, AWAY_MS + 120_000, -DAY_MS, -56 * YEAR_MS])
def test_a_leap_is_not_believed_however_long_it_lasts(machine: FakeClock, clock: BelievedClock, leap_ms: int) -> None:
    start_ms = machine.wall_ms
    machine.wall_ms += leap_ms
    for _ in range(5):
        machine.advance(SETTLES_MS)
        time = clock.watch()
    assert (time.off_ms, time.now_ms, time.steady) == (leap_ms, start_ms + 5 * SETTLES_MS, False)
    assert time.latest_ms == time.now_ms + max(0, leap_ms)
    assert clock.reading().state is ClockState.UNSYNCHRONISED
    with pytest.raises(ClockLeapt, match="--accept"):
        clock.check()
    machine.wall_ms -= leap_ms
    assert clock.watch().off_ms is None
    clock.check()


def test_a_leap_of_days_is_believed_when_it_has_lasted_and_not_before(machine: FakeClock, clock: BelievedClock) -> None:
    machine.advance(STEADY_MS)
    machine.wall_ms += 3 * DAY_MS
    assert clock.watch().off_ms == 3 * DAY_MS
    machine.advance(SETTLES_MS - 1)
    assert clock.watch().off_ms == 3 * DAY_MS
    machine.advance(1)
    assert (clock.watch().off_ms, clock.now().steady) == (None, False)
    machine.advance(STEADY_MS)
    assert clock.now().steady


def test_a_clock_that_leaps_about_never_settles(machine: FakeClock, clock: BelievedClock) -> None:
    for _ in range(20):
        machine.advance(SETTLES_MS // 2)
        machine.wall_ms += 3_600_000
        assert clock.watch().off_ms is not None


@pytest.mark.parametrize("away_ms", [0, -30_000, 60_000, DAY_MS, AWAY_MS])
def test_after_the_machine_was_off_for_a_week_at_most_its_clock_is_believed(
    machine: FakeClock, clock: BelievedClock, tmp_path: Path, away_ms: int
) -> None:
    again = restarted(machine, tmp_path, away_ms)
    assert (again.watch().off_ms, again.now().steady) == (None, False)
    assert clock.now() == again.now()  # what one process has kept another sees


@pytest.mark.parametrize("away_ms", [AWAY_MS + 1, 10 * YEAR_MS])
def test_after_it_was_off_for_longer_a_person_says_that_the_clock_is_right(
    machine: FakeClock, clock: BelievedClock, tmp_path: Path, away_ms: int
) -> None:
    kept_ms = machine.wall_ms
    again = restarted(machine, tmp_path, away_ms)
    time = again.watch()
    assert (time.now_ms, time.latest_ms, time.off_ms) == (kept_ms, kept_ms + away_ms, away_ms)
    clock.accept()  # by another process
    assert (again.watch().off_ms, again.now().now_ms, again.now().steady) == (None, machine.wall_ms, True)


def test_a_machine_without_a_clock_chip_is_in_doubt_until_a_time_server_has_set_it_for_a_while(
    machine: FakeClock, clock: BelievedClock, tmp_path: Path
) -> None:
    kept_ms = machine.wall_ms
    again = restarted(machine, tmp_path, -3_600_000)
    time = again.watch()
    assert (time.now_ms, time.latest_ms) == (kept_ms, kept_ms + AWAY_MS)  # nobody knows for how long it was off
    machine.wall_ms += 9 * 3_600_000
    assert again.watch().off_ms == 8 * 3_600_000
    machine.advance(SETTLES_MS)
    assert again.watch().off_ms is None


def test_what_is_kept_is_written_once_a_minute_and_when_a_doubt_begins(
    machine: FakeClock, clock: BelievedClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / FILE_NAME
    written = [path.read_bytes()]
    for passed_ms in (1_000, 58_000, 1_000):
        machine.advance(passed_ms)
        clock.watch()
        written.append(path.read_bytes())
    assert written[0] == written[1] == written[2] != written[3]
    machine.wall_ms += YEAR_MS
    clock.watch()
    assert json.loads(path.read_bytes())["leap"] == {"wall": machine.wall_ms, "monotonic": machine.since_boot_ms}
    machine.wall_ms -= YEAR_MS
    clock.watch()
    assert [message for message in caplog.messages if "event=hub-clock" in message] == [
        "event=hub-clock state=doubted off_s=31536000 believed=2026-01-01T00:01:00Z"
    ]


def test_a_file_that_cannot_be_read_is_named_at_the_start_and_passed_over_later(
    machine: FakeClock, clock: BelievedClock, tmp_path: Path
) -> None:
    (tmp_path / FILE_NAME).write_text("{}")
    with pytest.raises(ConfigurationError, match=FILE_NAME):
        BelievedClock(machine, tmp_path).watch()
    machine.wall_ms += YEAR_MS
    assert clock.now().off_ms == YEAR_MS
