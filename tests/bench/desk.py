"""``./setup.sh bench desk``: how long the desk's pages take at a hub of a province, in PostgreSQL.

All is written by the database itself: five weeks of hours of every gate, counters of a week, states, check-ins. Each
place has a gate. The server is the throw-away one of the tests, on the same cores as the desk. The whole application
answers, with who is logged in and their rights; TLS and the line are left out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text
from starlette.types import ASGIApp, Message, Scope

from device.clock import SystemClock, utc_day
from device.hub.accounts import sessions
from device.hub.accounts.audit import Actor
from device.hub.accounts.reach import give_place
from device.hub.accounts.roles import AccountRole
from device.hub.db.database import HubDatabase
from device.hub.paced_log import PacedLog
from device.hub.supervision.upkeep import MOST_AT_ONCE, refresh
from device.hub.web.app import create_desk
from device.hub.web.asking import SESSION, Desk
from device.hub.web.rights import RIGHTS
from device.model import HOUR_MS, Count
from tests.bench.hub_rows import new_url
from tests.support.fakes import FakeClock
from tests.support.new_hubs import hub_folder
from tests.support.postgres import Cluster

GATES: Final = 10_000
CHECKINS: Final = 10_000_000
LOOKS: Final = 40
MOST_MS: Final = 200
"""Each page, 95 of 100 times."""
_AT_ONCE: Final = 1_000_000
_COUNTS: Final = ", ".join(count.value.replace("-", "_") for count in Count)
_PLACES: Final = """
INSERT INTO registered_places (place_id, likeness, name, kind, province, commune, address, responsible, phone,
                               opening_hours, time_zone, legal_basis, added_ms)
SELECT 'place-' || lpad(to_hex(i), 12, '0'), 'l' || i, 'Trường Tiểu học ' || i,
       (ARRAY['school', 'market', 'office', 'shop'])[1 + i % 4], 'Tỉnh ' || i % 34, 'Xã ' || i % 3321, '', '', '',
       'mon-sat 07:00-17:00', 'Asia/Ho_Chi_Minh', '', 1
FROM generate_series(1, :gates) AS i
"""
_GATES: Final = """
INSERT INTO gates (device_id, name, public_key, added_ms, began_ms, contact_ms, sealing_day)
SELECT 'gate-' || i, 'Cổng ' || i, decode(lpad(to_hex(i), 64, '0'), 'hex'), 1, 1, :now_ms - i % 3600000, '2026-01-01'
FROM generate_series(1, :gates) AS i
"""
_LEDGERS: Final = """
INSERT INTO ledgers (ledger_id, device_id, epoch, head_seq, head_link, settled_seq, heard_ms)
SELECT i, 'gate-' || i, repeat('e', 32), 0, decode(repeat('00', 32), 'hex'), 0, 1 FROM generate_series(1, :gates) AS i
"""
_ASSIGNED: Final = """
INSERT INTO gate_assignments (device_id, place_id, since_ms)
SELECT 'gate-' || i, 'place-' || lpad(to_hex(i), 12, '0'), 0 FROM generate_series(1, :gates) AS i
"""
_STATES: Final = """
INSERT INTO gate_state (device_id, heard_ms, version, troubles, waiting, day, scans, document)
SELECT 'gate-' || i, 1, '1.0', '', 0, '2026-01-01', 5, repeat('x', 800) FROM generate_series(1, :gates) AS i
"""
_CONTEXTS: Final = """
INSERT INTO contexts (ledger_id, context_no, boot_id, place_id, key_id, sealing_day)
SELECT i, 1, repeat('b', 32), repeat('0', 16), 'key', 1 FROM generate_series(1, :gates) AS i
"""
# Of four weeks every place is open for 60 hours; one in ten has stopped, one in ten falls, one in ten never began.
_HOURS: Final = """
INSERT INTO gate_hours (ledger_id, hour, place_id, ins, outs, others, repeats, uncertain)
SELECT i, h, repeat('0', 16), CASE WHEN i % 10 = 2 AND h > :now_hour - 168 THEN 1 ELSE 20 + (i + h) % 17 END, 3, 0, 1, 0
FROM generate_series(1, :gates) AS i, generate_series(:now_hour - 839, :now_hour) AS h
WHERE i % 10 <> 0 AND h % 24 < 10 AND h / 24 % 7 <> 3 AND (i % 10 <> 1 OR h < :now_hour - 60)
"""
_COUNTERS: Final = f"""
INSERT INTO gate_counters (device_id, hour, series, {_COUNTS})
SELECT 'gate-' || i, h, repeat('0', 16), {", ".join(["15"] * len(Count))}
FROM generate_series(1, :gates) AS i, generate_series(:now_hour - 167, :now_hour) AS h WHERE h % 24 < 10
"""
_CHECKINS: Final = """
INSERT INTO checkins (arrived_ms, seq, monotonic_ms, wall_ms, earliest_ms, latest_ms, ledger_id, context_no, direction,
                      clock_state, counted, link)
SELECT at, i / :gates + 1, i, at, at - 60000, at, i % :gates + 1, 1, 0, 1, true, decode(repeat('00', 32), 'hex')
FROM (SELECT i, CAST(:now_ms - (:rows - i) * :apart AS bigint) AS at
      FROM generate_series(CAST(:first AS bigint), :last) AS i) AS numbered
