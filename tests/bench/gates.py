"""``./setup.sh bench gates``: what ten thousand gates that say how they stand cost a hub.

The hub is real, in a process of its own, over TLS. All gates are in its tables with a day of counts; those that report
have keys of their own and come on lines of their own, at the pace of all of them, every five minutes each. Questions
about a person go over the same number of lines at the same pace, for comparison.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import io
import json
import os
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from device.cli import main
from device.clock import SystemClock
from device.enrolment.document import Enrolment
from device.hub.db.gate_state import gate_counters, gate_state
from device.hub.db.tables import gates as gate_table
from device.hub.folder import HubFolder
from device.model import HOUR_MS, Count, HourCounts
from device.wire import catalogue
from device.wire import state as gate_state_wire
from device.wire import status as question
from tests.bench.hub_child import MeasuredHub
from tests.bench.hub_gates import HOST, signed, trusting
from tests.support.gate_states import QUIET

GATES: Final = 10_000
REQUESTS: Final = 300
PACE: Final = 33.0
MOST_MS: Final = 200
MOST_SHARE: Final = 0.2


@dataclass(frozen=True, slots=True)
class Asked:
    """What a number of requests of one kind came to.

    Attributes:
        requests: that were answered with 200.
        cpu_ms: of the hub's process, for each, connection and handshake included.
        kept_line_cpu_ms: the same on lines that stay open, at full speed.
        p99_ms: how long one took, with its connection.
    """

    requests: int
    cpu_ms: float
    kept_line_cpu_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured.

    Attributes:
        gates: in the table.
        state: reports.
        status: questions about a person.
        catalogue: questions about bundles.
        core_share: of one core, that reports of all gates take at their pace.
        list_ms: until the hub's database has said how all of them stand.
        table_ms: until all of them are printed.
    """

    gates: int
    state: Asked
    status: Asked
    catalogue: Asked
    core_share: float
    list_ms: float
    table_ms: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench gates`` takes."""
    parser.add_argument("--gates", type=int, default=GATES, help=f"in the table (default {GATES})")
    parser.add_argument("--requests", type=int, default=REQUESTS, help=f"of each kind (default {REQUESTS})")
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run it; 0 when every promise held, 1 otherwise."""
    with tempfile.TemporaryDirectory() as scratch:
        found = _measure(Path(scratch) / "hub", arguments.gates, arguments.requests)
    if arguments.json:
        print(json.dumps(asdict(found)))
    else:
        print(f"{found.gates} gates, {PACE:g} reports a second: {found.core_share:.0%} of a core")
        for name, asked in (("state", found.state), ("status", found.status), ("bundles", found.catalogue)):
            print(
                f"/v1/{name}: {asked.cpu_ms:.1f} ms of a core each with a connection, "
                f"{asked.kept_line_cpu_ms:.1f} on an open line; p99 {asked.p99_ms:.0f} ms"
            )
        print(f"how all stand: {found.list_ms:.0f} ms of query, {found.table_ms:.0f} ms as a table")
    kinds = (found.state, found.status, found.catalogue)
    slowest_ms = max(found.table_ms, found.state.p99_ms, found.catalogue.p99_ms)
    good = slowest_ms < MOST_MS and found.core_share < MOST_SHARE
    return 0 if good and all(one.requests == arguments.requests for one in kinds) else 1


def _measure(folder: Path, gates: int, requests: int) -> Result:
    hub = HubFolder.create(folder, SystemClock())
    hub.make_status_secret()
    senders = [hub.add_gate(f"Cổng {number}") for number in range(min(requests, gates))]
    _fill(hub, gates - len(senders))
    store = hub.open_store()
    began_s = time.perf_counter()
    listed = len(store.standings())
    list_ms = (time.perf_counter() - began_s) * 1000
    store.close()
    assert listed == gates
    began_s = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        main(["hub", "gate", "list", str(folder)])
    table_ms = (time.perf_counter() - began_s) * 1000
    with MeasuredHub(folder) as child:
        state = _asked(child, hub, senders, gate_state_wire.PATH, requests)
        status = _asked(child, hub, senders, question.PATH, requests)
        bundles = _asked(child, hub, senders, catalogue.PATH, requests)
    return Result(gates, state, status, bundles, state.cpu_ms / 1000 * PACE, round(list_ms), round(table_ms))


