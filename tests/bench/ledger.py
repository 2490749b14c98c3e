"""``./setup.sh bench ledger``: kill a working gate, cut its power on paper, and measure what a check-in costs."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from device.clock import SystemClock
from device.credential import recognise
from device.crypto.sealing import Sealer, new_key_pair
from device.errors import GateScannerError
from device.store.ledger import SqliteLedger
from device.store.reading import read_back
from device.store.schema import FILE_NAME
from tests.bench.kills import KillResult, kill_gates
from tests.bench.ledger_child import DEVICE_ID
from tests.bench.powercuts import PowercutResult, Scenario, cut_power
from tests.support.visitors import card_text, visitor


@dataclass(frozen=True, slots=True)
class RecordResult:
    """What recording costs on this machine and disk.

    Attributes:
        rows: how many check-ins were recorded.
        cpu_ms: median processor time from the code's text to the written row: parse, seal, chain, commit.
        wall_ms: median time of one `record`, most of it the disk's.
        wall_p99_ms: 99 of 100 are quicker.
        disk_bytes: file size by row, after the WAL is folded in.
        file_mb: of the whole file, 10^6 bytes.
        sealed_bytes: mean length of the sealed part.
    """

    rows: int
    cpu_ms: float
    wall_ms: float
    wall_p99_ms: float
    disk_bytes: float
    file_mb: float
    sealed_bytes: float


def measure_record(rows: int, folder: Path) -> RecordResult:
    """Record *rows* (at least 2) invented visitors in a new ledger in *folder*."""
    clock = SystemClock()
    key, _ = new_key_pair()
    cpu_s, wall_s = [], []
    with SqliteLedger.open(folder, DEVICE_ID, Sealer(DEVICE_ID, [key])) as ledger:
        for number in range(rows):
            check_in = visitor(number, clock)
            payload = card_text(number)
            cpu_start_s, start_s = time.process_time(), time.perf_counter()
            recognise(payload)
            ledger.record(check_in)
            wall_s.append(time.perf_counter() - start_s)
            cpu_s.append(time.process_time() - cpu_start_s)
    size_bytes = (folder / FILE_NAME).stat().st_size
    return RecordResult(
        rows=rows,
        cpu_ms=round(statistics.median(cpu_s) * 1000, 3),
        wall_ms=round(statistics.median(wall_s) * 1000, 3),
        wall_p99_ms=round(statistics.quantiles(wall_s, n=100)[98] * 1000, 3),
        disk_bytes=round(size_bytes / rows, 1),
        file_mb=round(size_bytes / 1e6, 1),
        sealed_bytes=statistics.mean(len(row.sealed) for row in read_back(folder)),
    )


_FEWEST_ROWS: Final = 2
"""Fewer have no percentiles."""

FULL = {"kills": 1_000, "powercuts": 10_000, "rows": 150_000}
"""What ``--full`` asks for; 150,000 check-ins are 30 days of 5,000."""


def _count(text: str) -> int:
    """Read a number that is not below 0; raises what argparse expects."""
    try:
        count = int(text)
    except ValueError:
        count = -1
    if count < 0:
        raise argparse.ArgumentTypeError("must be a whole number from 0")
    return count


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench ledger`` takes."""
    parser.add_argument("--kills", type=_count, help="how many gates to kill (default 100)")
    parser.add_argument("--powercuts", type=_count, help="how many modelled power cuts (default 500); needs strace")
    parser.add_argument("--rows", type=_count, help="check-ins for the figures (default 10000); 0 leaves them out")
    parser.add_argument(
        "--full", action="store_true", help=", ".join(f"{count} {what}" for what, count in FULL.items())
    )
    parser.add_argument("--seed", type=int, default=1, help="of the moments of death (default 1)")
    parser.add_argument("--folder", type=Path, help="where to put the ledgers: choose the disk to be measured")
    parser.add_argument("--json", action="store_true", help="one line of JSON")


@dataclass(frozen=True, slots=True)
class _Found:
    """All there is to print; ``None`` is what was left out."""

    kills: KillResult | None
    powercuts: PowercutResult | None
    normal: PowercutResult | None
    record: RecordResult | None


def run(arguments: argparse.Namespace) -> int:
    """Run it; 0 when nothing was lost (and the model noticed a gate that does lose), 1 otherwise."""
    usual = FULL if arguments.full else {"kills": 100, "powercuts": 500, "rows": 10_000}
    kills, powercuts, rows = (
        usual[what] if getattr(arguments, what) is None else getattr(arguments, what) for what in FULL
    )
    if not kills and not powercuts and rows < _FEWEST_ROWS:
        print("nothing to measure: give --kills, --powercuts or --rows (2 or more)", file=sys.stderr)
        return 2
    try:
        found = _run(kills, powercuts, rows, arguments)
    except GateScannerError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{arguments.folder or error.filename}: {error.strerror}; choose another --folder", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(asdict(found)))
    else:
        _print(found)
    good = all(result.good for result in (found.kills, found.powercuts) if result)
    return 0 if good and (found.normal is None or found.normal.losing) else 1


def _run(kills: int, powercuts: int, rows: int, arguments: argparse.Namespace) -> _Found:
    seed = arguments.seed
    with tempfile.TemporaryDirectory(dir=arguments.folder) as scratch:
        folder = Path(scratch)
        return _Found(
            kills=kill_gates(kills, seed, folder / "kills", after_each=_progress("killed")) if kills else None,
            powercuts=cut_power(powercuts, seed, after_each=_progress("cut")) if powercuts else None,
            # Enough to see that the model tells one from the other.
            normal=cut_power(-(-powercuts // 10), seed, Scenario(normal=True)) if powercuts else None,
            record=measure_record(rows, folder / "rows") if rows >= _FEWEST_ROWS else None,
        )


def _progress(what: str) -> Callable[[int], None]:
    def say(done: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{what} {done} ", end="", file=sys.stderr, flush=True)

    return say


def _print(found: _Found) -> None:
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    if killed := found.kills:
        print(f"gates killed            {killed.kills}, {killed.between} of them between commit and lamp")
        print(f"check-ins lit green     {killed.lit} (acknowledged {killed.acknowledged})")
        print(f"rows in the ledger      {killed.rows}")
        print(f"lost                    {len(killed.lost)}")
        if killed.broken:
            print(f"the ledger is broken    {killed.broken}")
    if (cut := found.powercuts) and (normal := found.normal):
        print(f"power cuts, modelled    {cut.cuts} over {cut.traces} traced gates")
        print(f"acknowledged, lost      {cut.acknowledged}, {cut.lost}")
        print(f"settled, sent again     {cut.again} cuts; not opened whole {cut.damaged}")
        print(f"synchronous=NORMAL      {normal.lost} lost in {normal.losing} of {normal.cuts} cuts (must not be 0)")
    if cost := found.record:
        print(f"record, median          {cost.cpu_ms} ms CPU, {cost.wall_ms} ms in all (p99 {cost.wall_p99_ms} ms)")
        print(f"a row                   {cost.disk_bytes} bytes on disk, {cost.sealed_bytes:.0f} of them sealed")
        print(f"{cost.rows} rows".ljust(24) + f"{cost.file_mb} MB")
