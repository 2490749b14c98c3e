"""The eye that crashes, hangs, lies or dies is replaced, and the gate is told meanwhile."""

from __future__ import annotations

import logging
import os
import select
import signal
import subprocess
import sys
import threading
from functools import partial
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from device.camera import CameraPlan
from device.clock import SystemClock
from device.eye import EyeLimits, EyeReports, SupervisedEye
from device.eye.engine_breaker import LEFT_OUT_S
from device.eye.process import EyeProcess, StartEye, start_child
from device.model import EYE_STARTING, Sight
from tests.support.fakes import FakeClock

PREAMBLE = """
import os, sys
from device.eye.messages import encode, EyeOpened, Lost, Ended
from device.model import Sight
settings = sys.stdin.readline()
def tell(m): os.write(0, encode(m))
def wait(): os.read(os.pipe()[0], 1)
"""


class Heard(EyeReports):
    """Keeps what is told."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        self.steps: list[str] = []
        self.crashes: list[str] = []
        self.ran: list[tuple[tuple[str, ...], tuple[str, ...]]] = []

    def failed(self, reason: str) -> None:
        self.failures.append(reason)

    def step(self, step: str) -> None:
        self.steps.append(step)

    def crashed(self, engine: str) -> None:
        self.crashes.append(engine)

    def engines(self, in_use: tuple[str, ...], left_out: tuple[str, ...]) -> None:
        self.ran.append((in_use, left_out))


def eye(script: str, heard: EyeReports | None = None, settings: str = "") -> SupervisedEye:
    start = child_of(PREAMBLE + script)
    return SupervisedEye(settings, SystemClock(), EyeLimits(), start=start, reports=heard or EyeReports(), may_end=True)


def child_of(script: str) -> StartEye:
    return partial(start_child, (sys.executable, "-c", script))


def first(watched: SupervisedEye, count: int, *, real: bool = False) -> list[Sight]:
    """The first sights that are not merely the eye starting."""
    stop = threading.Event()
    wanted = (s for s in watched.sights(stop) if s.lost != EYE_STARTING and (s.frame_seq >= 0 or s.lost or s.ended))
    found = list(islice(wanted, count))
    stop.set()
    return found


def test_sights_of_the_child_arrive_in_order() -> None:
    sights = first(eye("tell(EyeOpened(('zxing',))); tell(Sight(3, 100)); tell(Ended())"), 2)
    assert [s.frame_seq for s in sights] == [3, -1]
    assert sights[-1].ended


def test_after_a_slow_answer_only_the_newest_sight_counts() -> None:
    watched = eye("tell(EyeOpened(('z',)));\nfor n in range(500): tell(Sight(n, n))\ntell(Lost('end')); wait()")
    stop = threading.Event()
    seen: list[Sight] = []
    for sight in watched.sights(stop):
        seen.append(sight)
        if sight.lost == "end":
            stop.set()
    newest = [s.frame_seq for s in seen if s.frame_seq >= 0]
    assert newest == sorted(newest)
    assert newest[-1] == 499


def test_a_child_that_dies_is_started_again_and_told_once() -> None:
    heard = Heard()
    sights = first(eye("tell(EyeOpened(('z',))); tell(Sight(1, 1)); sys.exit(3)", heard), 4)
    assert [s.frame_seq for s in sights if s.lost is None] == [1, 1]
    assert heard.failures[0] == "the eye ended"


def test_a_child_that_talks_nonsense_is_replaced() -> None:
    heard = Heard()
    (lost,) = first(eye("os.write(0, b'GIF89a and more'); wait()", heard), 1)
    assert lost.lost is not None
    assert "impossible length" in lost.lost
    assert len(heard.failures) == 1


def test_a_silent_child_is_killed_after_its_deadline_and_started_again() -> None:
    clock = FakeClock()
    heard = Heard()
    silent = SupervisedEye(
        "",
        clock,
        EyeLimits(silent_s=3, start_s=15),
        start=child_of("import os; os.read(os.pipe()[0], 1)"),
        reports=heard,
    )
    stop = threading.Event()
    began = clock.monotonic_s()
    pids = set()
    for _sight in silent.sights(stop):
        pids |= {silent.pid} - {None}
        if clock.monotonic_s() - began > 40:
            stop.set()
    assert len(pids) == 3
    assert heard.failures == ["the eye was silent for 15 s"]  # one failure that lasts is one episode


def test_while_the_eye_starts_the_gate_hears_so_at_least_once_a_second() -> None:
    clock = FakeClock()
    slow = SupervisedEye("", clock, EyeLimits(start_s=15), start=child_of("import os; os.read(os.pipe()[0], 1)"))
    stop = threading.Event()
    times = []
    for sight in islice(slow.sights(stop), 6):
        assert sight.lost == EYE_STARTING
        times.append(clock.monotonic_s())
    stop.set()
    assert all(later - earlier <= 1 for earlier, later in pairwise(times))


class EveningClock(FakeClock):
    """Stands still until the test lets time pass; waiting for the child's words is waiting."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self.stop = stop

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        return until.is_set() if until is self.stop else until.wait(60)


