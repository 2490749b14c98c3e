"""What an eye that was taken over may say: it costs the gate neither its turn, nor its end, nor its journal."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

import pytest

from device.eye import EyeLimits, SupervisedEye
from device.eye.line_allowance import AT_ONCE, EVERY_S
from device.eye.messages import Ended, EyeOpened, Lost, Message, Walled, encode
from device.eye.new_codes import A_SECOND
from device.eye.new_codes import AT_ONCE as AT_ONCE_NEW
from device.model import EYE_STARTING, CameraView, Sight, Symbol
from tests.support.fake_eye import FakeStarts
from tests.support.fake_server import PATIENCE_S
from tests.support.fakes import FakeClock


class TalkingClock(FakeClock):
    """While the gate listens, its eye says the next of its words, again and again."""

    def __init__(self, starts: FakeStarts, stop: threading.Event, words: tuple[Message, ...], every_ms: int) -> None:
        super().__init__()
        self._starts, self._stop, self._words, self._said, self._every_ms = starts, stop, words, 0, every_ms

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        if until is not self._stop and not until.is_set():
            word = self._words[self._said % len(self._words)]
            self._starts.eyes[-1].own.sendall(encode(word))
            self._said += 1
            until.wait(PATIENCE_S)
            self.advance(self._every_ms)
            return until.is_set()
        return super().wait(until, timeout_s)


class Talking:
    """A gate whose eyes say nothing but these words, one every so many milliseconds."""

    def __init__(self, words: tuple[Message, ...], every_ms: int) -> None:
        self.stop, self.starts = threading.Event(), FakeStarts(ends=True)
        self.clock = TalkingClock(self.starts, self.stop, words, every_ms)
        self.eye = SupervisedEye("{}", self.clock, EyeLimits(silent_s=3, start_s=15), start=self.starts)
        self.sights: list[Sight] = []
        self.times_s: list[float] = []
        self._all = self.eye.sights(self.stop)

    def for_s(self, seconds: float) -> Talking:
        """Watch for so long."""
        until_s = self.clock.monotonic_s() + seconds
        for sight in self._all:
            self.sights.append(sight)
            self.times_s.append(self.clock.monotonic_s())
            if self.clock.monotonic_s() >= until_s:
                break
        return self


@contextmanager
def talking(*words: Message, every_ms: int = 200) -> Iterator[Talking]:
    watched = Talking(words, every_ms)
    yield watched
    watched.stop.set()
    list(watched._all)


VIEW = CameraView("imx708", (2304, 1296), 10, (1496, 842), 15, (999, 1000))
OPENED, WALLED = EyeOpened(("zxing",)), Walled(seccomp=True, landlock=7)


@pytest.mark.parametrize("words", [(OPENED,), (WALLED,), (OPENED, VIEW), (Lost("x"),), (Lost("x", covered=True),)])
def test_whatever_an_eye_repeats_the_gate_hears_of_it_at_least_once_a_second(words: tuple[Message, ...]) -> None:
    with talking(*words) as watched:
        watched.for_s(60)
    assert max(later - earlier for earlier, later in pairwise(watched.times_s)) <= 1


@pytest.mark.parametrize("words", [(OPENED,), (WALLED,), (OPENED, WALLED), (VIEW,)])
def test_an_eye_that_only_says_that_its_camera_is_open_is_silent_and_replaced(words: tuple[Message, ...]) -> None:
    with talking(*words) as watched:
        watched.for_s(17)
        assert watched.starts.tried == 2
        assert watched.eye.lost == "the eye was silent for 15 s"


def test_an_eye_of_a_camera_that_says_its_pictures_are_over_does_not_end_the_gate() -> None:
    with talking(OPENED, Sight(1, 1), Ended()) as watched:
        watched.for_s(10)
        assert not any(sight.ended for sight in watched.sights)
        assert watched.starts.tried > 2
        assert watched.starts.eyes[0].killed


@pytest.mark.parametrize("reason", ["", " ", EYE_STARTING])
def test_a_camera_that_is_lost_without_a_reason_is_a_fault_and_told_once(
    reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "device.eye.parent")
    with talking(Lost(reason)) as watched:
        watched.for_s(10)
    assert {sight.lost for sight in watched.sights} == {"the eye has no frames and gives no reason"}
    assert [record.message.split()[0] for record in caplog.records] == ["event=eye-lost"]


def test_an_eye_that_talks_without_a_pause_turns_the_gate_a_hundred_times_a_second_and_no_more() -> None:
    with talking(Sight(1, 1), Lost("x"), every_ms=0) as watched:
        watched.for_s(2)
    assert 150 < len(watched.sights) <= 201


def test_codes_that_an_eye_invents_are_counted_over_all_its_successors() -> None:
    invented = [Sight(n, n, (Symbol(b"%d" % n, ((0, 0), (1, 0), (1, 1), (0, 1)), "a"),)) for n in range(500)]
    with talking(*invented[:400], Ended(), *invented[400:], every_ms=10) as watched:
        watched.for_s(6)
        assert watched.starts.tried > 1
    assert AT_ONCE_NEW <= sum(len(sight.symbols) for sight in watched.sights) <= AT_ONCE_NEW + 7 * A_SECOND


def test_what_is_said_of_the_wall_after_the_first_word_is_not_believed() -> None:
    with talking(WALLED, Walled(seccomp=False, landlock=0)) as watched:
        watched.for_s(5)
        assert watched.eye.wall == WALLED


def test_a_frame_of_a_time_to_come_counts_as_one_of_now() -> None:
    with talking(Sight(1, 2**64 - 1)) as watched:
        watched.for_s(5)
        assert max(sight.captured_ms for sight in watched.sights) <= watched.clock.monotonic_ms()


def test_an_eye_that_changes_its_mind_all_the_time_writes_a_bounded_number_of_lines(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "device.eye")
    words = (EyeOpened(("a",)), Sight(1, 1), Lost("x"), EyeOpened(("b",)), Sight(2, 2), Lost("y", covered=True))
    seconds = 600
    with talking(*words) as watched:
        watched.for_s(seconds)
    assert AT_ONCE < len(caplog.records) <= AT_ONCE + 2 * seconds / EVERY_S + 1
    left_out = [record.message for record in caplog.records if "eye-lines-left-out" in record.message]
    assert left_out


def test_what_an_eye_says_of_its_camera_is_kept_and_logged_when_it_changes(caplog: pytest.LogCaptureFixture) -> None:
    cut = replace(VIEW, sensor="", size=(1182, 664), shares=(505, 1000))
    with caplog.at_level("INFO", "device.eye"), talking(OPENED, VIEW, VIEW, Sight(1, 1), cut, Sight(2, 2)) as watched:
        watched.for_s(0.5)
        assert watched.eye.view == VIEW
        watched.for_s(0.8)
        assert watched.eye.view == cut
    told = [(record.levelname, record.getMessage()) for record in caplog.records if "opened " in record.getMessage()]
    assert told[1:] == [
        (level, f"event=camera-opened sensor={sensor} mode=2304x1296 bit_depth=10 {rest}")
        for level, sensor, rest in (
            ("INFO", "imx708", "size=1496x842 frame_rate=15 width_seen=99.9% height_seen=100%"),
            ("WARNING", "unknown", "size=1182x664 frame_rate=15 width_seen=50.5% height_seen=100%"),
        )
    ]


def test_an_eye_whose_camera_changes_all_the_time_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    views = [replace(VIEW, frame_rate=rate) for rate in range(1, 60)]
    with caplog.at_level("INFO", "device.eye"), talking(OPENED, *views, Sight(1, 1), every_ms=20) as watched:
        watched.for_s(30)
    assert 10 < caplog.text.count("event=camera-opened") <= AT_ONCE + 3
