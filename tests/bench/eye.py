"""``./setup.sh bench eye``: the gate without a sight while a killed eye does not end; its journal without a library.

The first eye sees, falls silent, and is held (`tests.support.held_process`): it is killed and cannot be reaped. What is
measured is the longest time between two sights until the next eye sees, and how long the stop takes with the old one
still there. Then a gate runs for an hour with a camera library that cannot be loaded (`tests.bench.eye_journal`).
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import threading
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from device.clock import SystemClock
from device.eye import EyeLimits, SupervisedEye
from device.eye.process import ChildProcess, start_child
from tests.bench.eye_journal import MOST_LINES, JournalResult, measure_journal
from tests.bench.progress import Progress
from tests.support.held_process import held

MOST_GAP_MS: Final = 1_000
MOST_STOP_MS: Final = 2_000

_SEES: Final = """
import ctypes, os
from device.eye.messages import EyeOpened, encode
from device.model import Sight
ctypes.CDLL(None).prctl(0x59616d61, ctypes.c_ulong(-1), 0, 0, 0)  # PR_SET_PTRACER: anybody
os.write(0, encode(EyeOpened(("zxing",))) + encode(Sight(1, 1)))
os.read(os.pipe()[0], 1)
"""
_SILENT_S: Final = 3.0
_PATIENCE_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class EyeResult:
    """The worst of the rounds.

    Attributes:
        rounds: how often.
        gap_ms: the longest time between two sights.
        stop_ms: from asking it to stop until it has.
        unended: of the eyes that were held, how many were still there when the next one saw.
    """

    rounds: int
    gap_ms: float
    stop_ms: float
    unended: int


def measure(rounds: int, silent_s: float = _SILENT_S) -> EyeResult:
    """Let it happen so often; *silent_s* is when the gate gives a silent eye up."""
    gaps, stops, unended, progress = [0.0], [0.0], 0, Progress(rounds)
    for _ in range(rounds):
        gap_ms, stop_ms, there = _once(silent_s)
        gaps.append(gap_ms)
        stops.append(stop_ms)
        unended += there
        progress.step()
    return EyeResult(rounds, max(gaps), max(stops), unended)


def _once(silent_s: float) -> tuple[float, float, bool]:
    clock, stop, processes = SystemClock(), threading.Event(), list[ChildProcess]()

    def start() -> ChildProcess:
        processes.append(start_child((sys.executable, "-c", _SEES)))
        return processes[-1]

    eye = SupervisedEye("{}", clock, EyeLimits(silent_s=silent_s), start=start)
    gap_s, asked_s, there = 0.0, 0.0, False
    with ExitStack() as holds:
        before_s = clock.monotonic_s()
        for sight in eye.sights(stop):
            now_s = clock.monotonic_s()
            gap_s, before_s = max(gap_s, now_s - before_s), now_s
            if sight.frame_seq >= 0 and len(processes) == 1:
                holds.enter_context(held(processes[0].pid))
                before_s = clock.monotonic_s()  # what holding it takes is none of the gate's
            elif sight.frame_seq >= 0:
                there = Path(f"/proc/{processes[0].pid}").exists()
                asked_s = clock.monotonic_s()
                stop.set()
        stopped_s = clock.monotonic_s() - asked_s
    for process in processes:
        process.ended(_PATIENCE_S)
        process.connection.close()
    return gap_s * 1000, stopped_s * 1000, there


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--rounds", type=int, default=5, help="how often (default 5)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Print what was measured; 0 when every goal is held."""
    logging.getLogger().addHandler(logging.NullHandler())  # that it happens is the measurement
    result, journal = measure(arguments.rounds), measure_journal()
    told = json.dumps(asdict(result) | {"journal": asdict(journal)})
    print(told if arguments.json else "\n".join([*lines(result), *journal_lines(journal)]))
    held_to = result.gap_ms <= MOST_GAP_MS and result.stop_ms <= MOST_STOP_MS and journal.lines <= MOST_LINES
    return 0 if held_to and result.unended == result.rounds else 1


def lines(result: EyeResult) -> list[str]:
    """Return the figures as a person reads them."""
    return [
        f"without a sight while a killed eye does not end: {result.gap_ms:.0f} ms at most (goal: {MOST_GAP_MS})",
        f"stop with that eye still there: {result.stop_ms:.0f} ms at most (goal: {MOST_STOP_MS})",
        f"eyes that were still there when the next one saw: {result.unended} of {result.rounds}",
    ]


def journal_lines(result: JournalResult) -> list[str]:
    """Return the figures of an hour without a library."""
    return [
        f"journal lines in an hour with a camera library that cannot be loaded: {result.lines} (goal: {MOST_LINES})",
        f"of these {result.gate_lines} of the gate and {result.eye_lines} of {result.starts} eyes",
        f"and what the gate says: {result.reason}",
    ]
