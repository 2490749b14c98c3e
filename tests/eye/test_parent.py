"""The eye that crashes, hangs, lies or dies is replaced, and the gate is told meanwhile."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
from itertools import islice, pairwise
from pathlib import Path

from device.camera import CameraPlan
from device.clock import SystemClock
from device.eye import ChildEye, EyeLimits
from device.model import EYE_STARTING, Sight
from tests.fakes import FakeClock

PREAMBLE = """
import os, sys
from device.eye.messages import encode, Opened, Lost, Ended
from device.model import Sight
pipe = int(sys.argv[1]); settings = sys.stdin.readline()
def tell(m): os.write(pipe, encode(m))
def wait(): os.read(os.pipe()[0], 1)
"""


def eye(script: str, episodes: list[str] | None = None, settings: str = "") -> ChildEye:
    command = (sys.executable, "-c", PREAMBLE + script)
    report = episodes.append if episodes is not None else lambda _reason: None
    return ChildEye(settings, SystemClock(), EyeLimits(), command=command, on_episode=report)


def first(watched: ChildEye, count: int, *, real: bool = False) -> list[Sight]:
    """The first sights that are not merely the eye starting."""
    stop = threading.Event()
    wanted = (s for s in watched.sights(stop) if s.lost != EYE_STARTING and (s.frame_seq >= 0 or s.lost or s.ended))
    found = list(islice(wanted, count))
    stop.set()
    return found


def test_sights_of_the_child_arrive_in_order() -> None:
    sights = first(eye("tell(Opened(('zxing',))); tell(Sight(3, 100)); tell(Ended())"), 2)
    assert [s.frame_seq for s in sights] == [3, -1]
    assert sights[-1].ended


def test_after_a_slow_answer_only_the_newest_sight_counts() -> None:
    watched = eye("tell(Opened(('z',)));\nfor n in range(500): tell(Sight(n, n))\ntell(Lost('end')); wait()")
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
    episodes: list[str] = []
    sights = first(eye("tell(Opened(('z',))); tell(Sight(1, 1)); sys.exit(3)", episodes), 4)
    assert [s.frame_seq for s in sights if s.lost is None] == [1, 1]
    assert episodes[0] == "the eye ended"


def test_a_child_that_talks_nonsense_is_replaced() -> None:
    episodes: list[str] = []
    (lost,) = first(eye("os.write(pipe, b'GIF89a and more'); wait()", episodes), 1)
    assert lost.lost is not None
    assert "impossible length" in lost.lost
    assert len(episodes) == 1


def test_a_silent_child_is_killed_after_its_deadline_and_started_again() -> None:
    clock = FakeClock()
    episodes: list[str] = []
    silent = ChildEye(
        "",
        clock,
        EyeLimits(silent_s=3, start_s=15),
        command=(sys.executable, "-c", "import os; os.read(os.pipe()[0], 1)"),
        on_episode=episodes.append,
    )
    stop = threading.Event()
    began = clock.monotonic_s()
    pids = set()
    for _sight in silent.sights(stop):
        pids.add(silent.pid)
        if clock.monotonic_s() - began > 40:
            stop.set()
    assert len(pids) == 3
    assert episodes == ["the eye was silent for 15 s"]  # one failure that lasts is one episode


def test_while_the_eye_starts_the_gate_hears_so_at_least_once_a_second() -> None:
    clock = FakeClock()
    slow = ChildEye("", clock, EyeLimits(start_s=15), command=(sys.executable, "-c", "import os; os.read(0, 1)"))
    stop = threading.Event()
    times = []
    for sight in islice(slow.sights(stop), 6):
        assert sight.lost == EYE_STARTING
        times.append(clock.monotonic_s())
    stop.set()
    assert all(later - earlier <= 1 for earlier, later in pairwise(times))


def test_a_lost_camera_is_a_state_and_the_child_stays() -> None:
    watched = eye("tell(Lost('ribbon')); tell(Opened(('z',))); tell(Sight(9, 9)); wait()")
    sights = first(watched, 2)
    assert [s.lost for s in sights] == ["ribbon", None]


def test_stopping_ends_the_child() -> None:
    watched = eye("tell(Opened(('z',))); tell(Sight(1, 1)); wait()")
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
from device.eye import ChildEye, EyeLimits
watched = ChildEye({plan.to_json()!r}, SystemClock(), EyeLimits())
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
