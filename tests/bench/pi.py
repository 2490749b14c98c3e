"""``./setup.sh bench pi``: what a gate does on a Raspberry Pi, counted in instructions on an emulated one.

The machine (`tests/appliance`, ``GATE_MACHINE=arm64``) has a Pi 4's instructions and a clock that is one of them a
nanosecond, so a busy host changes no figure. What a board needs for so many is an estimate (`tests.bench.pi_boards`).
What the SD card takes comes on top: ``gate-scanner doctor card`` measures it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from tests.bench.pi_boards import BOARDS
from tests.bench.pi_report import PiFigures, figures, goals, lines, moved
from tests.bench.pi_scene import put_scene
from tests.bench.progress import Progress

ACCEPTED: Final = Path(__file__).with_name("pi_figures.json")
INSIDE: Final = "/scene"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench pi`` takes."""
    parser.add_argument("--accept", action="store_true", help="take the figures as those that later ones are held to")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument("--counted", type=Path, metavar="FILE", help="judge what a machine has counted before")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep what the machine has counted")


def run(arguments: argparse.Namespace) -> int:
    """Count, print and compare; 0 when each figure is as it was accepted and each goal is met, else 1."""
    try:
        counted = _count() if arguments.counted is None else json.loads(arguments.counted.read_text(encoding="utf-8"))
        if arguments.keep is not None:
            arguments.keep.write_text(json.dumps(counted, indent=1), encoding="utf-8")
        seen = figures(counted)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return judge(seen, ACCEPTED, accept=arguments.accept, as_json=arguments.json)


def judge(seen: PiFigures, accepted: Path, *, accept: bool, as_json: bool) -> int:
    """Print the figures, which goals are met and what has moved; 0 when all are and nothing has.

    Args:
        seen: the figures.
        accepted: the file of those that were last accepted.
        accept: write it anew.
        as_json: print one line of JSON.
    """
    before: dict[str, Any] = json.loads(accepted.read_text(encoding="utf-8")) if accepted.exists() else {}
    if accept:
        accepted.write_text(json.dumps(asdict(seen), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    held, changed = goals(seen), moved(seen, before)
    if as_json:
        boards = [asdict(board) for board in BOARDS]
        print(json.dumps(asdict(seen) | {"boards": boards, "goals": [asdict(goal) for goal in held], "moved": changed}))
    else:
        for line in lines(seen):
            print(line)
        for goal in held:
            print(f"{'met' if goal.met else 'MISSED':8}{goal.what}: {goal.seen} (goal: {goal.most})")
        for line in changed:
            print(f"{'accepted' if accept else 'MOVED':8} {line}")
    return 0 if all(goal.met for goal in held) and (accept or not changed) else 1


def _count() -> dict[str, Any]:
    """Draw what there is to see, have the machine count, and return what it has counted; raises `OSError`."""
    bar = Progress(1_000)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        beside = Path(name)
        put_scene(beside, INSIDE, 1, lambda _done, _total: bar.step())
        bar.end()
        command = (sys.executable, "-P", "-m", "tests.appliance.count", name)
        if subprocess.run(
            command, stdout=sys.stderr, env=os.environ | {"GATE_MACHINE": "arm64"}, check=False
        ).returncode:
            raise OSError("the machine has counted nothing")
        counted: dict[str, Any] = json.loads((beside / "counted.json").read_text(encoding="utf-8"))
    return counted