BOMB = """
import os, sys
from device.eye import child

def zxing():
    from device.decoder.engines import Zxing
    return Zxing()

class Bomb:
    name = "zbar"
    def read(self, luma):
        from device.decoder.engines import Zbar
        found = Zbar().read(luma)
        if not found.symbols:  # the self-test picture it still reads
            os.abort()
        return found

sys.exit(child.main((("zxing", zxing), ("zbar", Bomb))))
"""


class Evening:
    """A real child whose libzbar aborts on what the camera shows, and what the gate hears of it."""

    def __init__(self, folder: Path, script: str = BOMB) -> None:
        chance = np.random.default_rng(1)
        blocks = chance.integers(0, 2, (24, 32), dtype=np.uint8).repeat(20, 0).repeat(20, 1) * 200
        Image.fromarray(blocks).save(folder / "hostile.png")
        plan = CameraPlan(
            source="replay", width=640, height=480, replay_path=str(folder / "hostile.png"), frame_rate=30
        )
        self.stop = threading.Event()
        self.clock = EveningClock(self.stop)
        self.heard = Heard()
        self.eye = SupervisedEye(
            plan.to_json(),
            self.clock,
            EyeLimits(),
            start=child_of(script),
            reports=self.heard,
        )
        self.sights = self.eye.sights(self.stop)

    def end(self) -> None:
        """Stop, and see the child out."""
        self.stop.set()
        list(self.sights)

    def until_crash(self) -> str:
        """Watch until the eye dies; the reason."""
        return next(s.lost for s in self.sights if s.lost and s.lost != EYE_STARTING)

    def until_frame(self, seq: int) -> None:
        """Watch until one child has lived so many frames long."""
        next(s for s in self.sights if s.frame_seq >= seq)


def test_an_engine_that_crashes_the_eye_costs_one_respawn_and_is_named(tmp_path: Path) -> None:
    evening = Evening(tmp_path)
    assert evening.until_crash() == "the eye ended while zbar was running"
    assert evening.heard.crashes == ["zbar"]
    evening.until_frame(0)
    assert evening.heard.ran == [(("zxing", "zbar"), ())]
    evening.end()


def test_after_two_crashes_within_a_minute_the_engine_is_left_out_for_ten(tmp_path: Path) -> None:
    evening = Evening(tmp_path)
    evening.until_crash()
    evening.clock.advance(59_000)
    evening.until_crash()
    evening.until_frame(60)  # every try has had its turn many times: it lives
    assert evening.heard.crashes == ["zbar", "zbar"]
    assert evening.heard.ran == [(("zxing", "zbar"), ()), (("zxing",), ("zbar",))]
    evening.end()


def test_an_engine_left_out_is_tried_again_by_the_next_child_after_ten_minutes(tmp_path: Path) -> None:
    evening = Evening(tmp_path)
    evening.until_crash()
    evening.until_crash()
    evening.until_frame(5)
    evening.clock.advance(round(LEFT_OUT_S * 1000))
    assert evening.eye.pid is not None
    os.kill(evening.eye.pid, signal.SIGKILL)
    evening.until_crash()
    assert evening.until_crash() == "the eye ended while zbar was running"
    assert evening.heard.ran[-1] == (("zxing", "zbar"), ())
    evening.end()


def test_two_crashes_more_than_a_minute_apart_leave_nobody_out(tmp_path: Path) -> None:
    evening = Evening(tmp_path)
    evening.until_crash()
    evening.clock.advance(61_000)
    evening.until_crash()
    evening.until_frame(0)
    assert evening.heard.ran == [(("zxing", "zbar"), ())]
    evening.end()


def test_the_last_engine_is_never_left_out(tmp_path: Path) -> None:
    alone = BOMB.replace('(("zxing", zxing), ("zbar", Bomb))', '(("zbar", Bomb),)')
    evening = Evening(tmp_path, alone)
    for _ in range(3):
        evening.until_crash()
    assert evening.heard.crashes == ["zbar"] * 3
    assert evening.heard.ran == [(("zbar",), ())]
    evening.end()


def test_a_lost_camera_is_a_state_and_the_child_stays() -> None:
    watched = eye("tell(Lost('ribbon')); tell(EyeOpened(('z',))); tell(Sight(9, 9)); wait()")
    sights = first(watched, 2)
    assert [s.lost for s in sights] == ["ribbon", None]


def test_a_camera_that_opens_again_is_lost_until_a_frame_really_comes() -> None:
    watched = eye("tell(EyeOpened(('z',))); tell(Sight(1, 1)); tell(Lost('ribbon')); tell(EyeOpened(('z',))); wait()")
    stop = threading.Event()
    told = []
    for sight in watched.sights(stop):
        told.append(sight.lost)
        if told.count("ribbon") == 3:
            stop.set()
    assert told[told.index("ribbon") :] == ["ribbon"] * 3


