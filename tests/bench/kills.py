"""Kills a working gate again and again, and looks whether every green light has its row.

One ledger lives through all the kills. In some rounds the gate stops itself between commit and lamp and is
killed there for certain; in the others the moment is drawn by lot, over commit, lamp and what lies
between. After each kill the ledger is read back, proved by its chain, unsealed, and compared with what the
gate told before it died: the row of each sequence number must hold that very visitor.
"""

from __future__ import annotations

import os
import random
import selectors
import shlex
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Final

from device.clock import Clock, SystemClock
from device.crypto.sealing import SealingKey, new_key_pair, unseal
from device.errors import GateScannerError, LedgerUnavailable
from device.model import SealedRow
from device.store.reading import LedgerReader
from tests.bench.ledger_child import DEVICE_ID
from tests.support.children import python_module, surroundings

_SILENCE_S: Final = 30.0
_LONGEST_DELAY_S: Final = 0.012
_MOST_ANSWERED: Final = 8


@dataclass(slots=True)
class KillResult:
    """What a run of kills came to.

    Attributes:
        kills: how many gates were killed.
        between: … of them for certain between commit and lamp.
        acknowledged: check-ins the gates said were recorded.
        lit: check-ins that lit green.
        rows: rows in the ledger at the end.
        lost: sequence numbers acknowledged or lit whose row is missing or another visitor's.
        broken: what is wrong with the chain or the ledger as a whole; ``None`` when nothing is.
    """

    kills: int = 0
    between: int = 0
    acknowledged: int = 0
    lit: int = 0
    rows: int = 0
    lost: list[int] = field(default_factory=list)
    broken: str | None = None

    @property
    def good(self) -> bool:
        """Whether nothing was lost."""
        return not self.lost and self.broken is None


@dataclass(slots=True)
class _Bench:
    """What the rounds share."""

    folder: Path
    ledger: str
    key: SealingKey
    private: bytes
    chance: random.Random
    gates: subprocess.Popen[bytes]
    pipe: Path
    clock: Clock = field(default_factory=SystemClock)
    epoch: str | None = None
    newest: SealedRow | None = None
    visitors: dict[int, int] = field(default_factory=dict)


