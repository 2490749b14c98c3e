"""What runs on the second core, one machine after the other, while the other modules have the first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.appliance.machine import NATIVE, Machine, lay_down_eye, put_visitor, run
from tests.appliance.sticks import put_bundles

PIS: Final = ("4",) if NATIVE else ("4", "5")
"""As which Pi the pins are looked at."""
_PATIENCE_S: Final = "2700"
_REPLAY_SITE: Final = """
place: {name: Chợ Mẫu, province: Quảng Ngãi}
camera: {source: replay, size: 640x480, frame_rate: 2, silent_after: 60s, start_deadline: 2m,
  replay: {path: /beside/frames, show: 30s, gap: 0s, at_end: loop}}
presence: {absence: 20s}
pins: {driver: lgpio, green: 17, red: 27, buzzer: 22}
"""
_WITHOUT: Final = "lsm=capability,yama cgroup_disable=memory"


def _install(machine: Machine, beside: Path) -> None:
    _lay_down_replay(beside)
    put_bundles(beside, run, "x86_64" if NATIVE else "aarch64")
    machine.run_unit("install.sh", beside, MACHINE_TIMEOUT=_PATIENCE_S)


def _hardening(machine: Machine, beside: Path) -> None:
    _lay_down_replay(beside)
    run("mkfs.vfat", "-C", "-n", "bootfs", beside / "boot.img", "16384")
    machine.run_unit("hardening.sh", beside, MACHINE_TIMEOUT=_PATIENCE_S)


def _pi_kernel(machine: Machine, beside: Path) -> None:
    lay_down_eye(beside)
    (beside / "looks").write_text("installed attempts killed", "ascii")
    machine.run_unit("eye.sh", beside, MACHINE_TIMEOUT=_PATIENCE_S, MACHINE_CPUS="2", MACHINE_BOOT=_WITHOUT)


def _pins(machine: Machine, beside: Path) -> None:
    for pi in PIS:
        (beside / pi).mkdir()
        put_visitor(beside / pi)
        machine.run("pins.sh", beside / pi, GATE_PI=pi)


def _lay_down_replay(beside: Path) -> None:
    put_visitor(beside)
    (beside / "site.yaml").write_text(_REPLAY_SITE, encoding="utf-8")


ASIDE: Final[dict[str, Callable[[Machine, Path], None]]] = {
    "install": _install,
    "hardening": _hardening,
    "pi_kernel": _pi_kernel,
    "pins_on_lgpio": _pins,
}
"""By the module that judges it, the longest first; together as long as all other modules."""
