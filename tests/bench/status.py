"""``./setup.sh bench status``: how many visitors a gate gets to ask a far hub about, within the deadline.

The hub is real, in a process of its own, over TLS, behind a line as long as asked for (`tests.support.far_line`).
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from device.clock import SystemClock
from device.gate.status_lookup import StatusLookup
from device.hub.folder import HubFolder
from device.model import CodeKind, Credential, Person
from device.policy.rules import StatusRules
from device.uplink.hub import StatusClient
from tests.bench.hub_child import MeasuredHub
from tests.support.far_line import FarLine

VISITORS: Final = 20
FULL: Final = 80
ROUND_TRIP_MS: Final = 110
DEADLINE_MS: Final = 300
GAP_S: Final = 2.5


@dataclass(frozen=True, slots=True)
class Result:
    """What came of the questions.

    Attributes:
        visitors: who came.
        answered: about whom the hub answered within the deadline.
        lines: connections that were opened for it.
        p50_ms: how long a visitor who was asked about waited.
        most_ms: how long any visitor waited.
    """

    visitors: int
    answered: int
    lines: int
    p50_ms: float
    most_ms: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench status`` takes."""
    parser.add_argument("--visitors", type=int, default=VISITORS, help=f"how many come (default {VISITORS})")
    parser.add_argument("--full", action="store_true", help=f"{FULL} visitors")
    parser.add_argument("--round-trip-ms", type=int, default=ROUND_TRIP_MS, help=f"default {ROUND_TRIP_MS}")
    parser.add_argument("--gap-s", type=float, default=GAP_S, help=f"between two visitors (default {GAP_S:g})")
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run it; 0 when every visitor but the first was asked about, 1 otherwise."""
    visitors = FULL if arguments.full else arguments.visitors
    with tempfile.TemporaryDirectory() as scratch:
        found = _measure(Path(scratch) / "hub", visitors, arguments.round_trip_ms / 1000, arguments.gap_s)
    if arguments.json:
        print(json.dumps(asdict(found)))
    else:
        print(f"{found.answered} of {found.visitors} visitors were asked about within {DEADLINE_MS} ms,")
        print(f"over a line of {arguments.round_trip_ms} ms there and back, opened {found.lines} times;")
        print(f"they waited {found.p50_ms:.0f} ms (p50), {found.most_ms:.0f} ms at most")
    return 0 if found.answered >= visitors - 1 else 1


def _measure(folder: Path, visitors: int, round_trip_s: float, gap_s: float) -> Result:
    hub = HubFolder.create(folder, SystemClock())
    gate, clock, never = hub.add_gate("Cổng A"), SystemClock(), threading.Event()
    hub.make_status_secret()
    with MeasuredHub(folder) as far, FarLine(far.port, round_trip_s) as line:
        source = StatusClient(f"https://127.0.0.1:{line.port}", gate, clock)
        lookup = StatusLookup(source, clock)
        took_s, answered = [], 0
        for number in range(visitors):
            began_s = time.perf_counter()
            answered += lookup.ask(_visitor(number), StatusRules(frozenset(CodeKind), DEADLINE_MS)) is not None
            took_s.append(time.perf_counter() - began_s)
            clock.wait(never, gap_s)
        source.close()
        took_s.sort()
        return Result(visitors, answered, line.connections, took_s[len(took_s) // 2] * 1000, took_s[-1] * 1000)


def _visitor(number: int) -> Credential:
    return Credential(CodeKind.CITIZEN_CARD, Person(citizen_number=f"0510900{number:05d}"))
