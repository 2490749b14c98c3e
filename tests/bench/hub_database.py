"""``./setup.sh bench hub-database``: rows a second into SQLite and PostgreSQL, alone and over TLS, and memory of hubs.

PostgreSQL is a throw-away server beside it on the same cores, as the tests use it: 64 MB of buffers, `fsync` on.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from device.clock import SystemClock
from device.hub.folder import HubFolder
from device.model import Batch
from tests.bench.hub_child import MeasuredHub
from tests.bench.hub_gates import deliver, prepare, sent_after, trusting, unsealed_rows
from tests.bench.hub_rows import new_url
from tests.support.fake_outbox import batch_of
from tests.support.new_hubs import hub_folder
from tests.support.postgres import Cluster

LEDGERS: Final = 200
BATCH: Final = 500
BATCHES: Final = 1
GATES: Final = 20
MOST_MB: Final = 150
"""What a process that takes what gates send may have, 10^6 bytes resident."""
TOGETHER: Final = 16
"""As many as a hub puts into one transaction at most."""
_FORK: Final = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast rows went in.

    Attributes:
        database: ``sqlite`` or ``postgresql``.
        over: ``store``: by itself; ``tls``: what a hub takes over TLS.
        processes: how many wrote.
        rows: in all.
        rows_a_second: of them together.
        memory_mb: resident, 10^6 bytes, of the largest hub: when it had started, after half of the gates, at the end.
    """

    database: str
    over: str
    processes: int
    rows: int
    rows_a_second: int
    memory_mb: tuple[float, ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench hub-database`` takes."""
    for name, number, what in (
        ("ledgers", LEDGERS, "gates whose batches go into the store by itself"),
        ("batches", BATCHES, "batches of each"),
        ("batch", BATCH, "check-ins in one batch"),
        ("processes", 2, "processes that write to PostgreSQL at once"),
        ("gates", GATES, "gates that deliver over TLS, each as many batches; 0: none"),
    ):
        parser.add_argument(f"--{name}", type=int, default=number, help=f"{what} (default {number})")
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run it; 0 when every row is there, and no hub had `MOST_MB`."""
    found: list[Pace] = []
    many = sorted({1, arguments.processes})
    with tempfile.TemporaryDirectory() as scratch, closing(Cluster()) as cluster:
        for database, counts in (("sqlite", [1]), ("postgresql", many)):
            for count in counts:
                url = None if database == "sqlite" else new_url(cluster)
                place = Path(scratch) / f"{database}-{count}"
                found.append(_alone(place, url, count, arguments))
                if arguments.gates:
                    url = None if database == "sqlite" else new_url(cluster)
                    found.append(_over_tls(place.with_name(f"{place.name}-tls"), url, count, arguments))
    if arguments.json:
        print(json.dumps([asdict(pace) for pace in found]))
    else:
        for pace in found:
            by = "process" if pace.processes == 1 else "processes"
            how = f"{pace.database:<10} {pace.over:<5} {pace.processes} {by}"
            memory = f"; {' -> '.join(map(str, pace.memory_mb))} MB" if pace.memory_mb else ""
            print(f"{how:<30} {pace.rows_a_second:>8,} rows a second, {pace.rows:,} rows{memory}")
    small = all(most_mb < MOST_MB for pace in found for most_mb in pace.memory_mb)
    return 0 if small and all(pace.rows_a_second for pace in found) else 1


def _alone(place: Path, url: str | None, processes: int, arguments: argparse.Namespace) -> Pace:
    folder = hub_folder(place, SystemClock(), url)
    gates = [folder.add_gate(f"Cổng {number}") for number in range(arguments.ledgers)]
    made = [unsealed_rows(gate, arguments.batches * arguments.batch) for gate in gates]
    batches = [  # each gate's one after the other, as many gates as there are side by side
        batch_of(gate.device_id, rows[first : first + arguments.batch])
        for first in range(0, arguments.batches * arguments.batch, arguments.batch)
        for gate, rows in zip(gates, made, strict=True)
    ]
    mine = [
        [one for index, one in enumerate(batches) if index % len(gates) % processes == number]
        for number in range(processes)
    ]
    start = _FORK.Barrier(processes + 1)
    children = [_FORK.Process(target=_store, args=(folder.path, share, start)) for share in mine]
    for child in children:
        child.start()
    start.wait()
    began_s = time.perf_counter()
    for child in children:
        child.join()
    took_s = time.perf_counter() - began_s
    return _pace(folder, "store", processes, len(batches) * arguments.batch, took_s)


def _store(path: Path, batches: Sequence[Batch], start: object) -> None:
    """Store batches, as many in one transaction as a hub does."""
    with closing(HubFolder(path, SystemClock()).open_store()) as store:
        works = [partial(store.ingest, batch, bytes(64), sent_after(batch.rows[-1])) for batch in batches]
        start.wait()  # type: ignore[attr-defined]  # multiprocessing's, which has no name of its own
        while works:
            done = store.together(works[:TOGETHER])
            assert not any(isinstance(one, Exception) for one in done), done
            works = works[len(done) :]


def _over_tls(place: Path, url: str | None, processes: int, arguments: argparse.Namespace) -> Pace:
    folder = hub_folder(place, SystemClock(), url)
    gates = [folder.add_gate(f"Cổng {number}") for number in range(arguments.gates)]
    rows, trust = arguments.batches * arguments.batch, trusting(folder)
    with ExitStack() as held:
        hubs = [held.enter_context(MeasuredHub(folder.path)) for _ in range(processes)]
        shares = [prepare(gates[number::processes], hub.port, rows, arguments.batch) for number, hub in enumerate(hubs)]
        memory_mb, took_s = [_largest_mb(hubs)], 0.0
        for half in (0, 1):
            senders = [
                _FORK.Process(target=deliver, args=(share[half::2], hub.port, trust))
                for share, hub in zip(shares, hubs, strict=True)
                if share[half::2]
            ]
            began_s = time.perf_counter()
            for sender in senders:
                sender.start()
            for sender in senders:
                sender.join()
            took_s += time.perf_counter() - began_s
            memory_mb.append(_largest_mb(hubs))
    return replace(_pace(folder, "tls", processes, rows * len(gates), took_s), memory_mb=tuple(memory_mb))


def _largest_mb(hubs: Sequence[MeasuredHub]) -> float:
    return round(max(hub.resident_mb() for hub in hubs), 1)


def _pace(folder: HubFolder, over: str, processes: int, rows: int, took_s: float) -> Pace:
    database = "sqlite" if folder.database_url() is None else "postgresql"
    with closing(folder.open_store()) as store:
        whole = store.count()["checkins"] == rows
    return Pace(database, over, processes, rows, round(rows / took_s) if whole else 0)
