"""A large database does not keep the hub from serving at once, and damage in it is found and told all the same."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.errors import ConfigurationError
from device.hub.backup import back_up, restore
from device.hub.damage import MARK, SMALL_BYTES, DamageSearch, check_at_start
from device.hub.folder import HubFolder
from device.hub.serve import LOOPBACK, listen, serve
from tests.support.fake_outbox import batch_of, chained_rows

NOW_MS = 1_767_225_600_000


@pytest.fixture
def large(tmp_path: Path) -> HubFolder:
    """Return a hub with three check-ins, and so much beside them that its file is a large one."""
    hub = HubFolder.create(tmp_path / "hub", SystemClock())
    gate = hub.add_gate("Cổng A")
    with closing(hub.open_store()) as store:
        store.ingest(batch_of(gate.device_id, chained_rows(gate.device_id, gate.sealing_keys[-1], 3)))
    with closing(sqlite3.connect(hub.database)) as connection, connection:
        connection.execute("CREATE TABLE much (body BLOB)")
        connection.execute("INSERT INTO much VALUES (zeroblob(?))", (SMALL_BYTES,))
    return hub


def damage(database: Path, first: int, count: int) -> None:
    """Write over pages, which are numbered from 1."""
    with database.open("r+b") as file:
        file.seek((first - 1) * 4096)
        file.write(b"\xff" * (count * 4096))


def root_of(database: Path, table: str) -> int:
    with closing(sqlite3.connect(database)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = ?"
        return int(connection.execute(query, (table,)).fetchone()[0])


def test_damage_found_while_a_hub_serves_ends_it_until_a_backup_is_restored(
    large: HubFolder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    back_up(large, tmp_path / "backup")
    first, count = SMALL_BYTES // 4096 // 2, 10
    damage(large.database, first, count)
    with pytest.raises(ConfigurationError, match=r"while it ran, so it has ended.* gate-scanner hub restore"):
        serve(large, listen(LOOPBACK, 0))
    held = large.database.read_bytes()  # it served, and looked after itself meanwhile
    assert held[(first - 1) * 4096 :].startswith(b"\xff" * (count * 4096))
    with pytest.raises(ConfigurationError, match=r"nothing was changed.* gate-scanner hub restore"):
        serve(large, listen(LOOPBACK, 0))
    assert caplog.text.count("event=database-damaged") == 1
    assert large.database.read_bytes() == held
    replaced = restore(large.path, tmp_path / "backup", NOW_MS).replaced
    assert replaced is not None
    assert (replaced / "hub.db").read_bytes() == held
    assert [(replaced / MARK).exists(), (large.path / MARK).exists()] == [True, False]
    assert check_at_start(large.database)


def test_of_a_large_database_what_every_request_needs_is_looked_through_before_the_first(large: HubFolder) -> None:
    assert check_at_start(large.database)
    damage(large.database, root_of(large.database, "ledgers"), 1)
    with pytest.raises(ConfigurationError, match="gate-scanner hub restore"):
        check_at_start(large.database)


def test_a_mark_of_damage_goes_when_all_was_looked_through_and_is_well(large: HubFolder) -> None:
    (large.path / MARK).touch()
    assert [check_at_start(large.database), check_at_start(large.database)] == [False, True]


def test_a_whole_database_is_said_to_be_and_a_search_that_is_broken_off_says_nothing(
    large: HubFolder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    found: list[str] = []
    for is_closed, whole in ((True, 0), (False, 1)):
        search = DamageSearch(large.database, SystemClock(), lambda: found.append("damage"))
        if is_closed:
            search.close()
        search.run()
        assert (search.told, found, caplog.text.count("event=database-whole")) == ("", [], whole)


def test_a_database_that_cannot_be_looked_at_is_no_damage(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    search = DamageSearch(tmp_path / "hub.db", SystemClock(), lambda: None)
    search.run()
    assert search.told == ""
    assert "event=database-check-failed reason=SQLITE_CANTOPEN" in caplog.text
