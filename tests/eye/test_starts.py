"""Eyes that cannot be ended or do not live: the gate goes on, and no start follows another at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise

import pytest

from device.eye import EyeLimits, EyeReports, SupervisedEye
from device.eye.messages import EyeOpened, encode
from device.eye.starts import LATER_PAUSE_S, MOST_LEFT, MOST_PAUSE_S, SHORT_LIVES, Starts
from device.model import Sight
from tests.support.fake_eye import FakeStarts
from tests.support.fakes import FakeClock


class Steps(EyeReports):
    """Counts what was done."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def step(self, step: str) -> None:
        self.done.append(step)


class Watch:
    """A supervised eye whose processes are a test's, on a clock of the test's."""

    def __init__(self, starts: FakeStarts, limits: EyeLimits, clock: FakeClock) -> None:
        self.clock, self.stop, self.starts, self.steps = clock, threading.Event(), starts, Steps()
        self.eye = SupervisedEye("{}", self.clock, limits, start=starts, reports=self.steps)
        self.times_s: list[float] = []
        self.reasons: list[str | None] = []
        self._sights = self.eye.sights(self.stop)

    def for_s(self, seconds: float) -> None:
        """Watch for so long."""
        until_s = self.clock.monotonic_s() + seconds
        for sight in self._sights:
            self._take(sight)
            if self.clock.monotonic_s() >= until_s:
                return

    def end(self) -> None:
        """Stop it, and see it out."""
        self.stop.set()
        for sight in self._sights:
            self._take(sight)

    def _take(self, sight: Sight) -> None:
        self.times_s.append(self.clock.monotonic_s())
        self.reasons.append(sight.lost)


class ListeningClock(FakeClock):
    """Lets what is said arrive while time passes."""

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        until.wait(0.05)
        return super().wait(until, timeout_s)


@pytest.fixture
def stuck() -> Iterator[Watch]:
    """Eyes that fall silent and that nobody can end."""
    watch = Watch(FakeStarts(), EyeLimits(start_s=15), FakeClock())
    yield watch
    for eye in watch.starts.eyes:
        eye.ends = True
    watch.end()
    for eye in watch.starts.eyes:
        eye.own.close()
        eye.connection.close()


def test_there_is_a_sight_at_least_once_a_second_while_no_eye_can_be_ended(stuck: Watch) -> None:
    stuck.for_s(300)
    assert max(later - earlier for earlier, later in pairwise(stuck.times_s)) <= 1


def test_beside_three_eyes_that_do_not_end_no_other_is_started_and_the_reason_says_so(stuck: Watch) -> None:
    stuck.for_s(300)
    assert (stuck.starts.tried, MOST_LEFT) == (3, 3)
    assert stuck.reasons[-1] == stuck.eye.lost
    assert stuck.eye.lost == (
        "the eye was silent for 15 s; 3 eyes that were killed have not ended (process 4001, process 4002, process 4003)"
    )
    assert all(eye.killed for eye in stuck.starts.eyes)
    assert stuck.steps.done.count("left") == 2


def test_when_one_of_them_ends_another_eye_is_started(stuck: Watch) -> None:
    stuck.for_s(300)
    stuck.starts.eyes[1].ends = True
    stuck.for_s(1)
    assert stuck.starts.tried == 4
    assert str(stuck.eye.lost).endswith("2 eyes that were killed have not ended (process 4001, process 4003)")


def test_the_stop_waits_for_all_of_them_a_second_and_no_longer(stuck: Watch) -> None:
    stuck.for_s(300)
    stuck.end()
    assert sum(eye.waited_s for eye in stuck.starts.eyes) == 1.0


def test_an_eye_that_sees_is_not_held_against_one_before_it_that_has_not_ended() -> None:
    watch = Watch(FakeStarts(), EyeLimits(start_s=15), ListeningClock())
    watch.for_s(17)
    first, second = watch.starts.eyes
    second.own.sendall(encode(EyeOpened(("zxing",))) + encode(Sight(1, 1)))
    watch.for_s(2)
    assert watch.eye.alive
    first.ends = second.ends = True
    watch.end()
    second.own.close()


def test_what_cannot_be_started_is_tried_five_times_in_15_seconds_and_then_every_30() -> None:
    watch = Watch(FakeStarts(fails="no socket"), EyeLimits(start_s=MOST_PAUSE_S), FakeClock())
    watch.for_s(15)
    assert watch.starts.tried == 5
    watch.for_s(285)
    assert watch.starts.tried == 15
    assert set(watch.reasons) == {"no socket"}
    assert max(later - earlier for earlier, later in pairwise(watch.times_s)) <= 1
    watch.starts.fails = ""
    watch.starts.ends = True
    watch.for_s(MOST_PAUSE_S)
    assert len(watch.starts.eyes) == 1
    watch.end()


def test_the_pause_begins_anew_after_an_eye_that_opened_its_camera_or_lived_long() -> None:
    starts, pauses = Starts(), []
    for well in (False, False, False, True, False, False):
        starts.over(None, well=well)
        pauses.append(starts.pause_s)
    assert pauses == [0.5, 1, 2, 0.5, 1, 2]
    for _ in range(10):
        starts.over(None, well=False)
    assert starts.pause_s == MOST_PAUSE_S


def test_eyes_that_open_their_camera_and_die_young_for_ever_are_started_ever_more_slowly() -> None:
    starts, pauses = Starts(), []
    for _ in range(SHORT_LIVES + 4):
        starts.over(None, well=True, lived=False)
        pauses.append(starts.pause_s)
    assert pauses == [0.5] * SHORT_LIVES + [1, 2, 4, 8]
    starts.over(None, well=True, lived=True)
    starts.over(None, well=True, lived=False)
    assert starts.pause_s == 0.5


def test_after_ten_minutes_without_one_that_lived_the_starts_are_two_minutes_apart() -> None:
    starts, at_s = Starts(), 0.0
    while starts.pause_s <= MOST_PAUSE_S:
        starts.over(None, well=False)
        at_s += starts.pause_s
    assert at_s == pytest.approx(600, abs=60)
    for _ in range(1000):
        starts.over(None, well=False)
    assert starts.pause_s == LATER_PAUSE_S
    starts.over(None, well=True)
    starts.over(None, well=False)
    assert starts.pause_s == 1
