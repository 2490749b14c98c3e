"""The steps for a camera that stays lost: counted on the card, never a loop."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from device.clock import ClockState
from device.eye.recovery import (
    APART_S,
    DAY_S,
    FILE_NAME,
    NOTED_AFTER_S,
    REBOOTED,
    RESTART_AFTER_S,
    RESTARTED,
    Attempts,
    RecoveringEye,
    ask_for_reboot,
)
from device.model import Sight
from tests.support.fakes import FakeClock


@dataclass
class LostEye:
    """Says once a second that it is lost, or what a test wants."""

    clock: FakeClock
    covered: bool = False
    sees_at: int = -1

    def sights(self, stop: threading.Event) -> Iterator[Sight]:
        count = 0
        while not stop.is_set():
            self.clock.advance(1000)
            count += 1
            yield Sight(-1, 0, lost=None if count == self.sees_at else "ribbon")


class Door:
    """A gate in front of a lost camera: how long it ran, and what it did about it."""

    def __init__(self, folder: Path, clock: FakeClock, reboots_a_day: int = 0) -> None:
        self.clock, self.done, self.stop = clock, list[str](), threading.Event()
        self.eye = LostEye(clock)
        self.watched = RecoveringEye(
            self.eye,
            Attempts(folder, clock),
            clock,
            lambda: self.done.append("restart"),
            lambda: self.done.append("reboot"),
            reboots_a_day,
        )

    def run(self, seconds: float) -> list[str]:
        until_s = self.clock.monotonic_s() + seconds
        for sight in self.watched.sights(self.stop):
            assert sight.lost in {"ribbon", None}
            if self.clock.monotonic_s() > until_s:
                break
        return self.done


def test_after_five_minutes_the_service_starts_anew_and_only_once_an_hour(tmp_path: Path) -> None:
    door = Door(tmp_path, FakeClock())
    assert door.run(RESTART_AFTER_S - 1) == []
    assert door.run(RESTART_AFTER_S + 2) == ["restart"]
    assert door.run(APART_S - RESTART_AFTER_S) == ["restart"]
    assert door.run(2 * RESTART_AFTER_S) == ["restart", "restart"]


def test_the_count_outlives_the_service(tmp_path: Path) -> None:
    clock = FakeClock()
    assert Door(tmp_path, clock).run(RESTART_AFTER_S + 2) == ["restart"]
    assert Door(tmp_path, clock).run(RESTART_AFTER_S + 2) == []


def test_a_gate_that_is_started_again_and_again_while_it_is_blind_goes_on_where_it_was(tmp_path: Path) -> None:
    clock, done = FakeClock(), list[str]()
    for start in range(20):  # killed every 28 s, and down for 5
        done += [f"{step} {start}" for step in Door(tmp_path, clock, reboots_a_day=1).run(28)]
        clock.advance(5_000)
    assert done == ["restart 8", "reboot 17"]


def test_a_new_gate_gives_its_own_eye_the_time_to_start_before_it_goes_on(tmp_path: Path) -> None:
    clock = FakeClock()
    assert Door(tmp_path, clock).run(RESTART_AFTER_S - 20) == []
    clock.advance(60_000)
    assert Door(tmp_path, clock).run(14) == []
    assert Door(tmp_path, clock).run(16) == ["restart"]


def test_a_camera_that_sees_leaves_nothing_for_the_next_start(tmp_path: Path) -> None:
    clock = FakeClock()
    door = Door(tmp_path, clock)
    door.eye.sees_at = 200
    assert door.run(201) == []
    assert json.loads((tmp_path / FILE_NAME).read_text()) == {"lost": []}
    assert Door(tmp_path, clock).run(RESTART_AFTER_S - 1) == []


def test_a_camera_lost_for_long_is_noted_once_and_not_with_every_sight(tmp_path: Path) -> None:
    door = Door(tmp_path, FakeClock())
    door.run(NOTED_AFTER_S + 1)
    first = (tmp_path / FILE_NAME).stat()
    door.run(RESTART_AFTER_S - NOTED_AFTER_S - 10)
    assert (tmp_path / FILE_NAME).stat() == first


def test_the_machine_boots_anew_only_where_the_site_wants_it_and_at_most_so_often_a_day(tmp_path: Path) -> None:
    for wanted in (0, 2):
        folder, clock = tmp_path / str(wanted), FakeClock()
        folder.mkdir()
        assert Door(folder, clock, wanted).run(DAY_S).count("reboot") == wanted


def test_after_a_boot_whose_clock_nobody_has_set_a_reboot_of_the_day_before_still_counts(tmp_path: Path) -> None:
    clock = FakeClock()
    assert Attempts(tmp_path, clock).note(REBOOTED)
    later = FakeClock(wall_ms=clock.wall_ms + 10 * 86_400_000, monotonic_ms=5_000)
    later.boot_id, later.state = "f" * 32, ClockState.UNSYNCHRONISED
    attempts = Attempts(tmp_path, later)
    assert attempts.within(REBOOTED, DAY_S) == 1
    later.state = ClockState.SYNCHRONISED
    assert attempts.within(REBOOTED, DAY_S) == 0
    later.wall_ms = 0  # a clock that went back makes nothing younger than this boot
    later.since_boot_ms = round(DAY_S * 1000)
    assert attempts.within(REBOOTED, DAY_S) == 0


def test_a_covered_lens_and_a_camera_that_comes_back_ask_for_nothing(tmp_path: Path) -> None:
    covered, back = Door(tmp_path, FakeClock()), Door(tmp_path, FakeClock())
    covered.eye.covered = True
    assert covered.run(10 * RESTART_AFTER_S) == []
    back.eye.sees_at = 200
    assert back.run(450) == []


def test_what_cannot_be_counted_is_not_done(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert Door(tmp_path / "nowhere", FakeClock()).run(RESTART_AFTER_S + 2) == []
    assert "event=recovery-not-counted step=restarted" in caplog.text


@pytest.mark.parametrize("text", ["", "[]", "{", '{"restarted": 7}', '{"restarted": [7]}', "[" * 5000, "\x00"])
def test_a_file_that_is_not_ours_counts_as_nothing_and_is_replaced(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    attempts = Attempts(tmp_path, FakeClock())
    assert attempts.within(RESTARTED, DAY_S) == 0
    assert attempts.note(RESTARTED)
    assert attempts.within(RESTARTED, DAY_S) == 1


def test_an_attempt_whose_age_cannot_be_told_counts(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(json.dumps({"rebooted": [{"boot_id": "x"}, {"boot_id": "y", "wall_ms": "?"}]}))
    assert Attempts(tmp_path, FakeClock()).within(REBOOTED, DAY_S) == 2


def test_systemd_is_asked_by_a_file_in_the_runtime_folder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ask_for_reboot(tmp_path)
    assert (tmp_path / "reboot").exists()
    ask_for_reboot(tmp_path / "nowhere")
    ask_for_reboot(None)
    assert [record.message for record in caplog.records] == [
        "event=reboot-not-asked reason='No such file or directory'",
        "event=reboot-not-asked reason=no-systemd",
    ]
