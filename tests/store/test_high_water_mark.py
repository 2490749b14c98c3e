from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.clock import DAY_MS, ClockReading, ClockState
from device.store.high_water_mark import FILE_NAME, KEEP_EVERY_MS, Anchor, HighWaterMark
from tests.support.fakes import BOOT_ID, FakeClock

START_MS = 1_767_225_600_000  # 2026-01-01
HOUR_MS = 3_600_000
OTHER_BOOT = "f" * 32


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(wall_ms=START_MS)


@pytest.fixture
def mark(tmp_path: Path, clock: FakeClock) -> HighWaterMark:
    return HighWaterMark(tmp_path, START_MS, clock)


def reboot(clock: FakeClock, *, wall_ms: int, state: ClockState) -> None:
    clock.boot_id, clock.since_boot_ms, clock.wall_ms, clock.state = OTHER_BOOT, 5_000, wall_ms, state


def kept_ms(folder: Path) -> int:
    found = json.loads((folder / FILE_NAME).read_text())["mark"]
    assert isinstance(found, int)
    return found


def test_the_mark_begins_with_the_hubs_time_at_enrolment(mark: HighWaterMark, clock: FakeClock) -> None:
    clock.wall_ms, clock.state = 0, ClockState.UNSYNCHRONISED
    assert mark.today() == date(2026, 1, 1)


def test_a_synchronised_clock_carries_the_mark_along_day_by_day(mark: HighWaterMark, clock: FakeClock) -> None:
    for day in range(1, 8):
        mark.look()
        assert mark.today() == date(2026, 1, day)
        clock.advance(DAY_MS)