"""


@dataclass(frozen=True, slots=True)
class Looked:
    """How long one page took: in the middle, and 95 of 100 times, in milliseconds; and its bytes."""

    path: str
    median_ms: int
    p95_ms: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured.

    Attributes:
        gates: and as many places.
        checkins: that were stored.
        upkeep_ms: until `MOST_AT_ONCE` places were worked out, in the middle.
        looks: at each page.
    """

    gates: int
    checkins: int
    upkeep_ms: int
    looks: list[Looked]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench desk`` takes."""
    parser.add_argument("--gates", type=int, default=GATES, help=f"and as many places (default {GATES:,})")
    parser.add_argument("--checkins", type=int, default=CHECKINS, help=f"that are stored (default {CHECKINS:,})")
    parser.add_argument("--looks", type=int, default=LOOKS, help=f"at each page (default {LOOKS})")
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run it; 0 when each page took less than `MOST_MS` 95 of 100 times."""
    with tempfile.TemporaryDirectory() as scratch, closing(Cluster()) as cluster:
        clock = FakeClock(wall_ms=SystemClock().reading().wall_ms)
        folder = hub_folder(Path(scratch) / "hub", clock, new_url(cluster))
        with closing(folder.open_store()) as store:
            desk = Desk(store, folder, PacedLog(SystemClock()), clock)
            _fill(desk.store, arguments.gates, arguments.checkins)
            found = Result(
                arguments.gates,
                arguments.checkins,
                _upkeep_ms(desk.store),
                _looks(desk, arguments.gates, arguments.looks),
            )
    if arguments.json:
        print(json.dumps(asdict(found)))
    else:
        print(f"{found.gates:,} gates and places, {found.checkins:,} check-ins")
        print(f"{MOST_AT_ONCE} places worked out: {found.upkeep_ms} ms")
        for look in found.looks:
            print(f"{look.path:<60} {look.median_ms:>5} ms, p95 {look.p95_ms:>5} ms, {look.bytes:>7,} bytes")
    return 0 if all(look.p95_ms < MOST_MS for look in found.looks) else 1


def _fill(store: HubDatabase, gates: int, rows: int) -> None:
    now_ms = store.now_ms()
    values = {"gates": gates, "now_ms": now_ms, "now_hour": now_ms // HOUR_MS}
    today = utc_day(now_ms)
    store.make_partitions_for([today - timedelta(days=30), today], [])
    for statement in (_PLACES, _GATES, _LEDGERS, _ASSIGNED, _STATES, _CONTEXTS, _HOURS, _COUNTERS):
        with store.begin() as connection:
            _execute(connection, statement, values)
    apart = 28 * 86_400_000 // max(1, rows)
    for first in range(0, rows, _AT_ONCE):
        these = values | {"rows": rows, "apart": apart, "first": first, "last": min(rows, first + _AT_ONCE) - 1}
        with store.begin() as connection:
            _execute(connection, _CHECKINS, these)
    with store.reading() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def _execute(connection: Connection, statement: str, values: dict[str, int]) -> None:
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text(statement), {name: value for name, value in values.items() if f":{name}" in statement})


def _upkeep_ms(store: HubDatabase) -> int:
    taken = []
    done = 1
    while done:
        began_s = time.perf_counter()
        done = refresh(store)
        taken.append(time.perf_counter() - began_s)
    return round(sorted(taken)[len(taken) // 2] * 1000)


def _token(desk: Desk, name: str, role: AccountRole, places: list[str]) -> str:
    """Return the session of an account that is made for it."""
    desk.accounts.add(name, role, Actor("bench"))
    account = desk.accounts.find(name)
    assert account is not None
    with desk.store.begin() as connection:
        for place_id in places:
            give_place(connection, account.account_id, place_id)
        return sessions.begin(connection, account.account_id, desk.store.now_ms(), whole=True)


def _looks(desk: Desk, gates: int, looks: int) -> list[Looked]:
    place = f"place-{gates // 2:012x}"
    everybody = _token(desk, "Admin", AccountRole.ADMINISTRATOR, [])
    owner = _token(desk, "Lan", AccountRole.OWNER, [place])
    app = create_desk(desk)
    paths = [
        ("/", "/"),
        ("/", f"/?after=2.0.place-{0:012x}"),
        ("/", "/?standing=well&province=T%E1%BB%89nh%201"),
        ("/places/{place_id}/supervision", f"/places/{place}/supervision"),
        ("/check-ins", "/check-ins"),
        ("/check-ins", f"/check-ins?place={place}"),
        ("/check-ins", f"/check-ins?gate=gate-{gates // 2}"),
        ("/gates", "/gates"),
        ("/gates/{device}", f"/gates/gate-{gates // 2}"),
        ("/places", "/places"),
        ("/places/{place_id}", f"/places/{place}"),
        ("/audit", "/audit"),
    ]
    found = [_look(app, everybody, path, looks) for route, path in paths if ("GET", route) in RIGHTS]
    return [*found, *(_look(app, owner, path, looks, " (owner)") for path in ("/", "/check-ins"))]


def _look(app: ASGIApp, token: str, path: str, looks: int, who: str = "") -> Looked:
    async def look_often() -> tuple[list[float], int]:
        taken, size = [], 0
        for _ in range(looks + 1):  # the first is warming up
            began_s = time.perf_counter()
            status, body = await _get(app, token, path)
            taken.append(time.perf_counter() - began_s)
            assert status == 200, (path, status)
            size = len(body)
        return taken, size

    taken, size = asyncio.run(look_often())
    ordered = sorted(taken[1:])
    at = [round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000) for share in (0.5, 0.95)]
    return Looked(path + who, at[0], at[1], size)


async def _get(app: ASGIApp, token: str, path: str) -> tuple[int, bytes]:
    """Ask the application for a page, as a server would."""
    where, _, query = path.partition("?")
    headers = [(b"host", b"hub.vn"), (b"cookie", f"{SESSION}={token}".encode())]
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": where,
        "raw_path": where.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    status, body = 0, b""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, body
        status = message.get("status", status)
        body += message.get("body", b"")

    await app(scope, receive, send)
    return status, body
