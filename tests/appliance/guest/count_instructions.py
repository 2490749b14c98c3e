"""Runs inside the booted machine: counts what the gate's work takes, on a clock that is an instruction a nanosecond.

``count_instructions.py FOLDER`` reads what `tests.bench.pi_scene` put there and writes ``FOLDER/counted.json``, which
`tests.bench.pi` judges. What is told in nanoseconds are instructions, if ``ns_per_instruction`` is 1; on any other
machine it runs too, and counts time. Waiting is in none of the figures: the clocks of threads and processes stand still
then, and what the lamp waits for is in memory.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain as chain_of
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from device.app.service import Service
from device.camera.y4m import Y4mReader
from device.clock import SystemClock
from device.credential import recognise
from device.decoder import Cascade
from device.decoder.selftest import fit_engines
from device.decoder.tries import chain
from device.doctor.card import measure_record
from device.eye.pace import FRAMES, SIZES, WIDEST, moving_frames
from device.gate.registrar import Answer
from device.indicator.pins import GpioPins, Outputs
from device.model import Credential, Output, Verification
from device.monitor.control_socket import ask
from device.monitor.systemd import SystemdNotifier
from device.settings.load import load
from device.trust.trust_list import load_trust

if TYPE_CHECKING:
    from device.model import Luma

LOOP = 10_000_000
"""Turns of the loop that is counted by hand, two instructions each."""
LOOP_CODE = b"".join(word.to_bytes(4, "little") for word in (0xF1000400, 0x54FFFFE1, 0xD65F03C0))
"""``subs x0, x0, #1``; ``b.ne`` back to it; ``ret``."""
ROUNDS = 21
ROWS = 60
STILL = 480
"""Frames of an empty entrance that are measured: each try has its turn among them."""
SETTLED = 20
"""Frames of an empty entrance after which every try has had its turn, and only each tenth frame is looked at."""
RUN_S = 4.0
"""How long the empty gate runs until its memory is read."""


