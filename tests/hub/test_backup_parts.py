"""A backup of a part of a hub, on both databases: apart from its keys, for no longer than who came can be read."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from device.cli import main
from device.clock import DAY_MS, SystemClock, utc_day
from device.errors import ConfigurationError
from device.hub.backup import back_up, restore
from device.hub.backup_terms import Part, read_terms
from device.hub.folder import HubFolder
from device.hub.ingest_folder import write_ingest_folder
from device.hub.unsealing import unsealed
from tests.support.databases import both_databases, hub_folder
from tests.support.fake_outbox import batch_of, chained_rows
from tests.support.postgres import PASSWORD, Cluster

pytestmark = both_databases


class Made:
    """A hub with three check-ins, and a cluster when its database is there."""

    def __init__(self, folder: Path, cluster: Cluster | None, url: str | None) -> None:
        self.cluster, self.folder = cluster, folder / "hub"
        self.hub = hub_folder(self.folder, SystemClock(), url)
        self.gate = self.hub.add_gate("Cổng A")
        self.rows = chained_rows(self.gate.device_id, self.gate.sealing_keys[0], 5)
        self.send(3)

    def send(self, count: int) -> int:
        with closing(self.hub.open_store()) as store:
            return store.ingest(batch_of(self.gate.device_id, self.rows[:count])).cursor

    def lose_database(self) -> None:
        if self.cluster is None:
            for path in self.folder.glob("hub.db*"):
                path.unlink()
            return
        name = str(self.hub.database_url()).rpartition("/")[2].partition("?")[0]
        self.cluster.drop(name)
        self.cluster.execute(f"CREATE DATABASE {name}")

    def names(self, folder: Path | None = None) -> list[str]:
        hub = HubFolder(folder or self.folder, SystemClock())
        with closing(hub.open_store()) as store:
            credentials = [body and body.credential for _, body in unsealed(hub, store, "a", "test")]
        return [str(one and one.person.name) for one in credentials]


@pytest.fixture
def made(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> Made:
    if database == "sqlite":
        return Made(tmp_path, None, None)
    url = request.getfixturevalue("postgres_url")
    return Made(tmp_path, request.getfixturevalue("postgres"), url)


def now_ms() -> int:
    return SystemClock().reading().wall_ms


VISITORS = [f"Nguyễn Văn Thử {number}" for number in (1, 2, 3)]


def test_database_and_keys_go_to_two_places_and_come_back_from_them(made: Made, tmp_path: Path) -> None:
    for part in (Part.DATABASE, Part.KEYS):
        back_up(made.hub, tmp_path / part, part)
    (database,) = (path.name for path in (tmp_path / "database").iterdir() if path.name != "backup.json")
    assert database == ("hub.db" if made.cluster is None else "hub.dump")
    assert not list((tmp_path / "keys").glob("hub.d*"))
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.rglob("*/*") if path.is_relative_to(tmp_path))
    made.send(5)  # which the backup lacks, and the gate sends again
    made.lose_database()
    made.folder.rename(tmp_path / "lost")
    told = restore(made.folder, tmp_path / "keys", now_ms())
    (lost,) = told.lost
    assert "If the database is lost, restore it too" in lost
    assert lost.startswith(f"{made.folder / 'hub.db'}: " if made.cluster is None else "database.url: ")
    assert restore(made.folder, tmp_path / "database", now_ms()).lost == ()
    assert made.names() == VISITORS
    assert made.send(5) == 5
    assert len(made.names()) == 5


def test_a_database_without_its_keys_is_not_restored_and_lost_days_are_named(made: Made, tmp_path: Path) -> None:
    back_up(made.hub, tmp_path / "database", Part.DATABASE)
    with pytest.raises(ConfigurationError, match="restore one with the keys there first"):
        restore(tmp_path / "elsewhere", tmp_path / "database", now_ms())
    made.lose_database()
    first = min((made.folder / "keys").glob("*.json"))
    first.unlink()
    (lost,) = restore(made.folder, tmp_path / "database", now_ms()).lost
    assert lost.startswith(f"Keys from {first.stem} to {first.stem} are not there (1)")


def test_a_part_of_another_hub_is_refused(made: Made, tmp_path: Path) -> None:
    back_up(made.hub, tmp_path / "database", Part.DATABASE)
    other = HubFolder.create(tmp_path / "other", SystemClock())
    with pytest.raises(ConfigurationError, match="is of another hub"):
        restore(other.path, tmp_path / "database", now_ms())
    assert made.names() == VISITORS


def test_a_backup_is_not_kept_longer_than_who_came_can_be_read(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["hub", "backup", str(made.folder), str(tmp_path / "long"), "--only", "database"]
    assert main([*words, "--keep-days", "22"]) == 78
    assert "who came can be read for 21 days" in capsys.readouterr().err
    assert not (tmp_path / "long").exists()
    assert main([*words, "--keep-days", "22", "--outlive-retention"]) == 0
    terms = read_terms(tmp_path / "long")
    assert terms is not None
    assert terms.remove_by == utc_day(now_ms()) + timedelta(days=22)
    assert f"Remove it by {terms.remove_by}" in capsys.readouterr().out


def test_a_backup_that_was_to_be_removed_is_named_and_restored_only_when_told(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    back_up(made.hub, tmp_path / "old", Part.DATABASE, 1)
    made.lose_database()
    with pytest.raises(ConfigurationError, match=r"was to be removed by .* add --outlive-retention"):
        restore(made.folder, tmp_path / "old", now_ms() + 2 * DAY_MS)
    assert restore(made.folder, tmp_path / "old", now_ms() + 2 * DAY_MS, overdue=True).lost == ()
    assert made.names() == VISITORS
    terms = tmp_path / "old" / "backup.json"
    terms.write_text(terms.read_text().replace(str(utc_day(now_ms() + DAY_MS)), "2026-01-01"))
    assert main(["hub", "backup", str(made.folder), str(tmp_path / "new"), "--only", "keys"]) == 0
    assert f"{tmp_path / 'old'}: was to be removed before today" in capsys.readouterr().out


def test_terms_that_are_damaged_make_no_backup(made: Made, tmp_path: Path) -> None:
    back_up(made.hub, tmp_path / "keys", Part.KEYS)
    for nonsense in (b"", b"{}", b'{"part": "all", "made": "x"}', b"\xff" * 5000):
        (tmp_path / "keys" / "backup.json").write_bytes(nonsense)
        with pytest.raises(ConfigurationError, match=r"backup\.json: damaged"):
            restore(made.folder, tmp_path / "keys", now_ms())
    assert made.names() == VISITORS


def test_a_server_s_database_is_backed_up_apart_and_into_a_blank_one_alone(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if made.cluster is None:
        back_up(made.hub, tmp_path / "all")
        assert restore(tmp_path / "again", tmp_path / "all", now_ms()).lost == ()
        assert made.names(tmp_path / "again") == VISITORS
        return
    assert main(["hub", "backup", str(made.folder), str(tmp_path / "all")]) == 78
    assert "--only database" in capsys.readouterr().err
    back_up(made.hub, tmp_path / "database", Part.DATABASE)
    with pytest.raises(ConfigurationError, match="not blank; nothing was changed"):
        restore(made.folder, tmp_path / "database", now_ms())
    assert made.names() == VISITORS
    write_ingest_folder(made.hub, tmp_path / "ingest")
    back_up(HubFolder(tmp_path / "ingest", SystemClock()), tmp_path / "of-ingest", Part.KEYS)
    assert restore(tmp_path / "ingest", tmp_path / "of-ingest", now_ms()).lost == ()
    dumped = tmp_path / "database" / "hub.dump"
    dumped.write_bytes(dumped.read_bytes()[:100])
    with pytest.raises(ConfigurationError, match="pg_restore: "):
        restore(made.folder, tmp_path / "database", now_ms())
    made.cluster.stop()
    try:
        with pytest.raises(ConfigurationError, match="pg_dump: ") as refused:
            back_up(made.hub, tmp_path / "more", Part.DATABASE)
    finally:
        made.cluster.start()
    assert PASSWORD not in str(refused.value)
    assert not (tmp_path / "more").exists()
