"""A hub is copied while it runs and put back whole, and one that is damaged says how."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from device.cli import main
from device.clock import SystemClock
from device.crypto.sealing import Sealer
from device.hub.backup import back_up, restore
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from device.hub.keyring.keys import KeyFolder
from device.hub.web.kept_files import KEPT_FILES
from device.uplink.hub import HubClient
from tests.support.fake_outbox import batch_of, chained_rows
from tests.support.fake_server import LOOPBACK, PATIENCE_S

NOW_MS = 1_767_225_600_000


NO_FILES = ("hub.db", ".backed-up-")


def files(folder: Path) -> dict[str, bytes]:
    """Return every file of a hub but its database and its marks of when it was backed up, by its name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(NO_FILES) and "replaced-" not in str(path)
    }


def count(folder: Path) -> int:
    store = HubFolder(folder, SystemClock()).open_store()
    try:
        return len(list(store.every_checkin()))
    finally:
        store.close()


def filled(folder: Path, rows: int = 3) -> HubFolder:
    hub = HubFolder.create(folder, SystemClock())
    gate = hub.add_gate("Cổng A")
    store = hub.open_store()
    store.ingest(batch_of(gate.device_id, chained_rows(gate.device_id, gate.sealing_keys[-1], rows)))
    store.close()
    return hub


def test_a_backup_of_a_running_hub_has_every_row_it_has_acknowledged_and_every_key(tmp_path: Path) -> None:
    hub = HubFolder.create(tmp_path / "hub", SystemClock())
    gate = hub.add_gate("Cổng A")
    rows = chained_rows(gate.device_id, gate.sealing_keys[-1], 40)
    with HubProcess(hub.path) as running:
        uplink = HubClient(running.url, gate, SystemClock(), deadline_s=PATIENCE_S)
        uplink.deliver(batch_of(gate.device_id, rows))
        assert (hub.path / "hub.db-wal").stat().st_size  # what a plain copy of hub.db would lack
        assert main(["hub", "backup", str(hub.path), str(tmp_path / "backup")]) == 0
        uplink.close()
    assert {path.name for path in (tmp_path / "backup").glob("hub.db*")} == {"hub.db"}
    assert files(tmp_path / "backup").keys() == files(hub.path).keys() | {"backup.json"}
    assert files(hub.path).items() <= files(tmp_path / "backup").items()
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "backup").rglob("*"))
    restore(tmp_path / "new", tmp_path / "backup", NOW_MS)
    assert count(tmp_path / "new") == 40


def test_a_list_that_waits_at_the_desk_is_in_no_backup_and_stays_where_it_is(tmp_path: Path) -> None:
    hub = filled(tmp_path / "hub")
    waiting = hub.path / KEPT_FILES / "list"
    waiting.parent.mkdir()
    waiting.write_bytes(b"Ch")
    back_up(hub, tmp_path / "backup")
    assert not (tmp_path / "backup" / KEPT_FILES).exists()
    restore(hub.path, tmp_path / "backup", NOW_MS)
    assert waiting.read_bytes() == b"Ch"


def test_restoring_sets_aside_what_is_there_and_its_logs_and_loses_nothing_of_it(tmp_path: Path) -> None:
    hub = filled(tmp_path / "hub")
    back_up(hub, tmp_path / "backup")
    before = files(hub.path)
    (hub.path / "hub.db").write_bytes(b"nonsense")
    for log in ("hub.db-wal", "hub.db-shm"):
        (hub.path / log).write_bytes(b"of an older database")
    replaced = restore(hub.path, tmp_path / "backup", NOW_MS).replaced
    assert replaced is not None
    assert {path.name for path in hub.path.glob("hub.db*")} == {"hub.db"}
    assert {path.name for path in replaced.glob("hub.db*")} == {"hub.db", "hub.db-wal", "hub.db-shm"}
    assert files(hub.path) == before == files_of_replaced(replaced)
    assert count(hub.path) == 3


def files_of_replaced(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(NO_FILES)
    }


