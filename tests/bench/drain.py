"""Delivers a backlog as fast as it goes: gate and hub in a process each, on loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from device.clock import SystemClock
from device.crypto.sealing import Sealer
from device.enrolment import document as enrolment
from device.errors import GateScannerError
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from device.store.ledger import SqliteLedger
from device.store.schema import FILE_NAME
from tests.support.children import python_module, surroundings
from tests.support.visitors import visitor


@dataclass(frozen=True, slots=True)
class Stage:
    """A hub's folder and the state folder of one of its gates, with check-ins that wait.

    Attributes:
        folder: holds both.
        rows: how many check-ins.
    """

    folder: Path
    rows: int

    @property
    def hub(self) -> Path:
        """The hub's folder."""
        return self.folder / "hub"

    @property
    def state(self) -> Path:
        """The gate's state folder."""
        return self.folder / "state"

    def copy(self, folder: Path) -> Stage:
        """Copy it, for one delivery."""
        shutil.copytree(self.folder, folder)
        return Stage(folder, self.rows)


@dataclass(frozen=True, slots=True)
class DrainResult:
    """What delivering a backlog took.

    Attributes:
        rows: how many check-ins.
        wall_s: from the first batch to the last receipt.
        per_second: check-ins.
        gate_cpu_us: processor time of the gate by check-in.
        hub_cpu_us: of the hub, its start left out.
        growth_mb: memory the gate gained, 10^6 bytes; ``None`` where the kernel does not say.
        disk_bytes: of the gate's ledger by check-in.
    """

    rows: int
    wall_s: float
    per_second: float
    gate_cpu_us: float
    hub_cpu_us: float
    growth_mb: float | None
    disk_bytes: float


def prepare(folder: Path, rows: int, after_each: Callable[[], None] = lambda: None) -> Stage:
    """Make a hub and a gate of it, and record *rows* invented visitors."""
    clock, stage = SystemClock(), Stage(folder, rows)
    folder.mkdir()
    gate = HubFolder.create(stage.hub, clock).add_gate("Cổng đo")
    stage.state.mkdir(mode=0o700)
    enrolment.write(stage.state / enrolment.FILE_NAME, gate)
    with SqliteLedger.open(stage.state, gate.device_id, Sealer(gate.device_id, gate.sealing_keys)) as ledger:
        for number in range(rows):
            ledger.record(visitor(number, clock))
            after_each()
    return stage


def delivering(stage: Stage, url: str, *words: str) -> subprocess.Popen[bytes]:
    """Start the gate that delivers (`tests.bench.sync_child`)."""
    command = [*python_module("tests.bench.sync_child"), str(stage.state), url, *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=surroundings())


def drain(stage: Stage, *, tls: bool = False) -> DrainResult:
    """Deliver all of it straight to the hub, over TLS or in clear.

    Raises:
        GateScannerError: the delivering process ended by itself.
    """
    with HubProcess(stage.hub, tls=tls) as hub:
        assert hub.pid is not None
        hub_began_s = _cpu_s(hub.pid)
        with delivering(stage, hub.url) as gate:
            said, _ = gate.communicate()
        hub_s = _cpu_s(hub.pid) - hub_began_s
    if gate.returncode:
        raise GateScannerError(f"the delivering gate ended with {gate.returncode}; see what it wrote above")
    took = json.loads(said)
    return DrainResult(
        rows=stage.rows,
        wall_s=round(took["wall_s"], 3),
        per_second=round(stage.rows / took["wall_s"], 1),
        gate_cpu_us=round(took["cpu_s"] / stage.rows * 1e6, 1),
        hub_cpu_us=round(hub_s / stage.rows * 1e6, 1),
        growth_mb=took["growth_mb"],
        disk_bytes=round((stage.state / FILE_NAME).stat().st_size / stage.rows, 1),
    )


def _cpu_s(pid: int) -> float:
    """Return the processor time a process has taken (proc(5): utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
