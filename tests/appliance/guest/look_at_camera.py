"""Runs inside the Debian tree: the gate's own camera, eye and service on real picamera2 and real libcamera.

Writes what it saw to ``/beside/camera.json``; `tests/appliance/test_camera_on_libcamera.py` judges it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

from device.camera import CameraPlan
from device.camera.pi import PiCamera
from device.clock import SystemClock
from device.errors import GateScannerError
from device.eye import EyeLimits, SupervisedEye
from device.model import EYE_STARTING
from device.monitor.control_socket import ask

PLAN = CameraPlan("picamera2")
NO_CAMERA = {"LIBCAMERA_PIPELINES_MATCH_LIST": "none"}
LIMITS = EyeLimits(start_s=30)


def complaint(call: Callable[[], object]) -> str:
    try:
        call()
    except GateScannerError as error:
        return f"{type(error).__name__}: {error}"
    return ""


def frames() -> dict[str, object]:
    """Forty frames, and what the camera said of itself."""
    clock = SystemClock()
    with PiCamera(PLAN) as camera:
        taken = [camera.capture() for _ in range(40)]
        late_ms = clock.monotonic_ms() - taken[-1].captured_ms
        configured, offered = camera._stream, sorted(camera._camera.camera_controls)
    return {
        "shapes": sorted({frame.luma.shape for frame in taken}),
        "types": sorted({str(frame.luma.dtype) for frame in taken}),
        "own_rows": all(frame.luma.flags.c_contiguous and frame.luma.flags.owndata for frame in taken),
        "seq": [frame.seq for frame in taken],
        "captured_ms": [frame.captured_ms for frame in taken],
        "late_ms": late_ms,
        "levels": [int(taken[0].luma.min()), int(taken[0].luma.max())],
        "stream": {name: configured[name] for name in ("format", "size", "stride")},
        "offered": offered,
        "set": sorted(camera.controls(frozenset(offered))),
    }


def trouble() -> dict[str, object]:
    """A camera that is held, is not there, or stops; then it is opened again."""
    clock = SystemClock()
    with PiCamera(PLAN) as camera:
        camera.capture()
        busy = complaint(PiCamera(PLAN).__enter__)
        wrong_number = complaint(PiCamera(replace(PLAN, index=3)).__enter__)
        camera._camera.camera.stop()  # libcamera stops under picamera2's feet: no frame will come any more
        began_s = clock.monotonic_s()
        lost = complaint(camera.capture)
        lost_s = clock.monotonic_s() - began_s
    closed_s = clock.monotonic_s() - began_s - lost_s
    with PiCamera(PLAN) as camera:
        again = camera.capture().luma.shape
    return {
        "busy": busy,
        "wrong_number": wrong_number,
        "lost": lost,
        "lost_s": round(lost_s, 2),
        "closed_s": round(closed_s, 2),
        "again": again,
    }


def cycles() -> dict[str, object]:
    """Twenty times opened and closed: descriptors, threads and memory after each."""
    after = []
    for _ in range(20):
        with PiCamera(PLAN) as camera:
            for _ in range(3):
                camera.capture()
        resident_kb = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024
        after.append((len(list(Path("/proc/self/fd").iterdir())), threading.active_count(), resident_kb))
    return {
        "descriptors": [a[0] for a in after],
        "threads": [a[1] for a in after],
        "resident_kb": [a[2] for a in after],
    }


def eye() -> dict[str, object]:
    """The whole eye in its process; in the middle it is killed."""
    stop = threading.Event()
    watched = SupervisedEye(PLAN.to_json(), SystemClock(), LIMITS)
    reasons: list[str | None] = []
    payloads, pids, sights = set(), set(), 0
    for sight in islice(watched.sights(stop), 400):
        if sight.lost not in {None, EYE_STARTING, *reasons[-1:]}:
            reasons.append(sight.lost)
        if not sight.symbols:
            continue
        sights += 1
        payloads |= {symbol.payload.decode() for symbol in sight.symbols}
        pids.add(watched.pid)
        if sights == 10 and watched.pid is not None:
            os.kill(watched.pid, signal.SIGKILL)
        if sights == 20:
            stop.set()
    return {
        "sights": sights,
        "payloads": sorted(payloads),
        "processes": len(pids),
        "reasons": reasons,
        "engines": watched.engines,
    }


def no_camera() -> dict[str, object]:
    """The eye where libcamera finds no camera."""
    stop = threading.Event()
    lost: list[str] = []
    os.environ.update(NO_CAMERA)
    for sight in islice(SupervisedEye(PLAN.to_json(), SystemClock(), LIMITS).sights(stop), 400):
        if sight.lost not in {None, EYE_STARTING}:
            lost.append(str(sight.lost))
            stop.set()
    os.environ["LIBCAMERA_PIPELINES_MATCH_LIST"] = "virtual"
    return {"lost": lost}


def state() -> str:
    """What the running service's lamps say, once they say anything but that it starts."""
    for _ in range(100):
        told = ask(Path("/beside/store"), "status")
        if isinstance(told, dict) and told["state"] != "starting":
            return str(told["state"])
        threading.Event().wait(0.1)
    return "starting"


def run_until(word: str, **environment: str) -> tuple[int, str, list[str]]:
    """Run the service until its log has *word*, ask it how it stands, then to end."""
    command = [str(Path(sys.executable).with_name("gate-scanner")), "run", "--config", "/beside/site.yaml"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | environment) as process:
        guard = threading.Timer(60, process.kill)
        guard.start()
        assert process.stderr is not None
        lines, stands = [], ""
        for line in process.stderr:
            lines.append(line.rstrip())
            if word in line and not stands:
                stands = state()
                process.terminate()
        guard.cancel()
    return process.returncode, stands, lines


def service() -> dict[str, object]:
    """``gate-scanner run``, with a visitor in view, and where there is no camera."""
    code, stands, lines = run_until(" event=checked-in ")
    blind_code, blind_stands, blind_lines = run_until("event=eye-lost ", **NO_CAMERA)
    return {
        "code": code,
        "state": stands,
        "lines": lines,
        "code_without_camera": blind_code,
        "state_without_camera": blind_stands,
        "lines_without_camera": blind_lines,
    }


def main() -> None:
    found: dict[str, object] = {"python": sys.version.split()[0]}
    for look in (frames, trouble, cycles, eye, no_camera, service):
        try:
            found[look.__name__] = look()
        except Exception as error:  # noqa: BLE001 - the other questions are asked all the same
            found[look.__name__] = {"failed": f"{type(error).__name__}: {error}"}
        sys.stdout.write(f"SAW {look.__name__}: {json.dumps(found[look.__name__], ensure_ascii=False)}\n")
        sys.stdout.flush()
    Path("/beside/camera.json").write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
