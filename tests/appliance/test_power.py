"""The power goes while the gate's own ledger works on a real file system, hundreds of times.

Every write and flush of the machine's disk is recorded; the disks that may be left are rebuilt, mounted, opened by the
gate's ledger and held against what was promised before the cut.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.appliance.machine import Count, Machine
from tests.appliance.recorded_disk import DISK_BYTES, FILE_SYSTEM_BYTES, Step, cut, read_record
from tests.bench.powercuts import PowercutResult

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(1800)]
ROWS = 120


def record(machine: Machine, beside: Path, *more: str) -> list[Step]:
    """Let a gate's ledger work on a recorded disk; return the record. The disk as it was before: ``base``."""
    with (beside / "base").open("wb") as base:
        base.truncate(DISK_BYTES)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", beside / "base", f"{FILE_SYSTEM_BYTES // 1024}k"], check=True)
    disk, log = beside / "recorded", beside / "log"
    disk.write_bytes((beside / "base").read_bytes())
    log.touch()
    work = [str(FILE_SYSTEM_BYTES), "/mnt/store", "--rows", str(ROWS), "--seed", "1", *more]
    (beside / "work").write_text(f"{' '.join(work)}\n", "ascii")
    machine.run(
        "power.sh",
        beside,
        MACHINE_DISKS=" ".join(
            [
                f"-blockdev driver=file,filename={disk},node-name=file0",
                f"-blockdev driver=file,filename={log},node-name=log0",
                "-blockdev driver=blklogwrites,file=file0,log=log0,node-name=disk0,log-sector-size=512",
                "-device virtio-blk-pci,drive=disk0,serial=recorded",
            ]
        ),
    )
    return read_record(log)


def cut_often(beside: Path, steps: list[Step], cuts: int) -> tuple[PowercutResult, int]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as scratch:
        result, unmounted = cut(beside / "base", steps, cuts, 1, Path(scratch))
    flushes, writes = sum(step.flush for step in steps), sum(bool(step.written) for step in steps)
    print(  # noqa: T201 - what it saw
        f"SAW {writes} writes, {flushes} flushes; {result.cuts} cuts with {result.acknowledged} promises open: "
        f"{result.lost} lost in {result.losing} cuts, {result.again} settled ones again, "
        f"{result.damaged} ledgers damaged, {unmounted} file systems lost"
    )
    return result, unmounted


def test_no_power_cut_loses_an_acknowledged_check_in(machine: Machine, tmp_path: Path, count: Count) -> None:
    cuts = count(300, 1000)
    result, unmounted = cut_often(tmp_path, record(machine, tmp_path), cuts)
    assert (result.cuts, unmounted) == (cuts, 0)
    assert result.acknowledged > 10 * cuts
    assert (result.losing, result.again, result.damaged) == (0, 0, 0)


def test_a_ledger_that_syncs_less_often_is_found_out(machine: Machine, tmp_path: Path) -> None:
    result, unmounted = cut_often(tmp_path, record(machine, tmp_path, "--normal"), 100)
    assert result.cuts + unmounted == 100
    assert result.losing > 10
