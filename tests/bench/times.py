"""``./setup.sh bench times``: what a hub spends on the time of a check-in, and how long a batch keeps the others out.

A gate that is switched off each night and has no time server delivers everything at once: thirty boots, in batches of
500. Each batch goes the way of a request, from its bytes to the commit, in a hub of its own, but for signature and
gzip. Then come batches made to be as costly as a gate with a good key can make them (`tests.bench.times_batches`): how
long each of them keeps the database from everybody else, from its first write to its commit.
"""

from __future__ import annotations

import argparse
import json
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, event

from device.clock import ClockReading, ClockState, SystemClock
from device.hub.folder import HubFolder
from device.wire.checkins import BATCH_MOST_ROWS, decode_batch, encode_batch
from device.wire.time_fields import Sent
from tests.bench.times_batches import WORST, Case, Gate

BOOTS: Final = 30
ROW_GOAL_US: Final = 60
HELD_GOAL_MS: Final = 250
"""Of the thread that holds it; what a busy machine or disk adds is printed beside it."""
GROWTH_GOAL: Final = 1.5
"""A row in the largest ledger may cost so many times what it costs in the smallest."""


@dataclass(frozen=True, slots=True)
class TimesFigures:
    """What one delivery came to.

    Attributes:
        rows: how many.
        boots: in how many boots.
        cpu_s: of the hub.
        row_us: the same for each row.
        rewritten: stored rows that were written again.
        statements: of the costliest batch.
        listed_us: reading one, with its time.
        known: rows whose time is known to ten minutes; of this gate those of its last boot.
    """

    rows: int
    boots: int
    cpu_s: float
    row_us: float
    rewritten: int
    statements: int
    listed_us: float
    known: int


@dataclass(slots=True)
class Held:
    """How long transactions have kept the write lock.

    Attributes:
        wall_ms: of each, from the first statement that writes to the end.
        cpu_ms: the same on this thread alone.
        statements: of each.
        rewritten: stored rows that were changed.
    """

    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    rewritten: int = 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench times`` takes."""
    parser.add_argument("--rows", type=int, default=150_000, help="of the largest delivery (default: 150,000)")
    parser.add_argument("--full", action="store_true", help="1,000,000 rows as well")
    parser.add_argument("--json", action="store_true", help="one line of JSON a figure")


def run(arguments: argparse.Namespace) -> int:
    """Measure, print; 0, or 1 when a figure misses its goal."""
    sizes = [max(BATCH_MOST_ROWS, arguments.rows // part) for part in (4, 2, 1)]
    figures = [measure(rows) for rows in (*sizes, *([1_000_000] if arguments.full else []))]
    for one in figures:
        print(json.dumps(asdict(one)) if arguments.json else _told(one))
    good = all(one.row_us <= ROW_GOAL_US for one in figures) and figures[-1].row_us <= GROWTH_GOAL * figures[0].row_us
    for case in WORST:
        held = hold(case)
        good = good and max(held.cpu_ms) <= HELD_GOAL_MS
        if arguments.json:
            print(json.dumps({"case": case.name, "held_ms": max(held.wall_ms), "cpu_ms": max(held.cpu_ms)}))
        else:
            print(f"{case.name}: lock held at most {max(held.wall_ms):.0f} ms (cpu {max(held.cpu_ms):.0f} ms)")
    return 0 if good else 1


def measure(rows: int, boots: int = BOOTS) -> TimesFigures:
    """Deliver *rows* rows of *boots* boots without a clock to a hub of its own."""
    with tempfile.TemporaryDirectory() as path:
        folder = HubFolder.create(Path(path) / "hub", SystemClock())
        gate = Gate(folder)
        bodies = list(_bodies(gate, rows, boots))
        with closing(folder.open_store()) as store, watched() as held:
            with store.begin() as connection:  # it was registered long before it recorded the first of them
                connection.exec_driver_sql("UPDATE gates SET began_ms = 0")
            began_s = time.process_time()
            for body in bodies:
                signed = decode_batch(body)
                store.ingest(signed.batch, signed.head_signature, signed.sent)
            cpu_s = time.process_time() - began_s
            began_s = time.process_time()
            widths = [arrived.latest_ms - arrived.earliest_ms for arrived in store.every_checkin()]
            listed_s = time.process_time() - began_s
    assert len(widths) == rows
    row_us, listed_us = round(cpu_s / rows * 1e6, 1), round(listed_s / rows * 1e6, 1)
    known = sum(width < 600_000 for width in widths)
    return TimesFigures(rows, boots, round(cpu_s, 2), row_us, held.rewritten, max(held.statements), listed_us, known)


def _bodies(gate: Gate, rows: int, boots: int) -> Iterator[bytes]:
    """Yield the batches as they are posted: the gate has now been running in its last boot for a while."""
    names = [secrets.token_hex(16) for _ in range(boots)]
    each = -(-rows // boots)
    readings = (
        ClockReading(name, 30_000 + number * (8 * 3_600_000 // each), 0, ClockState.UNSYNCHRONISED)
        for name in names
        for number in range(each)
    )
    at_ms = 9 * 3_600_000
    for batch in gate.batches(readings, rows):
        at_ms += 1_000
        sent = Sent(ClockReading(names[-1], at_ms, 0, ClockState.UNSYNCHRONISED), gate.day)
        yield encode_batch(batch, bytes(64), sent)


def hold(case: Case) -> Held:
    """Let a case do its worst to a hub of its own; only its last batches are measured."""
    with tempfile.TemporaryDirectory() as path:
        folder = HubFolder.create(Path(path) / "hub", SystemClock())
        gate = Gate(folder)
        with closing(folder.open_store()) as store:
            batches = case.prepare(gate, store)
            with watched() as held:
                for batch, sent in batches:
                    store.ingest(batch, bytes(64), sent)
    return held


@contextmanager
def watched() -> Iterator[Held]:
    """Watch every transaction of this process: how long it writes, and how many stored rows it changes."""
    held, began = Held(), list[tuple[float, float]]()

    def statement(_conn: object, _cursor: object, text: str, parameters: object, _context: object, many: bool) -> None:  # noqa: FBT001 - SQLAlchemy's
        if text.startswith(("INSERT", "UPDATE", "DELETE")) and not began:
            began.append((time.perf_counter(), time.thread_time()))
            held.statements.append(0)
        if began:
            held.statements[-1] += 1
        if text.startswith("UPDATE checkins"):
            held.rewritten += len(parameters) if many and isinstance(parameters, list) else 1

    def ended(_conn: object) -> None:
        if began:
            wall_s, cpu_s = began.pop()
            held.wall_ms.append((time.perf_counter() - wall_s) * 1e3)
            held.cpu_ms.append((time.thread_time() - cpu_s) * 1e3)

    # "commit" is before the commit itself: what it costs is the disk's, and the same for all.
    listeners = (("before_cursor_execute", statement), ("commit", ended), ("rollback", ended))
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        yield held
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)


def _told(one: TimesFigures) -> str:
    good = "ok" if one.row_us <= ROW_GOAL_US else "MISSED"
    return (
        f"{one.rows} rows of {one.boots} boots without a clock: {one.cpu_s:.2f} s CPU, {one.row_us:.1f} us a row "
        f"(goal {ROW_GOAL_US}), {one.rewritten} stored rows written again; listing {one.listed_us:.1f} us a row: {good}"
    )
