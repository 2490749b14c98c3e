"""``./setup.sh bench ledger``: kill a working gate, cut its power on paper, and measure what a check-in costs."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from device.doctor.card import RecordResult, measure_record
from device.errors import GateScannerError
from tests.bench.kills import KillResult, kill_gates
from tests.bench.powercuts import PowercutResult, Scenario, cut_power

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
