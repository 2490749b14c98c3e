"""``./setup.sh bench wall``: what the wall round the eye costs, and what code inside reaches in spite of it.

Eyes with the wall and without take turns, so that a machine that is busy is busy for both. Time from starting the
process to its first frame; processor time of a frame (a code so noisy that every engine has its turn).
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import segno

from device.camera import CameraPlan
from device.clock import Clock, SystemClock
from device.errors import EyeGone
from device.eye.connection import EyeConnection
from device.eye.process import start_child
from device.eye.settings import EyeSettings
from device.eye.wall import WallPlan
from device.model import Sight
from tests.bench.progress import Progress
from tests.support.attacked_gate import attacked
from tests.support.hostile_eye import picture, run_hostile_eye
from tests.support.inside_the_eye import ATTEMPTS, NINE

MOST_START_MS: Final = 50
MOST_FRAME: Final = 1.02
_PATIENCE_S: Final = 60.0
_HEIGHT, _WIDTH = 972, 1296

_WITH: Final = "import sys; from device.eye.child import main; sys.exit(main())"
_WITHOUT: Final = """
import sys
from device.eye.child import main
from device.eye.messages import Walled
sys.exit(main(build=lambda *_: Walled(seccomp=False, landlock=0)))
"""


@dataclass(frozen=True, slots=True)
class WallResult:
    """Medians over the rounds.

    Attributes:
        rounds: eyes started of each kind.
        frames: looked at by each.
        start_ms: from starting the process to its first frame, with the wall.
        start_without_ms: without.
        frame_us: processor time of the eye's main thread for a frame, with the wall.
        frame_without_us: without.
        reached: attempts of `tests.support.inside_the_eye` that came through, by name.
        reached_of_nine: of those that would cost a check-in, a key or the door.
    """

    rounds: int
    frames: int
    start_ms: float
    start_without_ms: float
    frame_us: float
    frame_without_us: float
    reached: tuple[str, ...]
    reached_of_nine: int


def measure(rounds: int, frames: int, folder: Path) -> WallResult:
    """Let eyes of both kinds take turns; raises `EyeGone` when one does not see."""
    clock, plan = SystemClock(), _hard(folder)
    starts: dict[str, list[float]] = {_WITH: [], _WITHOUT: []}
    decoded: dict[str, list[float]] = {_WITH: [], _WITHOUT: []}
    progress = Progress(2 * rounds)
    for turn in range(rounds):
        for script in (_WITH, _WITHOUT) if turn % 2 else (_WITHOUT, _WITH):
            began_s = clock.monotonic_s()
            process = start_child((sys.executable, "-P", "-c", script))
            with EyeConnection(process, EyeSettings(plan).to_json(), "") as child:
                seen = _sights(child, clock)
                next(seen)
                starts[script].append((clock.monotonic_s() - began_s) * 1000)
                decoded[script].append(_frame_us(process.pid, seen, frames))
            child.ended(_PATIENCE_S)
            progress.step()
    with attacked(folder / "attacked") as gate:
        wall = WallPlan(hidden=(gate.store, gate.runtime))
        outcomes, _ = run_hostile_eye(EyeSettings(picture(folder / "picture"), wall), gate)
    if set(outcomes) != set(ATTEMPTS):
        raise EyeGone("the eye did not try everything")
    reached = tuple(name for name, line in outcomes.items() if line["reached"])
    start_ms, start_without_ms = (statistics.median(starts[script]) for script in (_WITH, _WITHOUT))
    frame_us, frame_without_us = (statistics.median(decoded[script]) for script in (_WITH, _WITHOUT))
    nine = len(NINE.keys() & set(reached))
    return WallResult(rounds, frames, start_ms, start_without_ms, frame_us, frame_without_us, reached, nine)


def _sights(child: EyeConnection, clock: Clock) -> Iterator[Sight]:
    until_s = clock.monotonic_s() + _PATIENCE_S
    while clock.monotonic_s() < until_s:
        clock.wait(child.news, 1.0)
        message, gone = child.take()
        if isinstance(message, Sight):
            yield message
        elif gone and message is None:
            raise EyeGone(gone)
    raise EyeGone(f"no frame for {_PATIENCE_S:g} s")


def _frame_us(pid: int, seen: Iterator[Sight], frames: int) -> float:
    """Return the processor time of a frame: what a busy machine does meanwhile is not in it."""

    def spent_ns() -> int:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0])  # proc(5)

    before_ns, first = spent_ns(), next(seen).frame_seq
    *_, last = itertools.islice(seen, frames)
    return (spent_ns() - before_ns) / 1000 / (last.frame_seq - first)


def _hard(folder: Path) -> CameraPlan:
    """Make a code in front of the camera that noise hides from most tries."""
    chance = np.random.default_rng(1)
    modules = np.array([list(row) for row in segno.make("wall" * 20, error="L", micro=False).matrix], dtype=np.uint8)
    code = (1 - modules).repeat(5, 0).repeat(5, 1) * 120.0
    plane = np.full((_HEIGHT, _WIDTH), 150.0)
    plane[300 : 300 + code.shape[0], 400 : 400 + code.shape[1]] = 60 + code
    with (folder / "hard.y4m").open("wb") as video:
        video.write(f"YUV4MPEG2 W{_WIDTH} H{_HEIGHT} F15:1 Cmono\n".encode())
        for _ in range(8):
            noisy = plane + chance.normal(0, 55, plane.shape)
            video.write(b"FRAME\n" + noisy.clip(0, 255).astype(np.uint8).tobytes())
    return CameraPlan("replay", frame_rate=30, replay_path=str(folder / "hard.y4m"), at_end="loop")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--rounds", type=int, default=15, help="eyes started of each kind (default 15)")
    parser.add_argument("--frames", type=int, default=60, help="that each looks at (default 60)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Print what was measured; 0 when nothing was reached."""
    with tempfile.TemporaryDirectory(prefix="bench-wall-") as folder:
        result = measure(arguments.rounds, arguments.frames, Path(folder))
    print(json.dumps(asdict(result)) if arguments.json else "\n".join(lines(result)))
    return 1 if result.reached else 0


def lines(result: WallResult) -> Iterator[str]:
    """Yield the figures as a person reads them."""
    more_ms = result.start_ms - result.start_without_ms
    with_ms, without_ms = result.frame_us / 1000, result.frame_without_us / 1000
    every = f"{len(result.reached)} of {len(ATTEMPTS)}"
    yield (
        f"start to the first frame: {result.start_ms:.0f} ms with the wall, {result.start_without_ms:.0f} without: "
        f"{more_ms:+.0f} ms (goal: at most {MOST_START_MS})"
    )
    yield (
        f"processor time of a frame: {with_ms:.2f} ms with the wall, {without_ms:.2f} without: "
        f"ratio {with_ms / without_ms:.3f} (goal: at most {MOST_FRAME})"
    )
    yield f"reached by code inside: {result.reached_of_nine} of {len(NINE)}; of everything that was tried, {every}"
