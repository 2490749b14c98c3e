"""``./setup.sh bench sync``: deliver through everything that can go wrong, then as fast as it goes, and count.

A ledger is recorded, and delivered twice from copies of it to a real hub, each in its own process: once through a line
that loses answers, resets connections, and on which hub and gate are killed; once straight.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from device.errors import GateScannerError
from tests.bench.drain import DrainResult, Stage, drain, prepare
from tests.bench.evening import EveningResult, bad_evening
from tests.bench.progress import Progress

ROWS: Final = 5_000
FULL_ROWS: Final = 100_000


@dataclass(frozen=True, slots=True)
class _Found:
    """All there is to print."""

    evening: EveningResult
    drain: DrainResult


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench sync`` takes."""
    parser.add_argument("--rows", type=_count, help=f"check-ins to deliver (default {ROWS})")
    parser.add_argument("--full", action="store_true", help=f"{FULL_ROWS} of them")
    parser.add_argument("--tls", action="store_true", help="drain over TLS, as gates do; the bad line is in clear")
    parser.add_argument("--seed", type=int, default=1, help="of what goes wrong when (default 1)")
    parser.add_argument("--folder", type=Path, help="where ledger and hub lie: choose the disk to be measured")
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def _count(text: str) -> int:
    """Read a number of rows; raises what argparse expects."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Run it; 0 when every check-in arrived exactly once, 1 otherwise."""
    rows = arguments.rows or (FULL_ROWS if arguments.full else ROWS)
    try:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as scratch:
            bar = Progress(rows)
            stage = prepare(Path(scratch) / "recorded", rows, bar.step)
            bar.end()
            found = _deliver(stage, Path(scratch), arguments.seed, tls=arguments.tls)
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
    return 0 if found.evening.arrivals.exactly_once else 1


def _deliver(stage: Stage, scratch: Path, seed: int, *, tls: bool) -> _Found:
    return _Found(bad_evening(stage.copy(scratch / "evening"), seed), drain(stage.copy(scratch / "drain"), tls=tls))


def _print(found: _Found) -> None:
    evening, arrivals, drained = found.evening, found.evening.arrivals, found.drain
    print(f"check-ins delivered     {arrivals.rows} in {evening.requests} requests")
    print(f"went wrong              {evening.answers_lost} answers lost after the commit, {evening.resets} resets,")
    print(f"                        hub killed {evening.hub_killed} times ({evening.uncommitted} before its commit),")
    print(f"                        gate killed {evening.gate_killed} times before it knew")
    print(f"lost / arrived twice    {arrivals.lost} / {arrivals.twice}")
    if arrivals.quarantined or arrivals.alarms:
        print(f"kept apart / alarms     {arrivals.quarantined} / {arrivals.alarms}")
    print(f"a check-in              {evening.wire_bytes} bytes on the wire, {drained.disk_bytes} on the gate's disk")
    print(f"drained                 {drained.per_second:.0f} a second: {drained.rows} in {drained.wall_s:.1f} s")
    print(f"processor time          gate {drained.gate_cpu_us:.0f} µs, hub {drained.hub_cpu_us:.0f} µs a check-in")
    growth = "not told by this kernel" if drained.growth_mb is None else f"{drained.growth_mb} MB"
    print(f"memory the gate gained  {growth}")
