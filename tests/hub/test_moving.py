"""A hub moves from its SQLite file to PostgreSQL with all it has, and its gates notice nothing."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from device.cli import main
from device.clock import SystemClock
from device.hub.child_process import HubProcess
from device.hub.db.database import HubDatabase
from device.hub.db.queries import arrived_document, quarantined_document
from device.hub.folder import HubFolder
from device.hub.moving import move
from device.hub.unsealing import unsealed, unsealed_apart
from device.model import SealedRow
from tests.support.fake_outbox import batch_of, chained_rows, with_link
from tests.support.gate_states import QUIET


class Moving:
    """A hub on SQLite with rows of two gates, one of them forked, whose settings then name a PostgreSQL."""

    def __init__(self, folder: Path, url: str) -> None:
        self.hub = HubFolder.create(folder, SystemClock())
        self.url = url
        self.gates = [self.hub.add_gate(name) for name in ("Cổng A", "Cổng B")]
        self.rows = [chained_rows(gate.device_id, gate.sealing_keys[0], 8) for gate in self.gates]
        with closing(self.hub.open_store()) as store:
            for gate in (0, 1):
                self.send(store, gate, self.rows[gate][:6])
            self.send(store, 1, tuple(with_link(row, bytes(32)) for row in self.rows[1][4:6]))  # another branch
            store.note_state(self.gates[0].device_id, QUIET, [])
            store.new_code("Cổng C")
            self.told = self.tell(store)

    def send(self, store: HubDatabase, gate: int, rows: tuple[SealedRow, ...]) -> int:
        return store.ingest(batch_of(self.gates[gate].device_id, rows)).cursor

    def tell(self, store: HubDatabase) -> dict[str, Any]:
        return {
            "checkins": [arrived_document(one) for one in store.every_checkin()],
            "quarantined": [quarantined_document(one) for one in store.every_quarantined()],
            "gates": store.gates(),
            "standings": store.standings(),
            "alarms": store.alarms(),
            "count": store.count(),
            "unsealings": store.unsealings(),
        }

    def name_postgres(self) -> HubFolder:
        settings = self.hub.path / "hub.yaml"
        text = settings.read_text("utf-8")
        assert "\n  url: sqlite" in text
        settings.write_text(text.replace("\n  url: sqlite", f"\n  url: {json.dumps(self.url)}"), "utf-8")
        return HubFolder(self.hub.path, SystemClock())


@pytest.fixture
def moving(tmp_path: Path, postgres_url: str) -> Moving:
    return Moving(tmp_path / "hub", postgres_url)


def test_a_moved_hub_tells_and_opens_what_it_did_and_takes_the_next_row(
    moving: Moving, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = moving.name_postgres()
    assert main(["hub", "move", str(hub.path)]) == 0
    assert "checkins: 12\n" in capsys.readouterr().out
    with closing(hub.open_store()) as store:
        assert moving.tell(store) == moving.told
        assert store.count()["checkins"] == 12
        assert len(moving.told["quarantined"]) == 2
        assert [moving.send(store, gate, moving.rows[gate]) for gate in (0, 1)] == [8, 8]
        arrivals = [one.arrival for one in store.every_checkin()]
        assert arrivals == sorted(set(arrivals))
        assert len(arrivals) == 16
        assert store.add_gate("Cổng D", bytes(range(32)))
        opened = [body and body.credential for _, body in unsealed(hub, store, "a", "b")]
        names = sorted(str(one and one.person.name) for one in opened)
        assert names == sorted([f"Nguyễn Văn Thử {number}" for number in range(1, 9)] * 2)
        assert len(list(unsealed_apart(hub, store, "a", "b"))) == 2


def test_a_move_that_was_broken_off_has_moved_nothing_and_is_done_again(moving: Moving) -> None:
    hub = moving.name_postgres()

    def stop(line: str) -> None:
        if line.startswith("checkins"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(hub, stop)
    with closing(hub.open_store()) as store:
        assert store.gates() == []
    move(hub, lambda _: None)
    with closing(hub.open_store()) as store:
        assert moving.tell(store) == moving.told


def test_a_hub_does_not_move_onto_another_nor_while_it_runs_nor_to_nowhere(
    moving: Moving, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["hub", "move", str(moving.hub.path)]
    assert main(words) == 78
    assert "database.url: name the PostgreSQL to move to" in capsys.readouterr().err
    with HubProcess(moving.hub.path):
        moving.name_postgres()
        assert main(words) == 78
    assert "a hub runs here" in capsys.readouterr().err
    assert main(words) == 0
    assert main(words) == 78
    assert "a hub is there already; nothing was changed" in capsys.readouterr().err


def test_rows_of_months_long_past_find_their_partitions(moving: Moving) -> None:
    with closing(moving.hub.open_store()) as store, store.begin() as connection:
        connection.exec_driver_sql("UPDATE checkins SET arrived_ms = arrived_ms - 8000000000 WHERE seq < 3")
        expected = connection.exec_driver_sql("SELECT count(*) FROM checkins").scalar_one()
    hub = moving.name_postgres()
    move(hub, lambda _: None)
    with closing(hub.open_store()) as store:
        assert store.count()["checkins"] == expected
        assert len(list(store.every_checkin())) == expected
