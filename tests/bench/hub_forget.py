"""``./setup.sh bench hub-forget``: how long a hub takes to forget a day of any number of check-ins, and its room.

All are sealed to one key, whose retention passes by a clock that is set on. PostgreSQL is a throw-away server beside
it, as the tests use it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from device.clock import DAY_MS, utc_day
from device.hub.db.database import HubDatabase
from device.hub.db.retention import destroyed_keys
from device.hub.maintenance import Maintenance
from device.wire.time_fields import Sent
from tests.bench.hub_rows import fill, new_url
from tests.support.fakes import FakeClock
from tests.support.new_hubs import hub_folder
from tests.support.postgres import Cluster

ROWS: Final = 1_000_000
MOST_S: Final = 1.0
"""On PostgreSQL. On SQLite a day goes in short pieces, between which others write."""
_SIZE: Final = {
    "sqlite": "SELECT (page_count - freelist_count) * page_size"
    " FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
    "postgresql": "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
    " WHERE relkind IN ('r', 'S') AND relnamespace = 'public'::regnamespace",
}


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What it cost to forget a day.

    Attributes:
        database: ``sqlite`` or ``postgresql``.
        rows: that lost their body, by the audit.
        seconds: of the whole hourly look in which the day's key and all that was sealed to it were destroyed.
        before_mb: what all tables and indexes took before, 10^6 bytes.
        after_mb: the same, right after it; nothing was cleaned up.
        blank_mb: the same, without a row.
    """

    database: str
    rows: int
    seconds: float
    before_mb: float
    after_mb: float
    blank_mb: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench hub-forget`` takes."""
    parser.add_argument("--rows", type=int, default=ROWS, help=f"check-ins of the day (default {ROWS:,})")
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run it; 0 when all were forgotten, on PostgreSQL in less than `MOST_S`."""
    with tempfile.TemporaryDirectory() as scratch, closing(Cluster()) as cluster:
        found = [
            _forget(Path(scratch) / "sqlite", None, arguments.rows),
            _forget(Path(scratch) / "postgresql", new_url(cluster), arguments.rows),
        ]
    if arguments.json:
        print(json.dumps([asdict(one) for one in found]))
    else:
        for one in found:
            sizes = f"{one.before_mb:,.1f} MB before, {one.after_mb:,.1f} after, {one.blank_mb:,.1f} without a row"
            print(f"{one.database:<10} {one.rows:,} rows forgotten in {one.seconds:.2f} s; {sizes}")
    fast = all(one.seconds < MOST_S for one in found if one.database == "postgresql")
    return 0 if fast and all(one.rows == arguments.rows for one in found) else 1


def _forget(place: Path, url: str | None, rows: int) -> Forgotten:
    clock = FakeClock()
    folder = hub_folder(place, clock, url)
    first = folder.sealing_keys()[0]
    with closing(folder.open_store()) as store:
        blank_mb = _megabytes(store)
        fill(folder, first, rows)
        maintenance = Maintenance(folder.keys, store, folder.retention_days, clock)
        done: list[int] = []
        while not done:
            before_mb = _megabytes(store)
            clock.advance(DAY_MS)
            _greet(store, clock)
            began_s = time.perf_counter()
            maintenance.run_once()
            took_s = time.perf_counter() - began_s
            with store.reading() as connection:
                done = [key.checkins for key in destroyed_keys(connection) if key.day == first.day]
        database = "sqlite" if url is None else "postgresql"
        sizes = (round(size, 1) for size in (before_mb, _megabytes(store), blank_mb))
        return Forgotten(database, done[0], round(took_s, 2), *sizes)


def _greet(store: HubDatabase, clock: FakeClock) -> None:
    """Let every gate say that it seals to today's key, so that no earlier one is waited for."""
    today = utc_day(clock.wall_ms)
    for gate in store.gates():
        store.note_contact(gate.device_id, Sent(clock.reading(), today))


def _megabytes(store: HubDatabase) -> float:
    with store.reading() as connection:
        return float(connection.exec_driver_sql(_SIZE[connection.dialect.name]).scalar_one()) / 1e6
