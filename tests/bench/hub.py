"""``./setup.sh bench hub``: whether anybody can hold the hub: a flood, a slow gate, and a hundred gates at once.

Three parts, each with a hub of its own in a process of its own, over TLS on loopback.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from device.clock import SystemClock
from device.enrolment.document import Enrolment
from device.hub.folder import HubFolder
from tests.bench.hub_child import MeasuredHub
from tests.bench.hub_flood import asked_s, flood
from tests.bench.hub_gates import Deliveries, deliver, prepare, slow_gate, trusting

CLIENTS: Final = 1_013
"""As many as a process could have by default, and a few for itself."""
QUESTIONS: Final = 500
HONEST: Final = 20
GATES: Final = 100
ROWS: Final = 1_000
BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class FloodResult:
    """What somebody at another address notices of a flood.

    Attributes:
        clients: connections of one address that ask for nothing.
        p50_ms: of one question, on a new connection.
        p99_ms: the same.
        growth_mb: memory the hub gained, 10^6 bytes, at its most.
        log_bytes: what it logged.
    """

    clients: int
    p50_ms: float
    p99_ms: float
    growth_mb: float
    log_bytes: int


@dataclass(frozen=True, slots=True)
class SlowResult:
    """What honest gates notice of a slow one.

    Attributes:
        honest: how many of them.
        finished: how many of them delivered everything beside it.
        alone_s: what they took without it.
        beside_s: what they took beside it.
        ratio: of the two.
    """

    honest: int
    finished: int
    alone_s: float
    beside_s: float
    ratio: float


@dataclass(frozen=True, slots=True)
class CrowdResult:
    """Many gates at once.

    Attributes:
        gates: how many.
        batches: taken.
        p50_ms: of one batch.
        p99_ms: the same.
        asked_to_wait: answers 429.
        failed: answers that are neither that nor a receipt.
        rows_a_second: check-ins.
        longest_write_ms: how long one writer held the database at most.
    """

    gates: int
    batches: int
    p50_ms: float
    p99_ms: float
    asked_to_wait: int
    failed: int
    rows_a_second: int
    longest_write_ms: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench hub`` takes."""
    for name, number, what in (
        ("clients", CLIENTS, "connections of the flood"),
        ("questions", QUESTIONS, "questions during the flood"),
        ("honest", HONEST, "gates beside a slow one"),
        ("gates", GATES, "gates at once"),
        ("rows", ROWS, "check-ins of each gate"),
        ("batch", BATCH, "check-ins in one request"),
    ):
        parser.add_argument(f"--{name}", type=int, default=number, help=f"{what} (default {number})")
    parser.add_argument("--folder", type=Path, help="where the hub lies: choose the disk to be measured")
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run it; 0 when nobody was kept out, 1 otherwise."""
    with tempfile.TemporaryDirectory(dir=arguments.folder) as scratch:
        place = Path(scratch)
        flooded = _flooded(place / "flood", arguments.clients, arguments.questions)
        slow = _beside_slow(place, arguments.honest, arguments.rows, arguments.batch)
        crowd = _crowd(place / "crowd", arguments.gates, arguments.rows, arguments.batch)
    if arguments.json:
        print(json.dumps({"flood": asdict(flooded), "slow": asdict(slow), "crowd": asdict(crowd)}))
    else:
        _print(flooded, slow, crowd)
    return 0 if slow.finished == slow.honest and not crowd.failed else 1


def _flooded(place: Path, clients: int, questions: int) -> FloodResult:
    folder, _ = _hub(place, 0)
    trust = trusting(folder)
    with MeasuredHub(place) as hub:
        for _ in range(10):
            asked_s(hub.port, trust)
        before_mb = hub.resident_mb()
        with flood(hub.port, trust, clients) as renewals:
            took_s = sorted(asked_s(hub.port, trust) for _, _ in zip(range(questions), renewals, strict=False))
        growth_mb = hub.resident_mb("VmHWM") - before_mb
    at_ms = [round(took_s[int(len(took_s) * share)] * 1e3, 1) for share in (0.5, 0.99)]
    return FloodResult(clients, at_ms[0], at_ms[1], round(growth_mb, 1), hub.log_bytes)


def _beside_slow(place: Path, honest: int, rows: int, batch: int) -> SlowResult:
    found: list[Deliveries] = []
    for name in ("alone", "beside"):
        folder, gates = _hub(place / name, honest + 1)
        with MeasuredHub(folder.path) as hub:
            trust, sending = trusting(folder), prepare(gates[:honest], hub.port, rows, batch)
            if name == "alone":
                found.append(deliver(sending, hub.port, trust))
            else:
                with slow_gate(gates[honest], hub.port, trust):
                    found.append(deliver(sending, hub.port, trust))
    alone, beside = found
    ratio = round(beside.wall_s / alone.wall_s, 2)
    return SlowResult(honest, beside.finished, round(alone.wall_s, 2), round(beside.wall_s, 2), ratio)


def _crowd(place: Path, count: int, rows: int, batch: int) -> CrowdResult:
    folder, gates = _hub(place, count)
    with MeasuredHub(place) as hub:
        found = deliver(prepare(gates, hub.port, rows, batch), hub.port, trusting(folder))
    return CrowdResult(
        gates=count,
        batches=len(found.took_s),
        p50_ms=found.at_ms(0.5),
        p99_ms=found.at_ms(0.99),
        asked_to_wait=found.asked_to_wait,
        failed=found.failed,
        rows_a_second=round(count * rows / found.wall_s),
        longest_write_ms=hub.longest_write_ms,
    )


def _hub(place: Path, count: int) -> tuple[HubFolder, list[Enrolment]]:
    folder = HubFolder.create(place, SystemClock())
    return folder, [folder.add_gate(f"Cổng {number}") for number in range(count)]


def _print(flooded: FloodResult, slow: SlowResult, crowd: CrowdResult) -> None:
    print(f"{flooded.clients} connections that ask nothing; somebody at another address")
    print(f"  a question            {flooded.p50_ms} ms p50, {flooded.p99_ms} ms p99")
    print(f"  the hub               {flooded.growth_mb} MB more memory, {flooded.log_bytes} bytes of log")
    print(f"a gate that sends byte by byte on 40 lines, beside {slow.honest} honest ones")
    print(f"  finished              {slow.finished} of {slow.honest}")
    print(f"  time                  {slow.beside_s} s, alone {slow.alone_s} s: {slow.ratio} times")
    print(f"{crowd.gates} gates at once, {crowd.batches} batches")
    print(f"  a batch               {crowd.p50_ms} ms p50, {crowd.p99_ms} ms p99")
    print(f"  429 / failed          {crowd.asked_to_wait} / {crowd.failed}")
    print(f"  check-ins             {crowd.rows_a_second} a second")
    print(f"  one writer            {crowd.longest_write_ms} ms at most")
