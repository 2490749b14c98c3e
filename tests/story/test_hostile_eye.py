"""A whole gate and its hub; in the gate's own eye, code that a picture brought tries to get out.

A decoder library is exchanged for one that is taken over: it reads as before, and at the first card that is held up it
tries everything in `tests.support.inside_the_eye`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import segno

from device.clock import SystemClock
from device.enrolment import document as enrolment
from device.errors import GateSilent
from device.eye import landlock
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from device.monitor.control_socket import ask
from tests.support.children import CHECKOUT, surroundings
from tests.support.fake_server import PATIENCE_S
from tests.support.inside_the_eye import ATTEMPTS, NINE, Targets
from tests.support.visitors import CARD

SITE = """\
place: {{name: Chợ Mẫu, province: Quảng Ngãi}}
camera: {{source: replay, size: 640x640, replay: {{path: {codes}, show: 1s, gap: 1s, at_end: loop}}}}
pins: {{driver: mock, green: 17, red: 27, relay: 22}}
store: {{folder: {store}, volatile_ok: true}}
hub: {{url: "{url}", interval: 1s}}
"""

TAKEN_OVER = """\
import importlib.abc, importlib.util, json, os, sys

class TakenOver(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        return importlib.util.spec_from_loader(name, self) if name == "zxingcpp" else None

    def exec_module(self, module):
        sys.meta_path.remove(self)
        del sys.modules["zxingcpp"]
        import zxingcpp as real
        self.real, real.read_barcodes = real.read_barcodes, self.read  # importing gives what stands in sys.modules

    def read(self, picture, **how):
        found = self.real(picture, **how)
        if self.targets and any(code.bytes == CARD for code in found):
            targets, self.targets = self.targets, None
            report(targets)
        return found

if "device.eye.child" in sys.orig_argv:
    sys.path.append(CHECKOUT)
    from tests.support.inside_the_eye import Targets, report
    TakenOver.targets = Targets(**dict(TARGETS, gate=os.getppid()))
    sys.meta_path.insert(0, TakenOver())
"""


@dataclass
class Attacked:
    """A gate that runs, and what the code in its eye comes to.

    Attributes:
        runtime: its runtime folder.
        log: its standard error.
        targets: what is attacked.
    """

    runtime: Path
    log: Path
    targets: Targets

    def outcomes(self) -> dict[str, bool]:
        """Wait until the code in the eye has tried everything; return what of it was reached."""
        self._until(lambda: self.log.read_bytes().count(b'{"attempt"') >= len(ATTEMPTS))
        self._until(lambda: self.log.read_bytes().endswith(b"\n"))
        return tried(self.log.read_bytes())

    def camera(self, **wanted: object) -> None:
        """Wait until the gate says so of its camera."""
        self._until(lambda: wanted.items() <= ask(self.runtime, "status")["camera"].items())  # type: ignore[index]

    def recorded(self) -> None:
        """Wait until it has recorded a check-in."""
        self._until(lambda: ask(self.runtime, "status")["queue"].get("recorded", 0) >= 1)  # type: ignore[index]

    def _until(self, true: Callable[[], object]) -> None:
        clock, never = SystemClock(), threading.Event()
        give_up_s = clock.monotonic_s() + PATIENCE_S
        while True:
            with suppress(GateSilent):
                if true():
                    return
            assert clock.monotonic_s() < give_up_s, self.log.read_text("utf-8", "replace")
            clock.wait(never, 0.05)


def tried(report: bytes) -> dict[str, bool]:
    lines = [json.loads(line) for line in report.splitlines() if line.startswith(b'{"attempt"')]
    return {line["attempt"]: line["reached"] for line in lines}


@contextmanager
def a_gate(folder: Path) -> Iterator[Attacked]:
    """Run hub and gate, each in a process of its own; the gate's decoder library is taken over."""
    store, runtime, codes, library = (folder / name for name in ("store", "run", "codes", "library"))
    for made in (store, runtime, codes, library):
        made.mkdir()
    segno.make(CARD, micro=False, encoding="utf-8", eci=False).save(str(codes / "card.png"), scale=6, border=6)
    hub_folder = HubFolder.create(folder / "hub", SystemClock())
    enrolment.write(store / enrolment.FILE_NAME, hub_folder.add_gate("attacked"))
    with HubProcess(folder / "hub") as hub, (folder / "log").open("wb") as log:
        site = folder / "site.yaml"
        site.write_text(SITE.format(codes=codes, store=store, url=hub.url), "utf-8")
        targets = Targets(str(store), str(runtime), ("127.0.0.1", hub.port), 0)
        text = TAKEN_OVER.replace("CHECKOUT", repr(str(CHECKOUT))).replace("CARD", repr(CARD))
        (library / "sitecustomize.py").write_text(text.replace("TARGETS", targets.to_json()), "utf-8")
        known = surroundings()
        environment = known | {"RUNTIME_DIRECTORY": str(runtime), "PYTHONPATH": f"{library}:{known['PYTHONPATH']}"}
        command = [sys.executable, "-P", "-m", "device", "run", "--config", str(site)]
        with subprocess.Popen(command, env=environment, stderr=log) as gate:
            try:
                yield Attacked(runtime, folder / "log", replace(targets, gate=gate.pid))
            finally:
                gate.terminate()


@pytest.mark.skipif(landlock.abi() == landlock.ABSENT, reason="this kernel has no Landlock")
def test_code_in_the_eye_of_a_running_gate_reaches_nothing_and_the_gate_goes_on(tmp_path: Path) -> None:
    with a_gate(tmp_path) as attacked:
        reached = attacked.outcomes()
        assert set(reached) == set(ATTEMPTS)
        assert {attempt for attempt, was in reached.items() if was} == set()
        attacked.recorded()
        attacked.camera(alive=True, wall={"seccomp": True, "landlock": landlock.abi()}, engine_crashes={})
        assert not (attacked.runtime / "reboot").exists()
        log = attacked.log.read_text("utf-8")
        assert "event=lamp-test" not in log
        assert "event=eye-wall seccomp=yes" in log


def test_another_process_of_the_same_user_would_reach_what_the_eye_does_not(tmp_path: Path) -> None:
    program = CHECKOUT / "tests" / "support" / "inside_the_eye.py"
    with a_gate(tmp_path) as attacked:
        attacked.recorded()
        words = [attacked.targets.to_json(), *NINE]
        said = subprocess.run([sys.executable, program, *words], stdout=subprocess.PIPE, check=True).stdout
    by_memory = {"read-memory", "write-memory"}  # the gate is not dumpable: of others only root may
    expected = {attempt: attempt not in by_memory or os.geteuid() == 0 for attempt in NINE}
    assert tried(said) == expected