def kill_gates(
    kills: int,
    seed: int,
    folder: Path,
    *,
    ledger: str = "device.store.ledger:SqliteLedger",
    after_each: Callable[[int], None] = lambda _done: None,
) -> KillResult:
    """Kill *kills* gates, at least a tenth of them between commit and lamp.

    Args:
        kills: how many rounds.
        seed: of the moments; the disk decides the rest.
        folder: for the ledger; empty.
        ledger: ``MODULE:CLASS`` to put under test.
        after_each: called with the number of kills so far.

    Raises:
        GateScannerError: a gate did not run at all.
    """
    key, private = new_key_pair()
    result = KillResult()
    words = python_module("tests.bench.ledger_child")
    with (
        TemporaryDirectory() as pipes,
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=surroundings()) as gates,
    ):
        bench = _Bench(folder, ledger, key, private, random.Random(seed), gates, Path(pipes) / "told")
        os.mkfifo(bench.pipe)
        holds = set(bench.chance.sample(range(kills), -(-kills // 8)))
        for turn in range(kills):
            _round(bench, result, turn, hold=turn in holds)
            after_each(turn + 1)
            if result.broken:
                break
    if result.kills and result.broken is None:
        _prove_all(bench, result)
    return result


def _round(bench: _Bench, result: KillResult, turn: int, *, hold: bool) -> None:
    """Start a gate, kill it, compare."""
    answered = bench.chance.randint(1, _MOST_ANSWERED)
    told = _Told()
    with _started(bench, first=(turn + 1) * 1000, hold=answered if hold else 0) as (gate, pipe):
        try:
            lines = _lines(bench, pipe)
            for line in lines:
                told.hear(line)
                if told.holding if hold else len(told.lit) >= answered:
                    break
            if not hold:
                bench.clock.wait(Event(), bench.chance.uniform(0, _LONGEST_DELAY_S))
        finally:
            with suppress(ProcessLookupError):
                os.kill(gate, signal.SIGKILL)
        for line in lines:
            told.hear(line)
    result.kills += 1
    result.between += hold and told.holding is not None and told.holding not in told.lit
    result.acknowledged += len(told.recorded)
    result.lit += len(told.lit)
    try:
        _read_new(bench)
    except GateScannerError as error:
        result.broken = str(error)
        return
    result.rows = len(bench.visitors)
    promised = {**told.recorded, **told.lit}
    result.lost += [seq for seq, number in promised.items() if bench.visitors.get(seq) != number]


def _read_new(bench: _Bench) -> None:
    """Read, prove and unseal the rows that are new since the last kill."""
    with LedgerReader(bench.folder) as reader:
        if bench.epoch not in (None, reader.epoch):
            raise LedgerUnavailable("a new epoch has begun: the gate found its ledger damaged")
        bench.epoch = reader.epoch
        for row in reader.rows(bench.newest):
            credential = unseal(bench.private, DEVICE_ID, reader.epoch, row).credential
            assert credential is not None
            assert credential.person.citizen_number is not None
            bench.visitors[row.seq] = int(credential.person.citizen_number)
            bench.newest = row


def _prove_all(bench: _Bench, result: KillResult) -> None:
    """Read the whole ledger once more, from its first row."""
    try:
        with LedgerReader(bench.folder) as reader:
            result.rows = sum(1 for _ in reader.rows())
    except GateScannerError as error:
        result.broken = str(error)
    if result.rows != len(bench.visitors):
        result.broken = f"{len(bench.visitors)} rows were read back one by one, {result.rows} at the end"


@dataclass(slots=True)
class _Told:
    """What one gate told before it died: visitor by sequence number."""

    recorded: dict[int, int] = field(default_factory=dict)
    lit: dict[int, int] = field(default_factory=dict)
    holding: int | None = None

    def hear(self, line: str) -> None:
        what, seq, number = line.split()
        if what == "holding":
            self.holding = int(seq)
        else:
            (self.lit if what == "lit" else self.recorded)[int(seq)] = int(number)


@contextmanager
def _started(bench: _Bench, *, first: int, hold: int) -> Iterator[tuple[int, int]]:
    """Start a gate; its process, and the pipe it tells to."""
    assert bench.gates.stdin is not None
    # fmt: off
    words = [
        str(bench.folder), "--tells", str(bench.pipe),
        "--key", f"{bench.key.key_id}:{bench.key.public.hex()}", "--ledger", bench.ledger,
        "--first", str(first), "--hold", str(hold),
    ]
    # fmt: on
    bench.gates.stdin.write(f"{shlex.join(words)}\n".encode())
    bench.gates.stdin.flush()
    gate = _said(bench)
    with bench.pipe.open("rb", buffering=0) as pipe:
        yield gate, pipe.fileno()


def _said(bench: _Bench) -> int:
    """Return the next number that the gates' parent says."""
    assert bench.gates.stdout is not None
    said = bench.gates.stdout.readline()
    if not said:
        raise GateScannerError("the gates under test cannot be started; see what they wrote above")
    return int(said)


def _lines(bench: _Bench, pipe: int) -> Iterator[str]:
    """Yield whole lines until the pipe ends; a line cut by the kill is not one.

    Raises `GateScannerError` when the gate is silent for too long, or has ended by itself.
    """
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            if not selector.select(_SILENCE_S):
                raise GateScannerError("the gate under test is silent")
            piece = os.read(pipe, 65536)
            if not piece:
                break
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                yield line.decode("ascii")
    if (code := _said(bench)) >= 0:
        raise GateScannerError(f"the gate under test ended by itself with {code}; see what it wrote above")
