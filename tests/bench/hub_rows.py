"""A hub's database filled with any number of check-ins by the database itself, for benches that ask what size costs.

What is sealed and the links are octets that mean nothing: nothing here opens or proves them.
"""

from __future__ import annotations

from contextlib import closing
from typing import Final

from sqlalchemy import insert, text

from device.crypto.sealing import SealingKey
from device.hub.db.rows import day_number
from device.hub.db.tables import contexts, ledgers
from device.hub.folder import HubFolder
from tests.support.fake_outbox import EPOCH, PLACES
from tests.support.fakes import BOOT_ID
from tests.support.new_hubs import make_tables
from tests.support.postgres import Cluster

GATES: Final = 20
_AT_ONCE: Final = 500_000
"""Rows of one transaction: SQLite's log stays small."""
_SEALED: Final = 304
"""Octets, of a check-in with one document."""
_OCTETS: Final = {
    "sqlite": "randomblob({})",
    "postgresql": "substr(decode(repeat(md5(i::text), {} / 16 + 1), 'hex'), 1, {})",
}
_NUMBERS: Final = """
WITH RECURSIVE n(i, now) AS
  (SELECT CAST(:first AS INTEGER), CAST(:now AS BIGINT) UNION ALL SELECT i + 1, now FROM n WHERE i < :last)"""
_CHECKINS: Final = """
INSERT INTO checkins (arrived_ms, seq, monotonic_ms, wall_ms, earliest_ms, latest_ms, ledger_id, context_no, direction,
                      clock_state, counted, link)
{numbers} SELECT now, i / {gates} + 1, i, now, now, now, i % {gates} + 1, 1, 0, 1, true, {link} FROM n
"""
_BODIES: Final = """
INSERT INTO bodies (sealing_day, ledger_id, seq, apart, sealed)
{numbers} SELECT {day}, i % {gates} + 1, i / {gates} + 1, 0, {sealed} FROM n
"""


def new_url(cluster: Cluster) -> str:
    """Return the URL of a new database of a server, with a hub's tables."""
    url = cluster.url(cluster.new_database())
    make_tables(url)
    return url


def fill(folder: HubFolder, key: SealingKey, rows: int) -> None:
    """Let a hub without a gate have *rows* check-ins of `GATES` gates, that arrived now, sealed to a key of its own."""
    assert key.day is not None
    day, now_ms = day_number(key.day), folder.clock.reading().wall_ms
    gates = [folder.add_gate(f"Cổng {number}").device_id for number in range(GATES)]
    with closing(folder.open_store()) as store:
        with store.begin() as connection:
            for number, device_id in enumerate(gates):
                stored = rows // GATES + (number < rows % GATES)
                connection.execute(
                    insert(ledgers).values(
                        ledger_id=number + 1,
                        device_id=device_id,
                        epoch=EPOCH,
                        head_seq=stored,
                        head_link=bytes(32),
                        settled_seq=stored,
                        heard_ms=now_ms,
                        stored=stored,
                        counted=stored,
                    )
                )
                shared = {"boot_id": BOOT_ID, "place_id": PLACES[0][0], "key_id": key.key_id, "sealing_day": day}
                connection.execute(insert(contexts).values(ledger_id=number + 1, context_no=1, **shared))
            octets = _OCTETS[connection.dialect.name]
        words = {
            "gates": GATES,
            "numbers": _NUMBERS,
            "day": day,
            "link": octets.replace("{}", "32"),
            "sealed": octets.replace("{}", str(_SEALED)),
        }
        for first in range(0, rows, _AT_ONCE):
            these = {"first": first, "last": min(rows, first + _AT_ONCE) - 1, "now": now_ms}
            with store.begin() as connection:
                connection.execute(text(_CHECKINS.format(**words)), these)
            with store.begin() as connection:
                connection.execute(text(_BODIES.format(**words)), these)
