"""Start to ready, resident memory and time to stop, of the real service in its own processes.

Starts ``gate-scanner run`` on a video of an empty entrance with pretended pins and a hub that is not there,
listens on systemd's notification socket for READY, lets it run, asks it, and reads /proc.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from device.clock import Clock, SystemClock
from device.crypto.sealing import new_key_pair
from device.crypto.signing import SigningKey
from device.enrolment import document as enrolment
from device.enrolment.document import Enrolment
from device.errors import EyeGone, GateSilent
from device.monitor.control_socket import ask
from device.words import say, sentence

_SITE = """\
place: {{name: Doctor, province: Quảng Ngãi}}
camera: {{source: replay, replay: {{path: {frames}, at_end: loop}}}}
pins: {{driver: mock, green: 17, red: 27, buzzer: 18}}
store: {{folder: {store}, volatile_ok: true}}
hub: {{url: "http://127.0.0.1:9"}}
log: {{level: error}}
"""
_READY_MOST_S = 60


@dataclass(frozen=True, slots=True)
class Figures:
    """One run.

    Attributes:
        ready_ms: from starting the process to READY.
        gate_mb: proportional set size of the gate process (shared pages counted in part), 10^6 bytes.
        eye_mb: of the eye.
        gate_rss_mb: resident set size of the gate, shared pages counted whole.
        eye_rss_mb: of the eye.
        stop_ms: from SIGTERM to its end.
    """

    ready_ms: int
    gate_mb: float
    eye_mb: float
    gate_rss_mb: float
    eye_rss_mb: float
    stop_ms: int


def lines(figures: Figures) -> Iterator[str]:
    """Yield the figures as a person reads them."""
    yield say("start to ready: {count} ms", count=figures.ready_ms)
    pss, rss = (figures.gate_mb, figures.eye_mb), (figures.gate_rss_mb, figures.eye_rss_mb)
    for (gate, eye), name in ((pss, "PSS"), (rss, "RSS")):
        what = sentence("memory: gate {gate} + eye {eye} = {together} MB ({measure})")
        yield say(what, gate=round(gate), eye=round(eye), together=round(gate + eye), measure=name)
    yield say("SIGTERM to end: {count} ms", count=figures.stop_ms)


def measure(seconds: float) -> Figures:
    """Run the service once in a temporary folder, and read its memory after so many seconds.

    Raises:
        GateSilent: it does not become ready.
        EyeGone: nothing in it sees.
        OSError: there is no room for the folder (50 MB).
    """
    with tempfile.TemporaryDirectory(prefix="gate-scanner-doctor-") as folder:
        return watch(_prepare(Path(folder)), seconds)


def watch(site: Path, seconds: float) -> Figures:
    """Run a gate with this site file once; raises as `measure` does."""
    clock = SystemClock()
    socket_path, log_path = str(site.with_name("notify")), site.with_name("log")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified, log_path.open("wb") as log:
        notified.bind(socket_path)
        began_s = clock.monotonic_s()
        service = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-P", "-m", "device", "run", "--config", str(site)],
            env=os.environ | {"NOTIFY_SOCKET": socket_path},
            stderr=log,
        )
        try:
            _wait_until_ready(service, notified, clock)
            ready_ms = round((clock.monotonic_s() - began_s) * 1000)
            clock.wait(threading.Event(), seconds)
            eye = _child_of(service.pid, clock)
            memory = [*_memory_of_gate(site.with_name("store")), *_memory(eye)]
        except GateSilent as silence:
            said = log_path.read_text(encoding="utf-8", errors="backslashreplace").splitlines()
            raise GateSilent("; ".join([str(silence), *said])) from silence
        finally:
            stopped_s = clock.monotonic_s()
            service.send_signal(signal.SIGTERM)
            service.wait()
    stop_ms = round((clock.monotonic_s() - stopped_s) * 1000)
    return Figures(ready_ms, memory[0], memory[2], memory[1], memory[3], stop_ms)


def _wait_until_ready(service: subprocess.Popen[bytes], notified: socket.socket, clock: Clock) -> None:
    notified.settimeout(0.2)
    until_s = clock.monotonic_s() + _READY_MOST_S
    while service.poll() is None:
        with suppress(TimeoutError):
            if notified.recv(4096) == b"READY=1":
                return
        if clock.monotonic_s() > until_s:
            raise GateSilent(say("the service was not ready within {count} s", count=_READY_MOST_S))
    raise GateSilent(say("the service ended with {code} before it was ready", code=service.returncode))


def _prepare(folder: Path) -> Path:
    """Write an enrolment, frames of an entrance where nobody comes, and the site file; return its path."""
    store = folder / "store"
    store.mkdir()
    key, _ = new_key_pair()
    enrolment.write(store / "enrolment.json", Enrolment("doctor-0001", SigningKey.new(), "", bytes(32), (key,)))
    noise = np.random.default_rng(1)
    frames = folder / "frames.y4m"
    with frames.open("wb") as video:
        video.write(b"YUV4MPEG2 W1296 H972 F15:1 Cmono\n")
        for _ in range(30):
            video.write(b"FRAME\n" + noise.normal(110, 4, (972, 1296)).clip(0, 255).astype(np.uint8).tobytes())
    site = folder / "site.yaml"
    site.write_text(_SITE.format(frames=json.dumps(str(frames)), store=json.dumps(str(store))), encoding="utf-8")
    return site


def _child_of(pid: int, clock: Clock) -> int:
    """Return the one child of a process: the eye, which is being started anew at times on a busy machine.

    Raises `EyeGone` when there is none within the time a start may take.
    """
    children, never = Path(f"/proc/{pid}/task/{pid}/children"), threading.Event()
    until_s = clock.monotonic_s() + _READY_MOST_S
    while not (found := children.read_text(encoding="ascii").split()):
        if clock.wait(never, 0.05) or clock.monotonic_s() > until_s:
            raise EyeGone(say("the service had no eye for {count} s", count=_READY_MOST_S))
    return int(found[0])


def _memory_of_gate(store: Path) -> tuple[float, float]:
    """Return the same of the gate, as it says itself: it is not dumpable, and only root could look."""
    told: Any = ask(store, "status")
    return told["machine"]["gate_pss_bytes"] / 1e6, told["machine"]["gate_rss_bytes"] / 1e6


def _memory(pid: int) -> tuple[float, float]:
    """Return PSS and RSS of a process in 10^6 bytes."""
    fields = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    )
    return tuple(int(fields[name].split()[0]) * 1024 / 1e6 for name in ("Pss", "Rss"))  # type: ignore[return-value]
