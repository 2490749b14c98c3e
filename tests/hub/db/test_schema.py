from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, select

from device.cli import main
from device.clock import ClockReading, ClockState
from device.crypto.signing import SigningKey
from device.enrolment import pairing
from device.enrolment.code import read_code
from device.enrolment.pairing import Applicant
from device.errors import ConfigurationError
from device.hub.backup import in_use
from device.hub.db import account_tables, gate_tables, people_status, registry_tables, supervision_tables
from device.hub.db.database import HubDatabase
from device.hub.db.enrolments import Enrolled
from device.hub.db.queries import arrived_document, quarantined_document
from device.hub.db.retention import destroyed_keys
from device.hub.db.schema import VERSIONS
from device.hub.db.tables import metadata
from device.hub.folder import HubFolder
from device.hub.migrating import migrate as migrate_hub
from device.hub.unsealing import unsealed, unsealed_apart
from device.model import HealthColour, Receipt, Status
from tests.support.databases import both_databases
from tests.support.fake_outbox import batch_of, rows_at
from tests.support.old_hub import OldHub, old_hub, on_postgres

NEWEST = len(VERSIONS)
MIGRATIONS = Path(__file__).parents[3] / "device" / "hub" / "db" / "migrations"


@pytest.fixture
def old(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> OldHub:
    """A hub of before there were migrations; its rows are in a blank database of a server, or in its file."""
    made = old_hub(tmp_path)
    return on_postgres(made, request.getfixturevalue("postgres_url")) if database == "postgresql" else made


def migrate(old: OldHub, *, dry_run: bool = False) -> list[str]:
    said: list[str] = []
    migrate_hub(HubFolder(old.path, old.clock), said.append, dry_run=dry_run)
    return said


@pytest.fixture
def migrated(old: OldHub) -> Iterator[HubDatabase]:
    migrate(old)
    with closing(HubFolder(old.path, old.clock).open_store()) as store:
        yield store


def content(old: OldHub) -> dict[str, list[str]]:
    """Return all rows of all tables, whatever there is, on either database."""
    with closing(HubFolder(old.path, old.clock).open_store(old=True)) as store, store.reading() as connection:
        there = MetaData()
        there.reflect(connection)
        return {
            table.name: sorted(str(sorted(row._asdict().items())) for row in connection.execute(select(table)))
            for table in there.sorted_tables
        }


def test_the_versions_that_the_program_knows_are_the_steps_that_are_there() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert tuple(step.revision for step in reversed(list(script.walk_revisions()))) == VERSIONS


def test_the_steps_end_in_the_tables_that_the_program_uses(store: HubDatabase) -> None:
    assert account_tables.accounts.metadata is metadata
    # Of those modules, whose import puts them there.
    theirs = {registry_tables.posters, gate_tables.gate_groups, supervision_tables.place_standings}
    assert theirs <= {*metadata.sorted_tables}
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@both_databases
def test_a_migrated_hub_tells_what_it_told_before(old: OldHub, migrated: HubDatabase) -> None:
    told = old.told
    assert [arrived_document(one) for one in migrated.every_checkin()] == told["checkins"]
    assert [quarantined_document(one) for one in migrated.every_quarantined()] == told["quarantined"]
    assert [one.row.link.hex() for one in migrated.every_checkin()] == told["links"]
    assert migrated.count() == told["count"]
    gates = [
        [gate.device_id, gate.name, gate.checkins, gate.heard_ms, gate.public.hex(), gate.revocation]
        for gate in migrated.gates()
    ]
    assert gates == [[*gate[:5], gate[5] and bytes.fromhex(gate[5])] for gate in told["gates"]]
    assert [[alarm.device_id, alarm.kind, alarm.seq] for alarm in migrated.alarms()] == told["alarms"]
    assert [list(one) for one in migrated.unsealings()] == told["unsealings"]
    with migrated.reading() as connection:
        destroyed = [[str(one.day), one.who, one.checkins] for one in destroyed_keys(connection)]
    assert destroyed == told["destroyed"]


def test_on_a_server_the_same_rows_are_moved_to_the_same_as_in_a_file(tmp_path: Path, postgres_url: str) -> None:
    found = []
    for name in ("file", "server"):
        (tmp_path / name).mkdir()
        old = old_hub(tmp_path / name)
        migrate(on_postgres(old, postgres_url) if name == "server" else old)
        whole = content(old)
        found.append({table.name: whole[table.name] for table in metadata.sorted_tables})
    assert found[0] == found[1]
    assert min(len(found[0][name]) for name in ("checkins", "bodies", "quarantine", "codes", "gate_hours")) > 0


@both_databases
def test_a_migrated_hub_opens_what_it_could_open(old: OldHub, migrated: HubDatabase) -> None:
    def names(found: Any) -> list[str | None]:  # noqa: ANN401 - pairs of a row and what is in it
        return [body and body.credential.person.name for _, body in found]

    folder = HubFolder(old.path, old.clock)
    assert names(unsealed(folder, migrated, "a", "test")) == old.told["names"]
    assert names(unsealed_apart(folder, migrated, "a", "test")) == old.told["names_apart"]


@both_databases
def test_a_migrated_hub_knows_its_people_and_its_codes(old: OldHub, migrated: HubDatabase) -> None:
    folder = HubFolder(old.path, old.clock)
    secret = folder.status_secret()
    assert secret is not None
    digest = people_status.digest(secret, "citizen:000000000001")
    assert migrated.status([digest]) == Status(True, HealthColour.GREEN, None, 2)  # noqa: FBT003 - declared
    code, key, identity = read_code(old.told["unused_code"]), SigningKey.new(), folder.public_identity()
    applicant = Applicant(code.code_id, key.public, pairing.gate_nonce(key, code.code_id), "", b"")
    proof = pairing.gate_proof(pairing.proof_key(code), identity.hello(code.code_id), applicant)
    assert isinstance(migrated.enrol(replace(applicant, proof=proof), identity), Enrolled)
    assert "Cổng E" in [gate.name for gate in migrated.gates()]


@both_databases
def test_gates_go_on_where_they_were_and_what_they_sent_before_is_known(old: OldHub, migrated: HubDatabase) -> None:
    gate, now = old.gates["Cổng A"], old.clock.reading()
    mine = [one.row for one in migrated.every_checkin() if one.device_id == gate.device_id]
    assert migrated.ingest(batch_of(gate.device_id, tuple(mine[:12]))) == Receipt(12)
    readings = [ClockReading("e" * 32, 1_000 * number, now.wall_ms, ClockState.SYNCHRONISED) for number in range(5)]
    key = next(key for key in gate.sealing_keys if key.day is not None)
    today = next(
        pair.key for pair in HubFolder(old.path, old.clock).keys.pairs() if pair.key.key_id == old.told["today_key"]
    )
    assert key.day is not None
    rows = rows_at(gate.device_id, today, readings, after=mine[-1])
    assert migrated.ingest(batch_of(gate.device_id, (*mine[-3:], *rows))) == Receipt(mine[-1].seq + 5)
    assert migrated.count()["checkins"] == old.told["count"]["checkins"] + 5
    arrivals = [one.arrival for one in migrated.every_checkin()]
    assert arrivals == sorted(set(arrivals))  # the new ones are numbered behind the old ones
    migrated.ingest(batch_of(gate.device_id, rows_at(gate.device_id, today, readings[:2], after=mine[5])))  # a fork
    apart = [one.arrival for one in migrated.every_quarantined()]
    assert len(set(apart)) == old.told["count"]["quarantined"] + 2
    opened = list(unsealed(HubFolder(old.path, old.clock), migrated, "a", "test"))[-5:]
    assert [body is not None for _, body in opened] == [True] * 5


@both_databases
def test_an_old_hub_is_not_opened_and_says_how_to_migrate_it(old: OldHub) -> None:
    before = content(old)
    with pytest.raises(ConfigurationError, match=rf"version 1, .* needs {NEWEST}; .* gate-scanner hub migrate DIR"):
        HubFolder(old.path, old.clock).open_store()
    assert content(old) == before


def test_a_newer_hub_is_neither_opened_nor_migrated(old: OldHub) -> None:
    migrate(old)
    with closing(sqlite3.connect(old.path / "hub.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    folder = HubFolder(old.path, old.clock)
    for act in (folder.open_store, lambda: migrate_hub(folder, print)):
        with pytest.raises(ConfigurationError, match=rf"version 9999, .* knows {NEWEST} at most; .* Install the newer"):
            act()


@both_databases
def test_a_dry_run_says_each_step_with_its_rows_and_changes_nothing(old: OldHub) -> None:
    before = content(old)
    said = migrate(old, dry_run=True)
    assert [line.partition(":")[0] for line in said] == [f"version {number + 1}" for number in range(len(VERSIONS))]
    assert said[1].endswith("rows to move: 47")
    assert content(old) == before
    assert migrate(old) == said
    assert migrate(old) == migrate(old, dry_run=True) == []


def test_the_command_tells_what_there_is_to_do_and_does_it_once(
    old: OldHub, capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    for options in (["--dry-run"], [], []):
        assert main(["hub", "migrate", str(old.path), *options]) == 0
        said.append(capsys.readouterr().out.splitlines())
    assert said[0][:-1] == said[1][:-1] != []
    assert said[0][-1].startswith("nothing was changed; make a backup")
    assert said[1:] == [[*said[1][:-1], f"{old.path}: migrated; start the hub"], [f"{old.path}: nothing to migrate"]]


def test_nobody_migrates_a_hub_that_runs(old: OldHub) -> None:
    with in_use(old.path, alone=False), pytest.raises(ConfigurationError, match="systemctl stop gate-hub"):
        migrate(old)


def test_tables_that_came_before_there_were_versions_are_made_when_they_are_missing(old: OldHub) -> None:
    with closing(sqlite3.connect(old.path / "hub.db")) as connection, connection:
        for table in ("stretches", "clock_doubts", "stray_keys"):
            connection.execute(f"DROP TABLE {table}")
    migrate(old)
    with closing(HubFolder(old.path, old.clock).open_store()) as store:
        assert [one.row.link.hex() for one in store.every_checkin()] == old.told["links"]


_KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from device.hub.folder import HubFolder
from device.hub.migrating import migrate
from tests.support.fakes import FakeClock

left = [int(sys.argv[2])]

@event.listens_for(Engine, "after_cursor_execute")
def count(*_):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)

migrate(HubFolder(Path(sys.argv[1]), FakeClock()), print)
"""


@pytest.mark.parametrize(
    ("database", "statements"),
    [*(("sqlite", number) for number in (25, 40, 55, 70, 85)), *(("postgresql", number) for number in (40, 92, 98))],
)
def test_killed_in_the_middle_it_starts_over_and_nothing_is_lost(old: OldHub, statements: int) -> None:
    arguments = [sys.executable, "-c", _KILLED, str(old.path), str(statements)]
    ended = subprocess.run(arguments, capture_output=True, timeout=120, cwd=Path(__file__).parents[3], check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    migrate(old)
    with closing(HubFolder(old.path, old.clock).open_store()) as store:
        assert [arrived_document(one) for one in store.every_checkin()] == old.told["checkins"]
        assert store.count() == old.told["count"]
