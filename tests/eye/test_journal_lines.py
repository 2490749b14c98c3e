"""What a camera that stays broken writes into the journal of a gate, by a clock that leaps."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from device.camera import CameraPlan
from device.eye import EyeLimits, SupervisedEye
from device.eye.messages import Lost, Walled, encode
from device.eye.recovery import Attempts, RecoveringEye
from device.eye.settings import EyeSettings
from tests.bench.eye_journal import HOUR_S, MOST_LINES, LeapingClock
from tests.support.fake_eye import FakeEye, FakeStarts

PAGE = 45
"""Lines that a broken numpy prints at each import."""


class BrokenStarts(FakeStarts):
    """Eyes that tell why they have no camera, print as they are told, and end; or, *staying*, go on telling."""

    def __init__(self, clock: LeapingClock, *, staying: bool = False) -> None:
        super().__init__(ends=True)
        self.clock, self.staying = clock, staying
        self.at_s: list[float] = []
        self._unread: list[FakeEye] = []

    def __call__(self) -> FakeEye:
        self.at_s.append(self.clock.at_s)
        eye = super().__call__()
        eye.own.sendall(encode(Walled(seccomp=True, landlock=4)) + encode(Lost("numpy")))
        self._unread.append(eye)
        return eye

    def printed(self) -> int:
        """How many lines the eyes since the last time have printed; ends them."""
        lines = 0
        for eye in self._unread:
            settings = json.loads(eye.own.recv(4096).partition(b"\n")[0])
            lines += PAGE * settings["prints"]
            eye.own.close()
        self._unread.clear()
        return lines


def run_gates(folder: Path, span_s: float) -> tuple[BrokenStarts, int, int]:
    """Run one gate after another; return the starts, how often the gate was started anew, and what eyes printed."""
    clock = LeapingClock()
    starts, restarts, printed, end_s = BrokenStarts(clock), 0, 0, clock.at_s + span_s
    loud = EyeSettings(CameraPlan("picamera2"))
    quiet = EyeSettings(loud.camera, prints=False)
    while clock.at_s < end_s:
        clock.stop.clear()
        eye = SupervisedEye(loud.to_json(), clock, EyeLimits(), start=starts, quiet_settings=quiet.to_json())
        gate = RecoveringEye(eye, Attempts(folder, clock), clock, clock.stop.set, lambda: None)
        for sight in gate.sights(clock.stop):
            assert sight.lost in {"numpy", "starting"}
            if sight.lost == "numpy":
                printed += starts.printed()
            if clock.at_s >= end_s:
                clock.stop.set()
        restarts += clock.at_s < end_s
    return starts, restarts, printed


def test_a_library_that_cannot_be_loaded_writes_at_most_200_lines_in_an_hour(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    starts, restarts, printed = run_gates(tmp_path, HOUR_S)
    assert restarts == 1
    assert printed == 2 * PAGE  # the first eye of each gate
    assert 0 < len(caplog.messages) + printed <= MOST_LINES
    assert sum(at_s - starts.at_s[0] < 15 for at_s in starts.at_s) <= 5


def test_hour_after_hour_it_writes_no_more_and_the_count_on_the_card_stays_small(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    starts, restarts, printed = run_gates(tmp_path, 12 * HOUR_S)
    assert restarts == pytest.approx(12, abs=1)  # one an hour
    assert len(caplog.messages) + printed <= 12 * MOST_LINES
    assert len(starts.at_s) <= 12 * 60
    assert (tmp_path / "recovery.json").stat().st_size < 4096