def calibrated() -> float | None:
    """Return how long one instruction of a known loop takes; ``None`` where its machine code is none."""
    if platform.machine() != "aarch64":
        return None
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(LOOP_CODE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    loop = ctypes.CFUNCTYPE(None, ctypes.c_uint64)(address)
    loop(1000)
    return timed(lambda: loop(LOOP)) / (2 * LOOP)


def timed(work: Callable[[], object]) -> int:
    """Return what *work* takes on this thread, in ns."""
    began_ns = time.thread_time_ns()
    work()
    return time.thread_time_ns() - began_ns


def median_ns(work: Callable[[], object]) -> int:
    """Return the median of some rounds, after a first that sets up what is set up once."""
    work()
    return round(statistics.median(timed(work) for _ in range(ROUNDS)))


def certificate_ns(folder: Path) -> int:
    """Verify one health certificate, from its text to the checked signature."""
    trust, text = load_trust(folder / "trust.json"), (folder / "certificate.txt").read_bytes()
    claim = recognise(text, trust)
    assert isinstance(claim, Credential)
    assert claim.verified is Verification.YES
    return median_ns(partial(recognise, text, trust))


def decoder_figures(folder: Path, scene: dict[str, Any]) -> dict[str, object]:
    """Decode every frame of the visitors' video, one after the other; and busy frames, as an eye does at its start."""
    cascade = Cascade(chain(fit_engines()[0]))
    still, moving = [], 0
    with Y4mReader(folder / "visitors.y4m") as video:
        taken = [timed(partial(cascade.decode, luma)) for luma in video.frames()]
    with Y4mReader(folder / "empty.y4m") as video:
        for luma in islice(chain_of.from_iterable(repeatedly(video)), SETTLED + STILL):
            still.append(timed(partial(cascade.decode, luma)))
            moving += cascade.moving
    there, between = ([n for first, end in scene[part] for n in range(first, end)] for part in ("there", "between"))
    size = (round(SIZES[0][0] * WIDEST) & ~1, SIZES[0][1])
    busy = [timed(partial(cascade.decode, luma)) for luma in moving_frames(size, FRAMES + 1, readable=False)]
    return {
        "somebody_ns": round(statistics.mean(taken[n] for n in there)),
        "somebody_worst_ns": max(taken[n] for n in there),
        "between_ns": round(statistics.mean(taken[n] for n in between)),
        "empty_ns": round(statistics.mean(still[SETTLED:])),
        "still_ns": round(statistics.median(still)),
        "moving_among_empty": moving,
        "busy_ns": round(statistics.mean(busy[1:])),
    }


def repeatedly(video: Y4mReader) -> Iterator[Iterator[Luma]]:
    """Yield the frames of a video again and again."""
    while True:
        yield video.frames()
        video.rewind()


def kib_of(path: Path) -> dict[str, int]:
    """Return what a file of a process counts in KiB, by name."""
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return {words[0].rstrip(":"): int(words[1]) for words in lines if words[-1] == "kB"}


def process_ns(pid: int) -> int:
    """Return the processor time of a process (clock_getcpuclockid(3))."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def eye_of(pid: int) -> int | None:
    """Return the one child of a process."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return int(found[0]) if found else None


@dataclass
class Pins:
    """Passes on to the pins, and writes down when."""

    pins: GpioPins
    states: list[tuple[int, frozenset[Output]]] = field(default_factory=list)

    def set(self, on: frozenset[Output]) -> None:
        self.pins.set(on)
        self.states.append((time.monotonic_ns(), self.pins.lit()))

    def close(self) -> None:
        self.pins.close()

    def lamp_ns(self, answer: Answer) -> int | None:
        """From the frame's capture to the lamp that answers it: green where it is granted, else red."""
        assert answer.reading is not None
        captured_ns = answer.reading.captured_ms * 1_000_000
        wanted = Output.GREEN if answer.cue == "granted" else Output.RED
        return next((at - captured_ns for at, lit in self.states if at > captured_ns and wanted in lit), None)


class Show:
    """The gate with its eye in front of the visitors' video, in this process as in the demo."""

    def __init__(self, folder: Path, scene: dict[str, Any]) -> None:
        self.scene = scene
        self.answers: list[Answer] = []
        self.samples: list[tuple[int, int, int]] = []
        self.eye_peak = 0
        self.stop = threading.Event()
        self.service = Service(
            load(folder / "show.yaml"), SystemClock(), SystemdNotifier({}), self.answers.append, self._recorded
        )

    def _recorded(self, pins: GpioPins) -> Outputs:
        self.pins = Pins(pins)
        return self.pins

    def _watch(self) -> None:
        """Sample what gate and eye have used; end the show after its last frame, or when it stands still."""
        until_s = time.monotonic() + self.scene["frames"] / self.scene["rate"] + 120
        while (seq := self.service.health.frame_seq) < self.scene["frames"] - 2 and time.monotonic() < until_s:
            if (eye := eye_of(os.getpid())) is not None:
                self.samples.append((seq, time.process_time_ns(), process_ns(eye)))
                self.eye_peak = kib_of(Path(f"/proc/{eye}/status"))["VmHWM"] * 1024
            self.stop.wait(2 / self.scene["rate"])
        self.stop.set()

    def figures(self) -> dict[str, object]:
        watching = threading.Thread(target=self._watch)
        watching.start()
        code = self.service.run(self.stop)
        watching.join()
        return {
            "exit": code,
            "visitors": [self._told(answer) for answer in self.answers],
            "still_frame_ns": self._still_frame_ns(),
            "eye_peak": self.eye_peak,
        }

    def _still_frame_ns(self) -> int:
        """Return what gate and eye use for a still frame that is not looked at: half the samples, the cheaper ones."""
        settled = [sample for sample in self.samples if sample[0] >= self.scene["empty"] + SETTLED]
        steps = [
            (gate + eye - gate_before - eye_before, seq - seq_before)
            for (seq_before, gate_before, eye_before), (seq, gate, eye) in pairwise(settled)
            if seq > seq_before
        ]
        cheap = sorted(steps, key=lambda step: step[0] / step[1])[: len(steps) // 2]
        return sum(ns for ns, _ in cheap) // sum(frames for _, frames in cheap)

    def _told(self, answer: Answer) -> dict[str, object]:
        assert answer.reading is not None
        seq = answer.reading.frame_seq
        name = next((name for name, first, end in self.scene["visitors"] if first <= seq < end), "")
        return {"name": name, "cue": answer.cue, "lamp_ns": self.pins.lamp_ns(answer), "lamp_ms": answer.lamp_ms}


@contextmanager
def ticking() -> Iterator[None]:
    """Have a timer due every 10 ms: while it waits for the host's files, the machine's clock jumps to the next one."""
    stop = threading.Event()

    def tick() -> None:
        while not stop.is_set():
            time.sleep(0.01)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def service_figures(folder: Path) -> dict[str, object]:
    """Start the service alone on an empty entrance: what gate and eye have used when it is ready, and their memory."""
    path = folder / "notify"
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(path))
        notified.settimeout(120)
        began_ns = time.monotonic_ns()
        gate = subprocess.Popen(
            [sys.executable, "-P", "-m", "device", "run", "--config", str(folder / "empty.yaml")],
            env=os.environ | {"NOTIFY_SOCKET": str(path)},
        )
        try:
            while notified.recv(4096) != b"READY=1":
                pass
            waited_ns = time.monotonic_ns() - began_ns
            eye = eye_of(gate.pid)
            assert eye is not None
            ready = process_ns(gate.pid), process_ns(eye)
            time.sleep(RUN_S)
            told: Any = ask(folder / "stores" / "empty", "status")
            kib = kib_of(Path(f"/proc/{eye}/smaps_rollup"))
        finally:
            gate.send_signal(signal.SIGTERM)
            gate.wait()
    return {
        "ready_gate_ns": ready[0],
        "ready_eye_ns": ready[1],
        "ready_clock_ns": waited_ns,
        "gate_rss": told["machine"]["gate_rss_bytes"],
        "gate_pss": told["machine"]["gate_pss_bytes"],
        "eye_rss": kib["Rss"] * 1024,
        "eye_pss": kib["Pss"] * 1024,
    }


def main(folder: Path) -> None:
    scene = json.loads((folder / "scene.json").read_text(encoding="utf-8"))

    def told(what: str) -> None:
        print(f"counted: {what}", flush=True)  # noqa: T201 - on the console

    counted: dict[str, object] = {"ns_per_instruction": calibrated()}
    told(f"an instruction of a known loop takes {counted['ns_per_instruction']} ns")
    counted["certificate_ns"] = certificate_ns(folder)
    counted["record_ns"] = round(measure_record(ROWS, folder / "stores" / "rows").wall_ms * 1_000_000)
    told("certificate and row")
    with ticking():
        service_figures(folder)  # the first time everything is read from the host, and compiled
        told("everything is read")
        counted |= service_figures(folder)
    told("start and memory")
    counted |= decoder_figures(folder, scene)
    told("frames")
    counted |= Show(folder, scene).figures()
    told("visitors")
    (folder / "counted.json").write_text(json.dumps(counted, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