@pytest.mark.parametrize("end", ["sys.exit(1)", "os.abort()", "wait()"])
def test_what_an_eye_told_is_not_hidden_by_its_end_or_silence_or_by_a_next_one_that_is_dumb(end: str) -> None:
    clock, stop, heard = PatientClock(), threading.Event(), Heard()
    clock.step_ms = 1  # until it has spoken, however long its start takes
    script = f"tell(EyeOpened(('z',))); tell(Sight(1, 1)); tell(Lost('ribbon')); {end}"
    dumb = "import os; os.read(os.pipe()[0], 1)"
    starts = iter([child_of(PREAMBLE + script), child_of(dumb), child_of(dumb)])

    def start() -> EyeProcess:
        return next(starts, child_of(dumb))()

    watched = SupervisedEye("", clock, EyeLimits(), start=start, reports=heard)
    reasons, pids = list[str | None](), set[int | None]()
    for sight in watched.sights(stop):
        pids.add(watched.pid)
        reasons.append(sight.lost)
        clock.step_ms = 1000 if "ribbon" in reasons else 1
        if len(pids - {None}) == 3:
            stop.set()
    assert set(reasons[reasons.index("ribbon") :]) == {"ribbon"}
    assert heard.failures == ["ribbon"]


def test_an_eye_that_sees_again_makes_its_end_a_failure_of_its_own() -> None:
    clock, stop, reasons = PatientClock(), threading.Event(), list[str | None]()
    start = child_of(PREAMBLE + "tell(Lost('ribbon')); tell(EyeOpened(('z',))); tell(Sight(1, 1)); sys.exit(1)")
    for sight in SupervisedEye("", clock, EyeLimits(), start=start).sights(stop):
        reasons.append(sight.lost)
        if sight.lost == "the eye ended":
            stop.set()
    assert "ribbon" in reasons


class PatientClock(FakeClock):
    """Waits for the child's words, and counts each wait as a second, or as *step_ms*."""

    step_ms = 1000

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        self.advance(self.step_ms)
        return until.wait(0.05)


def steps_of(script: str, seconds: int) -> tuple[int, list[str], list[str]]:
    """Watch for so long; return how many processes there were, the failures, and what was done."""
    clock, stop, heard = PatientClock(), threading.Event(), Heard()
    limits = EyeLimits(silent_s=1000, start_s=1000, replace_s=30)
    watched = SupervisedEye("", clock, limits, start=child_of(PREAMBLE + script), reports=heard)
    began_s, pids = clock.monotonic_s(), set()
    for _ in watched.sights(stop):
        pids |= {watched.pid} - {None}
        if clock.monotonic_s() - began_s > seconds:
            stop.set()
    return len(pids), heard.failures, heard.steps


SAY_AGAIN = "\nwhile True:\n    tell(Lost('ribbon', covered={})); time.sleep(0.01)"


def test_a_child_that_opens_its_camera_in_vain_is_replaced_and_it_is_one_failure() -> None:
    processes, episodes, steps = steps_of("import time" + SAY_AGAIN.format("False"), 70)
    assert processes >= 2
    assert episodes == ["ribbon"]
    assert steps == ["reopened", *["replaced"] * (processes - 1)]


def test_a_covered_lens_gets_no_new_process() -> None:
    assert steps_of("import time" + SAY_AGAIN.format("True"), 70) == (1, ["ribbon"], ["covered"])


def test_a_failure_is_told_when_it_begins_is_met_and_ends_and_not_in_between(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "device.eye.parent")
    script = "for _ in range(9): tell(Lost('ribbon')); tell(EyeOpened(('z',)))\ntell(Sight(1, 1)); wait()"
    assert [s.lost for s in first(eye(script), 10)][-1] is None
    told = [record.message.split(" engines")[0].split(" lost_s")[0] for record in caplog.records]
    assert told == ["event=eye-lost reason='ribbon'", "event=eye-opened", "event=eye-sees-again"]


def test_stopping_ends_the_child() -> None:
    watched = eye("tell(EyeOpened(('z',))); tell(Sight(1, 1)); wait()")
    stop = threading.Event()
    pid = None
    for sight in watched.sights(stop):
        if sight.frame_seq == 1:
            pid = watched.pid
            stop.set()
    assert pid is not None
    assert not Path(f"/proc/{pid}").exists()


def test_the_eye_dies_with_a_gate_that_is_killed(tmp_path: Path) -> None:
    plan = CameraPlan(source="replay", replay_path=str(tmp_path / "none"))
    gate = f"""
import threading
from device.clock import SystemClock
from device.eye import SupervisedEye, EyeLimits, EyeReports
from device.eye.engine_breaker import LEFT_OUT_S
watched = SupervisedEye({plan.to_json()!r}, SystemClock(), EyeLimits())
for sight in watched.sights(threading.Event()):
    if sight.lost and sight.lost != "starting":
        print(watched.pid, flush=True)
"""
    with subprocess.Popen(
        [sys.executable, "-c", gate], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        watch = os.pidfd_open(child)
        parent.kill()
    readable, _, _ = select.select([watch], [], [], 10)  # a pidfd becomes readable when its process has ended
    os.close(watch)
    assert readable
