"""The gate's figures about itself, and who feeds the watchdog."""

from __future__ import annotations

import pytest

from device.model import CodeKind, Cue
from device.monitor.health import Health, percentile
from tests.support.fakes import FakeClock, FakeNotifier


def test_the_watchdog_is_fed_by_beats_at_most_once_a_second() -> None:
    clock, notifier = FakeClock(), FakeNotifier()
    health = Health(clock, notifier)
    for _ in range(45):
        health.beat()
        clock.advance(66)
    assert notifier.said.count("alive") == 3


def test_no_beat_no_food() -> None:
    clock, notifier = FakeClock(), FakeNotifier()
    Health(clock, notifier)
    clock.advance(60_000)
    assert notifier.said == []


def test_ready_is_said_once() -> None:
    notifier = FakeNotifier()
    health = Health(FakeClock(), notifier)
    health.ready()
    health.ready()
    assert notifier.said == ["ready"]


def test_answers_are_counted_by_cue_and_foreign_codes_by_kind() -> None:
    health = Health(FakeClock(), FakeNotifier())
    health.answered(Cue.GRANTED, 40, None)
    health.answered(Cue.NOT_OURS, 60, CodeKind.WIFI)
    figures = health.snapshot()
    assert figures["cues"] == {"granted": 1, "not-ours": 1}
    assert figures["not_ours"] == {"wifi": 1}
    assert (figures["lamp_ms_p50"], figures["lamp_ms_p99"]) == (40, 60)


def test_percentiles_are_by_nearest_rank() -> None:
    assert percentile([], 50) is None
    assert percentile([7], 99) == 7
    assert percentile(list(range(1, 101)), 99) == 99
    assert percentile(list(range(1, 101)), 50) == 50


def test_ignored_codes_reach_the_figures_and_the_log_once_per_change(caplog: pytest.LogCaptureFixture) -> None:
    clock, ignored = FakeClock(), dict[CodeKind, int]()
    health = Health(clock, FakeNotifier())
    caplog.set_level("INFO", "device.monitor.health")
    for counts in ({}, {CodeKind.VENUE: 1}, {CodeKind.VENUE: 1}, {CodeKind.VENUE: 1, CodeKind.LINK: 1}):
        ignored.update(counts)
        for _ in range(20):
            clock.advance(100)
            health.beat(ignored)
    assert health.snapshot()["ignored"] == {"venue": 1, "link": 1}
    assert [message.split(" reason")[0] for message in caplog.messages] == [
        "event=codes-ignored kind=venue count=1",
        "event=codes-ignored kind=link count=1",
    ]


def test_engines_that_crash_and_are_left_out_are_figures_and_logged_on_change(caplog: pytest.LogCaptureFixture) -> None:
    health = Health(FakeClock(), FakeNotifier())
    caplog.set_level("INFO", "device.monitor.health")
    health.engines_are(("zxing", "zbar"), ())
    health.engine_crashed("zbar")
    health.engine_crashed("zbar")
    health.engines_are(("zxing",), ("zbar",))
    figures = health.snapshot()
    assert figures["engine_crashes"] == {"zbar": 2}
    assert (figures["engines"], figures["engines_left_out"]) == (["zxing"], ["zbar"])
    health.engines_are(("zxing", "zbar"), ())
    assert health.snapshot()["engines_left_out"] == []
    assert caplog.messages == [
        "event=engines-changed in_use=zxing left_out=zbar",
        "event=engines-changed in_use=zxing,zbar left_out=-",
    ]


def test_the_frame_rate_is_counted_by_the_frames_own_numbers_dropped_ones_too() -> None:
    clock = FakeClock()
    health = Health(clock, FakeNotifier())
    assert health.frame_rate() == 0
    for seq in range(0, 300, 3):  # the gate took every third frame
        health.saw(seq, 1)
        clock.advance(200)
    assert health.frame_rate() == 15
    clock.advance(3_000)
    assert health.frame_rate() == 0


def test_a_camera_that_was_opened_anew_counts_from_0_and_spoils_no_rate() -> None:
    clock = FakeClock()
    health = Health(clock, FakeNotifier())
    for seq in (900, 901, 0, 1, 2):
        health.saw(seq, 1)
        clock.advance(100)
    assert health.frame_rate() == 10


class Watched:
    """A gate's health, for so long and with such a camera; frames are numbered as the sensor gives them."""

    def __init__(self, asked_fps: float | None = 15) -> None:
        self.clock = FakeClock()
        self.health = Health(self.clock, FakeNotifier())
        self.health.expect_rate(asked_fps)
        self.seq = 0

    def for_s(self, seconds: int, every_ms: int | None) -> str:
        for at_ms in range(0, seconds * 1000, 50):
            if every_ms is not None and at_ms % every_ms == 0:
                self.health.saw(self.seq, 1)
                self.seq += 1
            self.clock.advance(50)
            self.health.beat()
        return self.health.slow


def test_a_camera_that_gives_two_frames_a_second_is_measured_and_a_trouble_after_a_while() -> None:
    watched = Watched()
    assert watched.for_s(20, 500) == ""
    assert watched.health.frame_rate() == 2
    assert watched.for_s(20, 500) == "the camera gives 2 frames a second, 15 were asked"


def test_a_slow_camera_is_told_once_and_its_recovery_ends_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "device.monitor.health")
    watched = Watched()
    watched.for_s(300, 500)
    assert watched.for_s(20, 100) == ""
    assert caplog.messages[0] == "event=camera-slow fps=2.0 asked=15.0"
    assert [message.split()[0] for message in caplog.messages] == ["event=camera-slow", "event=camera-in-time"]


def test_a_camera_that_gives_a_third_of_what_was_asked_is_no_trouble() -> None:
    assert Watched(asked_fps=30).for_s(300, 100) == ""


def test_a_covered_lens_a_lost_camera_and_a_short_dip_are_not_called_slow() -> None:
    watched = Watched()
    for _ in range(10):
        watched.for_s(20, 50)
        assert watched.for_s(25, 500) == ""
        assert watched.for_s(120, None) == ""


def test_a_replay_is_as_slow_as_it_likes() -> None:
    assert Watched(asked_fps=None).for_s(300, 1000) == ""


def test_an_eye_that_invents_its_numbers_gives_no_rate_that_no_camera_has() -> None:
    clock = FakeClock()
    health = Health(clock, FakeNotifier())
    for seq in (0, 2**32 - 1):
        health.saw(seq, 1)
        clock.advance(10)
    assert health.frame_rate() == 1000


def test_what_befalls_the_eye_is_counted_by_name() -> None:
    health = Health(FakeClock(), FakeNotifier())
    health.eye_failed("the ribbon")
    health.eye_step("replaced")
    health.eye_step("replaced")
    assert health.snapshot()["eye_episodes"] == {"lost": 1, "replaced": 2}


def test_engines_of_more_names_than_there_can_be_are_counted_together() -> None:
    health = Health(FakeClock(), FakeNotifier())
    for number in range(1000):
        health.engine_crashed(f"invented-{number}")
    crashes = health.snapshot()["engine_crashes"]
    assert isinstance(crashes, dict)
    assert (len(crashes), sum(crashes.values()), crashes["others"]) == (17, 1000, 984)
