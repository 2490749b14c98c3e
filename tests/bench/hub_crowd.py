"""``./setup.sh bench hub-crowd``: two thousand gates come back at once after an outage, over a line that loses answers.

Meanwhile other gates ask about people, at a steady pace. What the hub takes a second is measured beforehand, with the
same senders, when a few gates deliver and nothing is lost. With PostgreSQL there may be several hubs, each with a part
of the gates.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from device.clock import SystemClock
from device.crypto.signing import SigningKey
from device.enrolment.document import Enrolment
from device.hub.db.hours import SUMS
from device.hub.db.tables import checkins, gate_hours, ledgers
from device.hub.db.tables import gates as gate_table
from device.hub.folder import HubFolder
from tests.bench.hub_child import MeasuredHub
from tests.bench.hub_crowd_askers import asking
from tests.bench.hub_crowd_gates import Crowd, Returning
from tests.bench.hub_gates import trusting
from tests.support.new_hubs import hub_folder, make_tables
from tests.support.postgres import Cluster

GATES: Final = 2_000
ROWS: Final = 500
STEADY: Final = 20
STEADY_ROWS: Final = 4
"""Times as many rows has each of the gates that come beforehand."""
CUT_EVERY: Final = 5
ASKERS: Final = 20
MOST_RATIO: Final = 1.5
MOST_STATUS_MS: Final = 300
_MOST_S: Final = 900.0


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured.

    Attributes:
        database: ``sqlite`` or ``postgresql``.
        workers: hubs.
        gates: that came back at once.
        rows: of all of them.
        finished: gates that delivered everything.
        a_second: rows that the hub takes from a few gates.
        took_s: until the last gate had delivered.
        half_s: until half of them had.
        ratio: of that to rows / a_second.
        cpu_us_before: of the hubs' processes, for a row of a few gates.
        cpu_us: the same in the crowd, refusals and questions included.
        requests: by what became of them (`tests.bench.hub_crowd_gates.Outcome`).
        lost: rows that are not there.
        twice: rows that are there more than once, or stand in the sums more than once.
        asked: questions about a person meanwhile.
        status_before_p99_ms: of one, while a few gates delivered.
        status_p50_ms: of one, in the crowd.
        status_p99_ms: the same; 2,000 where none came.
        status_most_ms: the same.
    """

    database: str
    workers: int
    gates: int
    rows: int
    finished: int
    a_second: int
    took_s: float
    half_s: float
    ratio: float
    cpu_us_before: float
    cpu_us: float
    requests: dict[str, int]
    lost: int
    twice: int
    asked: int
    status_before_p99_ms: float
    status_p50_ms: float
    status_p99_ms: float
    status_most_ms: float

    @property
    def is_good(self) -> bool:
        """Whether every promise held."""
        whole = self.finished == self.gates and not self.lost and not self.twice
        return whole and self.ratio <= MOST_RATIO and self.status_p99_ms <= MOST_STATUS_MS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench hub-crowd`` takes."""
    for name, number, what in (
        ("gates", GATES, "gates that come back at once"),
        ("rows", ROWS, "check-ins of each"),
        ("steady", STEADY, "gates that deliver beforehand, to see what the hub takes"),
        ("workers", 1, "hubs, with PostgreSQL"),
    ):
        parser.add_argument(f"--{name}", type=int, default=number, help=f"{what} (default {number})")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite", help="default sqlite")
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run it; 0 when every promise held, 1 otherwise."""
    with ExitStack() as held:
        place = Path(held.enter_context(tempfile.TemporaryDirectory())) / "hub"
        url = None
        if arguments.database == "postgresql":
            cluster = held.enter_context(closing(Cluster()))
            url = cluster.url(cluster.new_database())
            make_tables(url)
        found = _measure(place, url, arguments)
    if arguments.json:
        print(json.dumps(asdict(found)))
    else:
        _print(found)
    return 0 if found.is_good else 1


