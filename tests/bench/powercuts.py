"""Cuts the power of a working gate on paper, thousands of times, and looks whether every promise was kept.

A real ledger process is traced once (`powercut_trace`); then a card as it may be after a cut at any step is laid
out (`powercut_disk`), the real ledger opens it, and everything the outbox would deliver from there is compared with
what the process had told before the cut: each recorded row that was not settled must come, the very same row; no
settled one may come again; and the file must open as it is, its chain whole.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from device.crypto.sealing import Sealer
from device.errors import GateScannerError
from device.model import Receipt
from device.store.folder import files_set_aside
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.store.reading import read_back
from tests.bench.ledger_child import DEVICE_ID
from tests.bench.powercut_disk import Disk
from tests.bench.powercut_trace import PREFIX, Step, Told, trace
from tests.support.children import python_module

_CUTS_A_TRACE: Final = 1000
_MEMORY: Final = Path("/dev/shm")
_Row = tuple[str, int]


@dataclass(slots=True)
class PowercutResult:
    """What a run of power cuts came to.

    Attributes:
        cuts: how many.
        traces: over how many runs of a gate.
        refused: how often the ledger or the outbox refused, since the card did.
        acknowledged: promises that were open at a cut, added up.
        losing: cuts after which an acknowledged check-in was missing or another one.
        lost: such check-ins, added up.
        again: cuts after which a settled row would be sent again.
        damaged: cuts after which the file did not open as it was, or its chain was not whole.
    """

    cuts: int = 0
    traces: int = 0
    refused: int = 0
    acknowledged: int = 0
    losing: int = 0
    lost: int = 0
    again: int = 0
    damaged: int = 0

    @property
    def good(self) -> bool:
        """Whether every promise was kept."""
        return not (self.losing or self.again or self.damaged)


@dataclass(slots=True)
class Promises:
    """What the gate had told; see `tests.bench.powercut_child`."""

    recorded: dict[_Row, str] = field(default_factory=dict)
    settling: dict[str, int] = field(default_factory=dict)
    settled: dict[str, int] = field(default_factory=dict)

    def hear(self, line: str) -> None:
        """Take in one line."""
        if line == "refused":
            return
        what, epoch, seq, *link = line.split()
        if what == "recorded":
            self.recorded[epoch, int(seq)] = link[0]
        else:
            told = self.settling if what == "settling" else self.settled
            told[epoch] = max(told.get(epoch, 0), int(seq))


@dataclass(frozen=True, slots=True)
class Scenario:
    """What befalls the traced gate before its power is cut.

    Attributes:
        rows: check-ins it records.
        normal: it writes with ``synchronous=NORMAL``, which must lose rows, or the model sees nothing.
        inject: a fault of the card; see `tests.bench.powercut_trace.trace`.
        start_anew: at that fault it dies, and a new process goes on with what the kernel still has in memory.
    """

    rows: int = 240
    normal: bool = False
    inject: str | None = None
    start_anew: bool = False

    def command(self, folder: Path, seed: int) -> list[str]:
        """Return how the gate is started."""
        words = [*python_module("tests.bench.powercut_child"), str(folder), "--rows", str(self.rows)]
        words += ["--seed", str(seed), *(["--normal"] if self.normal else [])]
        return words + (["--start-anew"] if self.start_anew else [])


_USUAL: Final = Scenario()


def cut_power(
    cuts: int, seed: int, scenario: Scenario = _USUAL, *, after_each: Callable[[int], None] = lambda _done: None
) -> PowercutResult:
    """Cut the power *cuts* times, at moments and with remains drawn by lot.

    Args:
        cuts: how many.
        seed: of everything drawn.
        scenario: of each traced gate.
        after_each: called with the number of cuts so far.

    Raises:
        GateScannerError: the gate cannot be traced here.
    """
    chance = random.Random(seed)
    result = PowercutResult()
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as scratch:
        while result.cuts < cuts:
            result.traces += 1
            folder = Path(scratch).resolve() / f"gate-{result.traces}"
            folder.mkdir()
            command = scenario.command(folder, chance.randrange(1 << 30))
            steps = trace(command, folder, Path(scratch) / "trace", inject=scenario.inject)
            result.refused += sum(isinstance(step, Told) and step.line == "refused" for step in steps)
            for remains, promises in _cuts(steps, min(cuts - result.cuts, _CUTS_A_TRACE), chance):
                compare(remains, promises, Path(scratch) / "cut", result)
                after_each(result.cuts)
    return result


def _cuts(steps: list[Step], cuts: int, chance: random.Random) -> Iterator[tuple[dict[str, bytes], Promises]]:
    """Yield what may be left on the card, and what had been promised."""
    moments = sorted(chance.choices(range(len(steps) + 1), k=cuts))
    disk, promises, done = Disk(), Promises(), 0
    for moment in moments:
        for step in steps[done:moment]:
            if isinstance(step, Told):
                promises.hear(step.line)
            else:
                disk.apply(step)
        done = moment
        yield disk.after_a_cut(chance), promises


def compare(remains: dict[str, bytes], promises: Promises, folder: Path, result: PowercutResult) -> None:
    """Open what is left on the card and compare it with what was promised.

    Args:
        remains: the files of the ledger's folder, by name.
        promises: what had been told before the cut.
        folder: where they are laid out and opened.
        result: counts.
    """
    folder.mkdir(exist_ok=True)
    for old in folder.glob(f"{PREFIX}*"):
        old.unlink()
    for name, content in remains.items():
        (folder / name).write_bytes(content)
    result.cuts += 1
    result.acknowledged += len(promises.recorded)
    try:
        found = _opened(folder)
    except GateScannerError:
        result.damaged += 1
        found = {}
    certain = {row: link for row, link in promises.recorded.items() if row[1] > promises.settling.get(row[0], 0)}
    lost = sum(found.get(row) != link for row, link in certain.items())
    result.lost += lost
    result.losing += lost > 0
    result.again += any(seq <= promises.settled.get(epoch, 0) for epoch, seq in found)


def _opened(folder: Path) -> dict[_Row, str]:
    """Open the ledger as a gate does and return what it would deliver; raises when it is not whole."""
    aside = files_set_aside(folder)
    found: dict[_Row, str] = {}
    with SqliteLedger.open(folder, DEVICE_ID, Sealer(DEVICE_ID, [])), SqliteOutbox(folder) as outbox:
        if files_set_aside(folder) != aside:
            raise GateScannerError("the ledger was set aside")
        for _ in read_back(folder):
            pass
        while batch := outbox.next_batch(500, 1 << 19):
            found |= {(batch.epoch, row.seq): row.link.hex() for row in batch.rows}
            outbox.settle(batch, Receipt(batch.rows[-1].seq))
    return found
