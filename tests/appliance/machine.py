"""The Debian tree and the machine that boots it, and what a visitor there holds up."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import segno
from PIL import Image

from device.enrolment import document as enrolment
from tests.support.fake_enrolment import enrolled

HERE = Path(__file__).parent
MACHINE = os.environ.get("GATE_MACHINE") or "arm64"
"""Which machine of ``machines.sh``, where all that differs between them stands."""
NATIVE = MACHINE == "amd64"
"""The host runs programs of the tree at its own speed, and its kernel serves them in full."""
PYTHON = "/gate/opt/gate-scanner/current/bin/python"
CARD = "051090001234||Nguyễn Văn Thử|05031990|Nam|Tổ 3, Nghĩa Lộ|15042021"
SITE = """
place: {name: Chợ Mẫu, province: Quảng Ngãi}
pins: {driver: mock, green: 17, red: 27, buzzer: 22}
store: {folder: /beside/store}
"""
EYE_SITE = """
place: {name: Chợ Mẫu, province: Quảng Ngãi}
camera: {source: replay, size: 640x480, frame_rate: 2, silent_after: 15s, start_deadline: 90s,
  replay: {path: /beside/frames, show: 3s, gap: 2s, at_end: loop}}
pins: {driver: lgpio, green: 17, red: 27, buzzer: 22, relay: 23}
"""
Count = Callable[[int, int], int]
Aside = Callable[[str], Path]
Look = Callable[..., str]
"""Runs a script of ``guest/`` with words, before a folder *beside*, by the gate's Python; `environment` is its."""


def run(*command: str | Path, **environment: str) -> str:
    """Run a command of this folder, print what it says, and return it."""
    done = subprocess.run(
        [str(word) for word in command],
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    told = done.stdout.decode(errors="replace")
    print(told)  # noqa: T201 - pytest shows it with a failure, or with -s
    assert done.returncode == 0, told[-4000:]
    return told


@dataclass(frozen=True)
class Machine:
    """A machine that boots the tree; nothing stays of what it writes but in *beside*, which it sees as ``/beside``."""

    tree: Path
    built: Path

    def run(self, script: str, beside: Path, **environment: str) -> str:
        """Run a script of ``guest/`` alone, without systemd: up after 4 s. Return what the console said."""
        return self._boot("run", script, beside, environment)

    def run_unit(self, script: str, beside: Path, **environment: str) -> str:
        """Run it by systemd, once that is up: 20 s. ``MACHINE_TIMEOUT`` is the most it may take, in seconds."""
        return self._boot("unit", script, beside, environment)

    def crash(self, script: str, beside: Path) -> str:
        """Run it alone until the kernel crashes; return what the console said."""
        told = self._boot("run", script, beside, {}, ends_with="sysrq: Trigger a crash")
        assert "MACHINE over" not in told
        return told

    def look(self, script: str, beside: Path, *words: str, **environment: str) -> str:
        """Run a Python script alone, for as long as half an hour. What is in *beside* lies on the machine's disk."""
        command = [*(f"{name}={value}" for name, value in environment.items()), PYTHON, "-B", _guest(script), *words]
        (beside / "look").write_text("".join(f"{word}\n" for word in command), encoding="utf-8")
        return self.run("look.sh", beside, MACHINE_TIMEOUT="1800")

    def _boot(
        self, way: str, script: str, beside: Path, environment: dict[str, str], ends_with: str = "MACHINE over, exit 0"
    ) -> str:
        beside.chmod(0o755)  # the gate of the machine is a user of its own
        command = (HERE / "boot.sh", self.tree, self.built, beside, way, _guest(script))
        told = run(*command, **environment)
        assert ends_with in told
        return told


def look_in_tree(tree: Path, script: str, beside: Path, *words: str, **environment: str) -> str:
    """Run a Python script of ``guest/`` in the tree, on the host."""
    inside = {"BESIDE": str(beside)} | {f"GATE_IN_{name}": value for name, value in environment.items()}
    return run(HERE / "in_tree.sh", tree, PYTHON, "-B", _guest(script), *words, **inside)


def _guest(script: str) -> str:
    return f"/src/tests/appliance/guest/{script}"


def put_visitor(beside: Path) -> None:
    """Lay down a visitor's card, held in a hand that moves, and a gate that is enrolled."""
    (beside / "frames").mkdir()
    (beside / "store").mkdir()
    segno.make_qr(CARD, error="m", encoding="utf-8").save(str(beside / "code.png"), scale=8)
    with Image.open(beside / "code.png") as code:
        for number in range(8):
            view = Image.new("L", (1296, 972), 120)
            view.paste(code.convert("L"), (300 + 20 * number, 150))
            view.save(beside / "frames" / f"{number:03d}.jpg", quality=90)
    enrolment.write(beside / "store" / "enrolment.json", enrolled("gate-0001"))
    (beside / "site.yaml").write_text(SITE, encoding="utf-8")


def lay_down_eye(beside: Path) -> None:
    """Lay down a visitor's card, a site file, and a disk that can be stopped."""
    put_visitor(beside)
    (beside / "site.yaml").write_text(EYE_SITE, encoding="utf-8")
    with (beside / "stuck.img").open("wb") as disk:
        disk.truncate(16 << 20)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", beside / "stuck.img"], check=True)