def test_a_gate_sends_a_restored_hub_what_it_lacks(tmp_path: Path) -> None:
    hub = HubFolder.create(tmp_path / "hub", SystemClock())
    gate = hub.add_gate("Cổng A")
    rows = chained_rows(gate.device_id, gate.sealing_keys[-1], 6)
    for first, last in ((0, 3), (3, 6)):
        store = hub.open_store()
        receipt = store.ingest(batch_of(gate.device_id, rows[first:last]))
        store.close()
        if first == 0:
            back_up(hub, tmp_path / "backup")
    assert receipt.cursor == 6
    restore(hub.path, tmp_path / "backup", NOW_MS)
    store = hub.open_store()
    assert store.ingest(batch_of(gate.device_id, rows[3:])).cursor == 6
    store.close()
    assert count(hub.path) == 6


def test_nothing_is_overwritten_and_a_running_hub_is_not_restored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, backup = filled(tmp_path / "hub"), tmp_path / "backup"
    assert main(["hub", "backup", str(hub.path), str(backup)]) == 0
    assert main(["hub", "backup", str(hub.path), str(backup)]) == 78
    assert main(["hub", "backup", str(hub.path), str(hub.path / "inside")]) == 78
    before = files(hub.path)
    with HubProcess(hub.path):
        assert main(["hub", "restore", str(hub.path), str(backup)]) == 78
    assert "systemctl stop gate-hub" in capsys.readouterr().err
    assert files(hub.path) == before
    assert main(["hub", "restore", str(hub.path), str(backup)]) == 0
    assert "Gates send again" in capsys.readouterr().out


def test_what_is_no_backup_or_a_damaged_one_is_not_restored(tmp_path: Path) -> None:
    hub, backup = filled(tmp_path / "hub", 400), tmp_path / "backup"
    back_up(hub, backup)
    before = files(hub.path)
    assert main(["hub", "restore", str(hub.path), str(tmp_path)]) == 78
    damage(backup / "hub.db")
    assert main(["hub", "restore", str(hub.path), str(backup)]) == 78
    assert (files(hub.path), count(hub.path)) == (before, 400)


def damage(database: Path) -> None:
    """Write over the pages in the middle."""
    size = database.stat().st_size
    with database.open("r+b") as file:
        file.seek(size // 3 // 4096 * 4096)
        file.write(b"\xff" * (size // 3))


def test_a_hub_with_a_damaged_database_does_not_serve_and_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = filled(tmp_path / "hub", 400)
    damage(hub.path / "hub.db")
    held = (hub.path / "hub.db").read_bytes()
    with socket.create_server((LOOPBACK, 0)) as free:
        port = free.getsockname()[1]
    assert main(["hub", "run", str(hub.path), "--port", str(port)]) == 78
    assert "gate-scanner hub restore" in capsys.readouterr().err
    assert (hub.path / "hub.db").read_bytes() == held


def test_a_backup_that_was_broken_off_is_none_and_is_made_anew(tmp_path: Path) -> None:
    hub = filled(tmp_path / "hub")
    draft = tmp_path / ".backup.new"
    draft.mkdir()
    shutil.copy(hub.path / "hub.db", draft)
    assert not (tmp_path / "backup").exists()
    back_up(hub, tmp_path / "backup")
    assert not draft.exists()
    assert KeyFolder(tmp_path / "backup" / "keys").pairs()
    assert Sealer("gate-x", HubFolder(tmp_path / "backup", SystemClock()).sealing_keys()).key is not None


def test_two_restores_in_one_second_each_keep_what_was_there(tmp_path: Path) -> None:
    hub = filled(tmp_path / "hub")
    back_up(hub, tmp_path / "backup")
    kept = [restore(hub.path, tmp_path / "backup", NOW_MS).replaced for _ in range(3)]
    assert len(set(kept)) == 3
    assert all(folder is not None and (folder / "hub.db").exists() for folder in kept)
    assert count(hub.path) == 3
