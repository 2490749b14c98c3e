"""``gate-scanner bench ledger``: kill a working gate, and measure what recording one check-in costs."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from device.bench.kills import KillResult, kill_gates
from device.bench.ledger_child import DEVICE_ID
from device.bench.visitors import visitor
from device.clock import SystemClock
from device.sealing import Sealer, new_key_pair
from device.store.ledger import SqliteLedger
from device.store.reading import read_back
from device.store.schema import FILE_NAME


@dataclass(frozen=True, slots=True)
class RecordResult:
    """What recording costs on this machine and disk.

    Attributes:
        rows: how many check-ins were recorded.
        cpu_ms: median processor time of one `record` (seal, chain, commit).
        wall_ms: median time of one `record`, most of it the disk's.
        wall_p99_ms: 99 of 100 are quicker.
        disk_bytes: file size by row, after the WAL is folded in.
        sealed_bytes: mean length of the sealed part.
    """

    rows: int
    cpu_ms: float
    wall_ms: float
    wall_p99_ms: float
    disk_bytes: float
    sealed_bytes: float


def measure_record(rows: int, folder: Path) -> RecordResult:
    """Record *rows* (at least 2) invented visitors in a new ledger in *folder*."""
    clock = SystemClock()
    key, _ = new_key_pair()
    cpu_s, wall_s = [], []
    with SqliteLedger.open(folder, DEVICE_ID, Sealer(DEVICE_ID, [key])) as ledger:
        for number in range(rows):
            check_in = visitor(number, clock)
            cpu_start_s, start_s = time.process_time(), time.perf_counter()
            ledger.record(check_in)
            wall_s.append(time.perf_counter() - start_s)
            cpu_s.append(time.process_time() - cpu_start_s)
    return RecordResult(
        rows=rows,
        cpu_ms=round(statistics.median(cpu_s) * 1000, 3),
        wall_ms=round(statistics.median(wall_s) * 1000, 3),
        wall_p99_ms=round(statistics.quantiles(wall_s, n=100)[98] * 1000, 3),
        disk_bytes=round((folder / FILE_NAME).stat().st_size / rows, 1),
        sealed_bytes=statistics.mean(len(row.sealed) for row in read_back(folder)),
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``gate-scanner bench ledger`` takes."""
    parser.add_argument("--kills", type=int, default=100, help="how many gates to kill (default 100)")
    parser.add_argument("--rows", type=int, default=10_000, help="check-ins for the figures; 0 leaves them out")
    parser.add_argument("--seed", type=int, default=1, help="of the moments of death (default 1)")
    parser.add_argument("--folder", type=Path, help="where to put the ledgers: choose the disk to be measured")
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run it; 0 when nothing was lost, 1 otherwise."""
    with tempfile.TemporaryDirectory(dir=arguments.folder) as scratch:
        killed = kill_gates(arguments.kills, arguments.seed, Path(scratch) / "kills", after_each=_progress)
        cost = measure_record(arguments.rows, Path(scratch) / "rows") if arguments.rows > 1 else None
    if arguments.json:
        print(json.dumps({"kills": asdict(killed), "record": asdict(cost) if cost else None}))
    else:
        _print(killed, cost)
    return 0 if killed.good else 1


def _progress(done: int) -> None:
    if sys.stderr.isatty():
        print(f"\rkilled {done}", end="", file=sys.stderr, flush=True)


def _print(killed: KillResult, cost: RecordResult | None) -> None:
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    print(f"gates killed            {killed.kills}, {killed.between} of them between commit and lamp")
    print(f"check-ins lit green     {killed.lit} (acknowledged {killed.acknowledged})")
    print(f"rows in the ledger      {killed.rows}")
    print(f"lost                    {len(killed.lost)}")
    if killed.broken:
        print(f"the ledger is broken    {killed.broken}")
    if cost:
        print(f"record, median          {cost.cpu_ms} ms CPU, {cost.wall_ms} ms in all (p99 {cost.wall_p99_ms} ms)")
        print(f"a row                   {cost.disk_bytes} bytes on disk, {cost.sealed_bytes:.0f} of them sealed")
