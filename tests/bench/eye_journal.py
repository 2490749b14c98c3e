"""How many lines a camera library that cannot be loaded writes into the journal: those of the gate and of its eyes.

The eyes are real processes behind their wall, whose picamera2 prints what numpy prints before it raises, and raises
what simplejpeg then does. Pauses between them are not waited for: the clock is set forward. The gate is started anew
where its recovery asks for it, as systemd would. Not counted: systemd's own lines about the eye's unit, three a start.
"""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from device.camera import CameraPlan
from device.clock import ClockReading, ClockState
from device.eye import EyeLimits, SupervisedEye
from device.eye.process import ChildProcess
from device.eye.recovery import Attempts, RecoveringEye
from device.eye.settings import EyeSettings
from tests.support.children import surroundings

MOST_LINES: Final = 200
"""Of a journal in an hour."""
HOUR_S: Final = 3600.0
_PATIENCE_S: Final = 30.0

BROKEN_PICAMERA2: Final = """
import sys
print("A module that was compiled using NumPy 1.x cannot be run in NumPy 2.2.0", file=sys.stderr)
for line in range(30):
    print(f"Traceback line {line}", file=sys.stderr)
raise ValueError(
    "numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject"
)
"""
_EYE: Final = "import sys; sys.path.insert(0, {!r}); from device.eye import child; sys.exit(child.main())"


def eye_without_library(folder: Path, source: str = BROKEN_PICAMERA2) -> list[str]:
    """Write a picamera2 into *folder*; return the command of an eye that finds it."""
    packages = folder / "dist-packages"  # of this name the wall lets an eye read
    packages.mkdir()
    (packages / "picamera2.py").write_text(source, "ascii")
    return [sys.executable, "-P", "-c", _EYE.format(str(packages))]


class LeapingClock:
    """Implements `device.clock.Clock`: a pause is over at once, and what an eye says is waited for without a clock."""

    def __init__(self) -> None:
        self.at_s = 1_000.0
        self.stop = threading.Event()

    def reading(self) -> ClockReading:
        return ClockReading("0" * 32, self.monotonic_ms(), self.monotonic_ms(), ClockState.SYNCHRONISED)

    def monotonic_s(self) -> float:
        return self.at_s

    def monotonic_ms(self) -> int:
        return round(self.at_s * 1000)

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        if until is not self.stop:
            until.wait(_PATIENCE_S)
        self.at_s += timeout_s
        return until.is_set()


class _Counting(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += 1


@dataclass(frozen=True, slots=True)
class JournalResult:
    """One hour.

    Attributes:
        starts: of an eye.
        restarts: of the gate.
        gate_lines: what the gate logged.
        eye_lines: what its eyes and their libraries printed.
        reason: what the gate says why it does not see.
    """

    starts: int
    restarts: int
    gate_lines: int
    eye_lines: int
    reason: str

    @property
    def lines(self) -> int:
        """All of them."""
        return self.gate_lines + self.eye_lines


def measure_journal(span_s: float = HOUR_S) -> JournalResult:
    """Let a gate with such a library run for so long, by its own clock."""
    counting, clock, starts, restarts, reason = _Counting(), LeapingClock(), 0, 0, ""
    logger = logging.getLogger("device")
    logger.addHandler(counting)
    try:
        with tempfile.TemporaryDirectory() as made, tempfile.TemporaryFile() as printed:
            folder = Path(made)
            command, end_s = eye_without_library(folder), clock.at_s + span_s

            def start() -> ChildProcess:
                nonlocal starts
                starts += 1
                return _started(command, printed)

            while clock.at_s < end_s:
                clock.stop = threading.Event()
                reason = _one_gate(folder, clock, end_s, start) or reason
                restarts += clock.at_s < end_s
            printed.seek(0)
            return JournalResult(starts, restarts, counting.lines, len(printed.read().splitlines()), reason)
    finally:
        logger.removeHandler(counting)


def _one_gate(folder: Path, clock: LeapingClock, end_s: float, start: object) -> str:
    loud, reason = EyeSettings(CameraPlan("picamera2")), ""
    quiet = EyeSettings(loud.camera, prints=False).to_json()
    eye = SupervisedEye(loud.to_json(), clock, EyeLimits(), start=start, quiet_settings=quiet)  # type: ignore[arg-type]
    watched = RecoveringEye(eye, Attempts(folder, clock), clock, clock.stop.set, lambda: None)
    for sight in watched.sights(clock.stop):
        reason = sight.lost or reason
        if clock.at_s >= end_s:
            clock.stop.set()
    return reason


def _started(command: list[str], printed: IO[bytes]) -> ChildProcess:
    ours, theirs = socket.socketpair()
    with theirs:
        return ChildProcess(ours, subprocess.Popen(command, stdin=theirs.fileno(), stderr=printed, env=surroundings()))
