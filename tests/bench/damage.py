"""``./setup.sh bench damage``: change one bit of a gate's ledger file, start the gate, and see what reaches the hub.

A ledger is recorded once, partly delivered and pruned, over several boots and places. Each flip starts from a copy of
it and of the hub: one bit of the file or of its write-ahead log is changed while the gate is off, the gate starts,
records more check-ins and delivers. Store, delivery loop, contract and the hub's database are the real ones; only the
request between them is left out.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.damage_stage import Outcome, Site, Stage, prepare
from tests.bench.progress import Progress

FLIPS = 220
ROWS = 200
_PAGE_BYTES = 4096


@dataclass
class Found:
    """What became of all the flips.

    Attributes:
        flips: how many.
        hits: pages that were hit, by what lies in them.
        lost_after: check-ins recorded after the damage that never reached the hub's table.
        lost_before: others besides one a flip.
        refused: check-ins that the gate could not record.
        damaged: flips that cost the one check-in that was hit.
        epochs: ledgers that were set aside.
        alarms: at the hub, by kind.
        worst: the flips that cost more than the one check-in: file, byte, bit and what was lost.
    """

    flips: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    lost_after: int = 0
    lost_before: int = 0
    refused: int = 0
    damaged: int = 0
    epochs: int = 0
    alarms: Counter[str] = field(default_factory=Counter)
    worst: list[str] = field(default_factory=list)

    def add(self, site: Site, outcome: Outcome) -> None:
        """Count one flip."""
        self.flips += 1
        self.hits[site.holds] += 1
        self.lost_after += outcome.lost_after
        self.lost_before += max(0, outcome.lost_before - 1)
        self.refused += outcome.refused
        self.damaged += outcome.lost_before > 0
        self.epochs += outcome.epochs
        self.alarms.update(outcome.alarms)
        if outcome.lost_after or outcome.lost_before > 1 or outcome.refused:
            self.worst.append(f"{site}: {outcome}")

    @property
    def good(self) -> bool:
        """Whether no flip cost more than the check-in it hit."""
        return not (self.lost_after or self.lost_before or self.refused)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench damage`` takes."""
    parser.add_argument("--flips", type=int, default=FLIPS, help=f"how many bits, one at a time (default {FLIPS})")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"check-ins in the ledger (default {ROWS})")
    parser.add_argument("--seed", type=int, default=1, help="of which bits (default 1)")
    parser.add_argument("--log", action="store_true", help="the gate was killed: change the write-ahead log too")
    parser.add_argument("--at", metavar="FILE:BYTE:BIT", action="append", default=[], help="only these")
    parser.add_argument("--folder", type=Path, help="where ledger and hub lie")
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run it; 0 when no flip cost more than the check-in it hit, 1 otherwise."""
    logging.getLogger("device").setLevel(logging.CRITICAL)  # damage is what it is here for
    found = Found()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as scratch:
        stage = prepare(Path(scratch) / "recorded", arguments.rows, killed=arguments.log)
        sites = [Site.read(text, stage) for text in arguments.at] or list(_draw(stage, arguments))
        bar = Progress(len(sites))
        for number, site in enumerate(sites):
            copy = Path(scratch) / str(number)
            found.add(site, stage.flip(site, copy))
            shutil.rmtree(copy)
            bar.step()
        bar.end()
    if arguments.json:
        print(json.dumps(vars(found)))
    else:
        _print(found)
    return 0 if found.good else 1


def _draw(stage: Stage, arguments: argparse.Namespace) -> Iterator[Site]:
    """Choose bits at random over the files, each byte as likely as any other."""
    draw = random.Random(arguments.seed)
    sizes = {name: len(body) for name, body in stage.files.items()}
    for _ in range(arguments.flips):
        (name,) = draw.choices(list(sizes), list(sizes.values()))
        yield Site(name, draw.randrange(sizes[name]), draw.randrange(8), stage)


def _print(found: Found) -> None:
    hits = ", ".join(f"{name} {count}" for name, count in found.hits.most_common())
    alarms = ", ".join(f"{kind} {count}" for kind, count in sorted(found.alarms.items())) or "none"
    print(f"flips                     {found.flips}: {hits}")
    print(f"recorded after, not there {found.lost_after}; refused {found.refused}")
    print(f"recorded before, lost     {found.lost_before} besides the check-in that was hit ({found.damaged} of these)")
    print(f"new epochs                {found.epochs}")
    print(f"alarms at the hub         {alarms}")
    for line in found.worst:
        print(f"  {line}", file=sys.stderr)
