"""A whole gate whose killed eye the kernel does not let end: it sees again beside it, and stops at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import segno

from device.clock import SystemClock
from device.enrolment import document as enrolment
from device.errors import GateSilent
from device.monitor.control_socket import ask
from tests.support.children import surroundings
from tests.support.fake_enrolment import enrolled
from tests.support.fake_server import PATIENCE_S
from tests.support.held_process import held
from tests.support.visitors import CARD

YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")
SITE = """\
place: {{name: Chợ Mẫu, province: Quảng Ngãi}}
camera: {{source: replay, size: 640x640, replay: {{path: {codes}, show: 400ms, gap: 700ms, at_end: loop}}}}
pins: {{driver: mock, green: 17, red: 27, buzzer: 22}}
presence: {{absence: 300ms}}
store: {{folder: {store}, volatile_ok: true}}
"""


def until(true: Callable[[], object]) -> None:
    clock, never = SystemClock(), threading.Event()
    give_up_s = clock.monotonic_s() + PATIENCE_S
    while clock.monotonic_s() < give_up_s:
        with suppress(GateSilent):
            if true():
                return
        clock.wait(never, 0.05)
    raise TimeoutError


def eye_of(gate: int) -> int:
    """The eye that a gate has started last."""
    return int(Path(f"/proc/{gate}/task/{gate}/children").read_text().split()[-1])


@pytest.mark.skipif(
    os.geteuid() != 0 and YAMA.exists() and YAMA.read_text().strip() != "0",
    reason="nobody may hold a process of the gate here (kernel.yama.ptrace_scope)",
)
def test_an_eye_that_is_killed_and_does_not_end_costs_neither_the_gate_nor_its_stop(tmp_path: Path) -> None:
    store, runtime, codes = (tmp_path / name for name in ("store", "run", "codes"))
    for made in (store, runtime, codes):
        made.mkdir()
    segno.make(CARD, micro=False, encoding="utf-8", eci=False).save(str(codes / "card.png"), scale=6, border=6)
    enrolment.write(store / "enrolment.json", enrolled("gate-0001"))
    (tmp_path / "site.yaml").write_text(SITE.format(codes=codes, store=store), encoding="utf-8")

    def camera() -> dict[str, object]:
        told = ask(runtime, "status")
        assert isinstance(told, dict)
        return dict(told["camera"])

    with (tmp_path / "log").open("wb") as log:
        gate = subprocess.Popen(
            [sys.executable, "-P", "-m", "device", "run", "--config", str(tmp_path / "site.yaml")],
            env=surroundings() | {"RUNTIME_DIRECTORY": str(runtime)},
            stderr=log,
        )
    with gate:
        until(lambda: camera()["frames"])
        first = eye_of(gate.pid)
        with held(first):
            os.kill(first, signal.SIGKILL)
            until(lambda: camera()["alive"] and eye_of(gate.pid) != first)
            assert camera()["episodes"] == {"lost": 1, "replaced": 1, "left": 1}
            assert Path(f"/proc/{first}").exists()
            gate.terminate()
            assert gate.wait(PATIENCE_S) == 0
            assert Path(f"/proc/{first}").exists()
    told = (tmp_path / "log").read_text("utf-8")
    assert f"event=eye-left-behind reason='an eye that was killed has not ended (process {first})'" in told
