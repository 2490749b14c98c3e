"""What the cache of the machine goes by, and which machines there are: without building anything."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.appliance.machine import HERE
from tests.appliance.workshop import KEPT_DAYS, MADE_FROM, cache_name, forget_old

NAMED = re.compile(r"(?:\$HERE|/src/tests/appliance)/([\w./]+)")


def table(machine: str | None, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command after the table of the machines."""
    chosen = {} if machine is None else {"GATE_MACHINE": machine}
    return subprocess.run(
        ["bash", "-euc", f"source {HERE}/machines.sh; {command}"],
        env={"PATH": os.environ["PATH"]} | chosen,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_cache_goes_by_every_file_that_a_building_script_names() -> None:
    scripts = [name for name in MADE_FROM if name.endswith(".sh") and name != "guest/first.sh"]
    named = {name for script in scripts for name in NAMED.findall((HERE / script).read_text(encoding="utf-8"))}
    assert named >= {"machines.sh", "gpio_sim.h", "off_pi/heap.c", "pi_packages.txt"}
    assert named <= set(MADE_FROM)


def test_the_cache_of_the_same_files_has_the_same_name() -> None:
    assert re.fullmatch(r"gate-appliance-cache-[0-9a-f]{16}", cache_name())
    assert cache_name() == cache_name()


def test_caches_that_nobody_used_for_a_week_go_and_nothing_else_does(tmp_path: Path) -> None:
    now_s = 2_000_000_000.0
    ages = {"gate-appliance-cache-used": 30, "gate-appliance-cache-old": KEPT_DAYS + 1}
    ages |= {"gate-appliance-cache-new": KEPT_DAYS - 1, "gate-appliance-of-somebody": 30}
    for name, days in ages.items():
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (now_s - days * 86400,) * 2)
    forget_old(tmp_path, tmp_path / "gate-appliance-cache-used", now_s)
    assert {path.name for path in tmp_path.iterdir()} == ages.keys() - {"gate-appliance-cache-old"}
    assert (tmp_path / "gate-appliance-cache-used").stat().st_mtime == now_s


@pytest.mark.parametrize(
    ("machine", "arch", "emulator"),
    [
        (None, "arm64", "qemu-system-aarch64"),
        ("amd64", "amd64", "qemu-system-x86_64"),
        ("arm64", "arm64", "qemu-system-aarch64"),
    ],
)
def test_the_machine_has_a_pis_processor_unless_another_is_asked_for(
    machine: str | None, arch: str, emulator: str
) -> None:
    told = table(machine, 'echo "$MACHINE_ARCH ${MACHINE[0]} ${MACHINE_PACKAGES[${MACHINE[0]}]}"').stdout.split()
    assert told[:2] == [arch, emulator]
    assert told[2].startswith("qemu-system-")


def test_a_machine_that_does_not_exist_is_refused_by_name() -> None:
    refused = table("riscv", "true")
    assert (refused.returncode, refused.stderr) == (2, "GATE_MACHINE is amd64 or arm64, not riscv\n")
