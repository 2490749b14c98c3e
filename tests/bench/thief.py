"""``./setup.sh bench thief``: steal the state folder of a gate, evening after evening, and guess who came.

The guess is measured by the area under the ROC curve (AUC): how often somebody who came is guessed above somebody
who did not. 0.5 is a coin. The same thief on bodies that are not padded, or not sealed, shows that he can guess.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from tests.bench.progress import Progress
from tests.bench.stolen import Lock, an_evening, body_of
from tests.bench.thief_attack import Learned, Loot, area_under_curve, figures, learned_anyway

MOST_AUC: Final = 0.55
EVENINGS: Final = 20
FULL_EVENINGS: Final = 200
PEOPLE: Final = 300
_CONTROLS: Final = 5


@dataclass(frozen=True, slots=True)
class ThiefResult:
    """What came of guessing.

    Attributes:
        lock: how bodies lay on the card.
        evenings: guessed, and as many again to learn from.
        people: who might have come, each evening.
        auc: mean over the evenings.
        low: of the 95 % interval of that mean.
        high: of it.
        learned: what one of the cards told anyway.
    """

    lock: Lock
    evenings: int
    people: int
    auc: float
    low: float
    high: float
    learned: dict[str, object]


def steal(evenings: int, people: int, seed: int, folder: Path, lock: Lock = Lock.SEALED) -> ThiefResult:
    """Learn from *evenings* of the thief's own, then guess at as many others.

    Args:
        evenings: at least 2.
        people: who might come, each evening; about half of them do.
        seed: of people and evenings; the keys are new each time.
        folder: for the gates; empty.
        lock: how bodies lie on the card; the thief knows.
    """
    bar = Progress(2 * evenings)
    layout = body_of(lock)
    practice, guessed = [], []
    told: dict[str, object] = {}
    for number in range(2 * evenings):
        evening = an_evening(folder / f"{lock}-{number}", people, seed * 1_000 + number, lock)
        loot = Loot.of(evening.loot)
        found, came = figures(loot, evening.suspects, layout), np.array(evening.came)
        if number < evenings:
            practice.append((found, came))
        else:
            guessed.append((found, came))
            told = learned_anyway(loot)
        bar.step()
    bar.end()
    learned = Learned.of(np.concatenate([f for f, _ in practice]), np.concatenate([came for _, came in practice]))
    scores = [area_under_curve(learned.guess(found), came) for found, came in guessed]
    mean = statistics.mean(scores)
    half = 1.96 * statistics.stdev(scores) / math.sqrt(len(scores))
    return ThiefResult(lock, evenings, people, round(mean, 4), round(mean - half, 4), round(mean + half, 4), told)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench thief`` takes."""
    parser.add_argument("--evenings", type=_count, help=f"state folders to steal (default {EVENINGS})")
    parser.add_argument("--full", action="store_true", help=f"{FULL_EVENINGS} of them")
    parser.add_argument("--people", type=_count, default=PEOPLE, help=f"who may come each evening (default {PEOPLE})")
    parser.add_argument("--seed", type=int, default=1, help="of people and evenings (default 1)")
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def _count(text: str) -> int:
    """Read a number that has a spread; raises what argparse expects."""
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError("must be a whole number from 2")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Steal and print; 0 when the guess is no better than promised and the thief can guess where he should."""
    evenings = arguments.evenings or (FULL_EVENINGS if arguments.full else EVENINGS)
    with tempfile.TemporaryDirectory() as scratch:
        results = [
            steal(
                evenings if lock is Lock.SEALED else min(evenings, _CONTROLS),
                arguments.people,
                arguments.seed,
                Path(scratch),
                lock,
            )
            for lock in Lock
        ]
    sealed, *controls = results
    if arguments.json:
        print(json.dumps([asdict(result) for result in results]))
    else:
        _print(sealed, controls)
    return 0 if sealed.high <= MOST_AUC and all(control.low > MOST_AUC for control in controls) else 1


def _print(sealed: ThiefResult, controls: list[ThiefResult]) -> None:
    interval = f"(95 %: {sealed.low:.3f} to {sealed.high:.3f}; 0.5 is a coin)"
    print(f"state folders stolen    {sealed.evenings}, and {sealed.evenings} of the thief's own to learn from")
    print(f"may have come           {sealed.people} each evening, about half did")
    print(f"who came, guessed       AUC {sealed.auc:.3f} {interval}")
    for control in controls:
        print(f"were it {control.lock}".ljust(24) + f"AUC {control.auc:.3f} ({control.low:.3f} to {control.high:.3f})")
    told = sealed.learned
    first, last = (_clock(told[key]) for key in ("first_ms", "last_ms"))
    print(
        f"learned all the same    {told['check_ins']} check-ins still on the card, {told['repeats']} of them repeats,"
    )
    print(f"                        from {first} to {last}, {told['busiest_hour']} in the busiest hour,")
    print(f"                        lengths {told['lengths']}; no name, number, kind or outcome")


def _clock(wall_ms: object) -> str:
    assert isinstance(wall_ms, int)
    return f"{datetime.fromtimestamp(wall_ms / 1000, UTC):%H:%M:%S}"