def _measure(place: Path, url: str | None, arguments: argparse.Namespace) -> Result:
    folder = hub_folder(place, SystemClock(), url)
    folder.make_status_secret()
    workers = 1 if url is None else arguments.workers
    gates = _enrolled(folder, arguments.gates + arguments.steady + ASKERS)
    trust, steady = trusting(folder), gates[arguments.gates : arguments.gates + arguments.steady]
    with ExitStack() as held:
        hubs = [held.enter_context(MeasuredHub(folder.path)) for _ in range(workers)]
        ports = [hub.port for hub in hubs]
        before_rows = STEADY_ROWS * arguments.rows
        cpu_s = [_cpu_s(hubs)]
        few = Crowd(_returning(steady, ports), before_rows, trust, 0, _MOST_S)
        with asking(gates[-ASKERS:], ports) as quiet_ms:
            before = few.come()
        cpu_s.append(_cpu_s(hubs))
        crowd = Crowd(_returning(gates[: arguments.gates], ports), arguments.rows, trust, CUT_EVERY, _MOST_S)
        with asking(gates[-ASKERS:], ports) as busy_ms:
            came = crowd.come()
        cpu_s.append(_cpu_s(hubs))
    rows, a_second = arguments.gates * arguments.rows, len(steady) * before_rows / before.wall_s
    lost, twice = _lost_and_twice(folder, gates[: arguments.gates], arguments.rows)
    return Result(
        database=arguments.database,
        workers=workers,
        gates=arguments.gates,
        rows=rows,
        finished=came.finished,
        a_second=round(a_second),
        took_s=round(came.wall_s, 2),
        half_s=round(_at(came.late_s, 0.5), 2),
        ratio=round(came.wall_s / (rows / a_second), 2),
        cpu_us_before=round((cpu_s[1] - cpu_s[0]) / (len(steady) * before_rows) * 1e6, 1),
        cpu_us=round((cpu_s[2] - cpu_s[1]) / rows * 1e6, 1),
        requests=dict(sorted(came.what.items())),
        lost=lost,
        twice=twice,
        asked=len(busy_ms),
        status_before_p99_ms=_at(quiet_ms, 0.99),
        status_p50_ms=_at(busy_ms, 0.5),
        status_p99_ms=_at(busy_ms, 0.99),
        status_most_ms=max(busy_ms),
    )


def _cpu_s(hubs: Sequence[MeasuredHub]) -> float:
    return sum(hub.cpu_s() for hub in hubs)


def _at(values: Sequence[float], share: float) -> float:
    """Return what *share* of the values stayed below."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def _enrolled(folder: HubFolder, number: int) -> list[Enrolment]:
    """Register many gates at once; the first one as everybody is."""
    first = folder.add_gate("Cổng 0")
    now_ms = SystemClock().reading().wall_ms
    made = [
        Enrolment(f"gate-{at:012x}", SigningKey.new(), first.ca, first.bundle_root, first.sealing_keys, first.at_ms)
        for at in range(1, number)
    ]
    rows = [
        {
            "device_id": gate.device_id,
            "name": gate.device_id,
            "public_key": gate.key.public,
            "revocation": None,
            "added_ms": now_ms,
            "began_ms": 0,
            "contact_ms": now_ms,
            "sealing_day": str(first.sealing_keys[0].day),
        }
        for gate in made
    ]
    with closing(folder.open_store()) as store, store.begin() as connection:
        connection.execute(gate_table.insert(), rows)
    return [first, *made]


def _returning(gates: Sequence[Enrolment], ports: Sequence[int]) -> list[Returning]:
    return [Returning(gate, number, ports[number % len(ports)]) for number, gate in enumerate(gates)]


def _lost_and_twice(folder: HubFolder, gates: Sequence[Enrolment], rows: int) -> tuple[int, int]:
    """Count, by ledger and number, what is not there and what is there too often; the sums as well."""
    stored = (
        select(ledgers.c.device_id, func.count(), func.count(checkins.c.seq.distinct()))
        .join(checkins, checkins.c.ledger_id == ledgers.c.ledger_id)
        .group_by(ledgers.c.device_id)
    )
    all_sums = sum((gate_hours.c[name] for name in SUMS[1:]), gate_hours.c[SUMS[0]])
    summed = (
        select(ledgers.c.device_id, func.sum(all_sums))
        .join(gate_hours, gate_hours.c.ledger_id == ledgers.c.ledger_id)
        .group_by(ledgers.c.device_id)
    )
    with closing(folder.open_store()) as store, store.reading() as connection:
        there = {device_id: (whole, numbers) for device_id, whole, numbers in connection.execute(stored)}
        sums = {device_id: int(found) for device_id, found in connection.execute(summed)}
    lost = twice = 0
    for gate in gates:
        whole, numbers = there.get(gate.device_id, (0, 0))
        in_sums = sums.get(gate.device_id, 0)
        lost += rows - numbers + max(0, rows - in_sums)
        twice += whole - numbers + max(0, in_sums - rows)
    return lost, twice


def _print(found: Result) -> None:
    hubs = "one hub" if found.workers == 1 else f"{found.workers} hubs"
    print(f"{found.gates:,} gates come back at once with {found.rows:,} check-ins; {found.database}, {hubs}")
    print(f"  a few gates           {found.a_second:,} check-ins a second")
    print(f"  delivered everything  {found.finished:,} gates in {found.took_s} s, half of them in {found.half_s} s")
    print(f"  to backlog / pace     {found.ratio} times (at most {MOST_RATIO})")
    print(f"  the hub's processor   {found.cpu_us} µs a check-in, {found.cpu_us_before} of a few gates")
    print(f"  requests              {', '.join(f'{number} {what}' for what, number in found.requests.items())}")
    print(f"  lost / twice          {found.lost} / {found.twice}")
    print(
        f"  a status question     {found.status_p50_ms} ms p50, {found.status_p99_ms} ms p99, "
        f"{found.status_most_ms} ms at most, of {found.asked} (p99 at most {MOST_STATUS_MS}; "
        f"beside a few gates {found.status_before_p99_ms})"
    )