def _fill(hub: HubFolder, gates: int) -> None:
    """Put gates into the tables, each with a day of counts."""
    now_ms = SystemClock().reading().wall_ms
    names = [f"gate-{number:012x}" for number in range(gates)]
    document = json.dumps(asdict(QUIET))
    rows = [
        {
            "device_id": name,
            "name": f"Trường {name}",
            "public_key": os.urandom(32),
            "revocation": None,
            "added_ms": now_ms - 10**9,
            "began_ms": 0,
            "contact_ms": now_ms,
            "sealing_day": "2026-01-01",
        }
        for name in names
    ]
    standing = {"heard_ms": now_ms, "version": QUIET.version, "troubles": "", "waiting": 0, "scans": 80}
    states = [{"device_id": name, **standing, "day": "2026-01-01", "document": document} for name in names]
    counts = {column.name: 9 for column in gate_counters.c if column.name.replace("_", "-") in set(Count)}
    store = hub.open_store()
    with store.begin() as connection:
        if gates:
            connection.execute(gate_table.insert(), rows)
            connection.execute(gate_state.insert(), states)
        for back in range(24 if gates else 0):
            hour = now_ms // HOUR_MS - back
            hours = [{"device_id": name, "hour": hour, "series": QUIET.series, **counts} for name in names]
            connection.execute(gate_counters.insert(), hours)
    store.close()


def _asked(child: MeasuredHub, hub: HubFolder, senders: Sequence[Enrolment], path: str, requests: int) -> Asked:
    """Ask at the pace of all gates, each time on a line of its own; then as fast as it goes, on one."""
    trust = trusting(hub)
    bodies = [_body(path, number) for number in range(requests)]
    heads = [
        signed(senders[number % len(senders)], child.port, path, body) for number, body in enumerate(bodies)
    ]  # fmt: skip
    never, took_s, good = threading.Event(), list[float](), 0
    before_s = child.cpu_s()
    start_s = time.perf_counter()
    for number, (head, body) in enumerate(zip(heads, bodies, strict=True)):
        never.wait(max(0.0, start_s + number / PACE - time.perf_counter()))
        began_s = time.perf_counter()
        line = http.client.HTTPSConnection(HOST, child.port, timeout=20, context=trust)
        good += _post(line, path, head, body)
        line.close()
        took_s.append(time.perf_counter() - began_s)
    apart_s = child.cpu_s() - before_s
    again = [(signed(senders[n % len(senders)], child.port, path, body), body) for n, body in enumerate(bodies)]
    before_s = child.cpu_s()
    line = http.client.HTTPSConnection(HOST, child.port, timeout=20, context=trust)
    for head, body in again:
        _post(line, path, head, body)
    line.close()
    kept_s = child.cpu_s() - before_s
    p99_ms = sorted(took_s)[int(len(took_s) * 0.99)] * 1000
    return Asked(good, round(apart_s / requests * 1000, 2), round(kept_s / requests * 1000, 2), round(p99_ms, 1))


def _body(path: str, number: int) -> bytes:
    if path == question.PATH:
        return question.encode_question((f"citizen:{51_090_000_000 + number:012d}",))
    if path == catalogue.PATH:
        return catalogue.encode_question()
    hour = SystemClock().reading().wall_ms // HOUR_MS
    return gate_state_wire.encode_state(
        replace(QUIET, uptime_s=number), [HourCounts(hour - 1, (9,) * len(Count)), HourCounts(hour, (9,) * len(Count))]
    )


def _post(line: http.client.HTTPSConnection, path: str, head: dict[str, str], body: bytes) -> bool:
    line.request("POST", path, body, head)
    with line.getresponse() as answer:
        answer.read()
        return answer.status == http.client.OK