def test_one_lie_of_a_time_server_moves_nothing_and_is_said_once(
    mark: HighWaterMark, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    mark.look()
    clock.wall_ms += 3650 * DAY_MS
    for _ in range(3):
        mark.look()
        clock.advance(1000)
    assert mark.today() == date(2026, 1, 1)
    assert mark.judged(clock.reading()).wall_ms == START_MS + 3000
    assert [message for message in caplog.messages if "event=clock" in message] == [
        f"event=clock state=doubted off_s={3650 * 86_400}"
    ]


def test_a_clock_set_back_by_a_day_makes_nothing_valid_again(mark: HighWaterMark, clock: FakeClock) -> None:
    mark.look()
    clock.advance(HOUR_MS)
    clock.wall_ms -= DAY_MS
    mark.look()
    assert mark.judged(clock.reading()) == ClockReading(
        BOOT_ID, clock.since_boot_ms, START_MS + HOUR_MS, ClockState.SYNCHRONISED
    )


def test_without_a_time_server_a_boot_counts_on_by_itself(mark: HighWaterMark, clock: FakeClock) -> None:
    mark.told(START_MS + 5 * DAY_MS)
    clock.state, clock.wall_ms = ClockState.UNSYNCHRONISED, 0
    clock.advance(2 * DAY_MS)
    mark.look()
    assert mark.today() == date(2026, 1, 8)
    assert mark.judged(clock.reading()).state is ClockState.SYNCHRONISED


def test_after_a_boot_without_hub_and_time_server_the_time_is_a_bound_and_not_known(
    tmp_path: Path, mark: HighWaterMark, clock: FakeClock
) -> None:
    mark.told(START_MS + 5 * DAY_MS)
    reboot(clock, wall_ms=0, state=ClockState.UNSYNCHRONISED)
    again = HighWaterMark(tmp_path, START_MS, clock)
    assert again.today() == date(2026, 1, 6)
    assert again.judged(clock.reading()) == ClockReading(
        OTHER_BOOT, 5_000, START_MS + 5 * DAY_MS, ClockState.UNSYNCHRONISED
    )


def test_off_for_a_week_a_gate_waits_for_its_hub_to_believe_its_clock(
    tmp_path: Path, mark: HighWaterMark, clock: FakeClock
) -> None:
    mark.told(START_MS)
    reboot(clock, wall_ms=START_MS + 7 * DAY_MS, state=ClockState.SYNCHRONISED)
    again = HighWaterMark(tmp_path, START_MS, clock)
    again.look()
    assert again.judged(clock.reading()).state is ClockState.UNSYNCHRONISED
    again.told(clock.wall_ms)
    assert again.judged(clock.reading()) == clock.reading()
    assert again.today() == date(2026, 1, 8)


def test_signed_hub_time_lowers_the_mark_also_on_the_card(
    tmp_path: Path, mark: HighWaterMark, clock: FakeClock
) -> None:
    mark.told(START_MS + 400 * DAY_MS)
    mark.told(START_MS)
    assert mark.today() == date(2026, 1, 1)
    assert HighWaterMark(tmp_path, START_MS, clock).today() == date(2026, 1, 1)


def test_the_card_is_written_about_once_an_hour(tmp_path: Path, mark: HighWaterMark, clock: FakeClock) -> None:
    path, written = tmp_path / FILE_NAME, set()
    for _ in range(10 * 60):
        mark.look()
        mark.told(clock.wall_ms)
        clock.advance(60_000)
        written.add(path.stat().st_ino if path.exists() else 0)
        if path.exists():
            assert clock.wall_ms - kept_ms(tmp_path) <= KEEP_EVERY_MS + 60_000
    assert len(written) <= 12


def test_a_restart_in_the_same_boot_still_knows_the_time(tmp_path: Path, mark: HighWaterMark, clock: FakeClock) -> None:
    mark.told(START_MS + 3 * DAY_MS)
    clock.state, clock.wall_ms = ClockState.UNSYNCHRONISED, 0
    clock.advance(DAY_MS)
    again = HighWaterMark(tmp_path, START_MS, clock)
    assert again.judged(clock.reading()).state is ClockState.SYNCHRONISED
    assert again.today() == date(2026, 1, 5)


def test_enrolled_again_the_hubs_time_counts_and_not_the_old_mark(
    tmp_path: Path, mark: HighWaterMark, clock: FakeClock
) -> None:
    mark.told(START_MS + 400 * DAY_MS)
    reboot(clock, wall_ms=0, state=ClockState.UNSYNCHRONISED)
    assert HighWaterMark(tmp_path, START_MS + DAY_MS, clock).today() == date(2026, 1, 2)


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"[]", b'{"document":"gate-mark/1","enrolled":1767225600000}', b"x" * 9999]
)
def test_a_spoilt_file_costs_only_the_mark(tmp_path: Path, clock: FakeClock, body: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(body)
    assert HighWaterMark(tmp_path, START_MS, clock).today() == date(2026, 1, 1)


def test_a_folder_that_cannot_be_written_is_said_once(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    mark = HighWaterMark(tmp_path / "gone", START_MS, clock)
    mark.told(START_MS + 2 * DAY_MS)
    mark.told(START_MS + 4 * DAY_MS)
    assert mark.today() == date(2026, 1, 5)
    assert sum("event=mark-unwritable" in message for message in caplog.messages) == 1


def test_a_gate_nobody_told_the_time_takes_the_first_synchronised_clock(tmp_path: Path, clock: FakeClock) -> None:
    mark = HighWaterMark(tmp_path, 0, clock)
    assert mark.today() == date(2026, 1, 1)
    mark.look()
    clock.wall_ms += 3650 * DAY_MS
    mark.look()
    assert mark.today() == date(2026, 1, 1)


def test_a_gate_without_a_hub_goes_by_its_own_clock_after_any_time_off(tmp_path: Path, clock: FakeClock) -> None:
    mark = HighWaterMark(tmp_path, START_MS, clock, alone=True)
    reboot(clock, wall_ms=START_MS + 40 * DAY_MS, state=ClockState.SYNCHRONISED)
    mark.look()
    assert mark.judged(clock.reading()) == clock.reading()
    assert (mark.today(), mark.doubted) == (date(2026, 2, 10), False)
    assert list(tmp_path.iterdir()) == []


def test_one_answer_years_ahead_moves_nothing_and_a_right_one_after_it_is_taken(
    tmp_path: Path, mark: HighWaterMark, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    mark.told(START_MS)
    for _ in range(3):  # a hub whose clock is ten years ahead for a few seconds
        mark.told(clock.wall_ms + 3_650 * DAY_MS)
        clock.advance(8_000)
    assert mark.today() == date(2026, 1, 1)
    assert kept_ms(tmp_path) == START_MS
    assert caplog.messages == ["event=mark-leap by=hub off_s=315360000 state=unconfirmed"]
    mark.told(clock.wall_ms + 1_000)
    clock.advance(60_000)
    mark.told(clock.wall_ms + 3_650 * DAY_MS)  # another lie is the first one again
    assert mark.today() == date(2026, 1, 1)


def test_a_leap_of_the_hub_is_taken_when_an_answer_a_minute_later_agrees(mark: HighWaterMark, clock: FakeClock) -> None:
    mark.told(START_MS)
    clock.wall_ms, clock.state = 0, ClockState.UNSYNCHRONISED
    mark.told(START_MS + 400 * DAY_MS)
    clock.advance(60_000)
    mark.told(START_MS + 400 * DAY_MS + 60_000)
    assert mark.judged(clock.reading()).wall_ms == START_MS + 400 * DAY_MS + 60_000


def test_the_machines_own_synchronised_clock_confirms_a_leap_of_the_hub(mark: HighWaterMark, clock: FakeClock) -> None:
    clock.wall_ms = START_MS + 400 * DAY_MS
    mark.told(clock.wall_ms + HOUR_MS)
    assert mark.judged(clock.reading()).wall_ms == START_MS + 400 * DAY_MS + HOUR_MS


def test_after_a_summers_holidays_the_first_answer_of_the_hub_counts(mark: HighWaterMark, clock: FakeClock) -> None:
    mark.told(START_MS)
    reboot(clock, wall_ms=0, state=ClockState.UNSYNCHRONISED)
    mark.told(START_MS + 100 * DAY_MS)
    assert mark.judged(clock.reading()).wall_ms == START_MS + 100 * DAY_MS


@pytest.mark.parametrize("state", ClockState)
def test_a_gate_without_a_hub_knows_no_time_before_its_enrolment(
    tmp_path: Path, clock: FakeClock, state: ClockState
) -> None:
    mark = HighWaterMark(tmp_path, START_MS, clock, alone=True)
    reboot(clock, wall_ms=0, state=state)
    assert mark.judged(clock.reading()).state is ClockState.UNSYNCHRONISED
    assert mark.today() == date(2026, 1, 1)


@given(
    st.lists(st.tuples(st.integers(0, DAY_MS), st.integers(-(2**45), 2**45), st.sampled_from(ClockState)), max_size=20)
)
def test_whatever_the_clock_says_the_mark_never_falls_and_never_leaps_by_more_than_a_day(
    looks: list[tuple[int, int, ClockState]],
) -> None:
    anchor, monotonic_ms = Anchor(START_MS, BOOT_ID, 0), 0
    for passed_ms, wall_ms, state in looks:
        monotonic_ms += passed_ms
        at = ClockReading(BOOT_ID, monotonic_ms, wall_ms, state)
        before = anchor.now_ms(at)
        anchor = anchor.moved(at)
        assert before <= anchor.now_ms(at) <= before + DAY_MS
        assert anchor.judged(at).wall_ms >= before
