from __future__ import annotations

import pytest

from device.hub.db.database import HubDatabase
from device.hub.folder import HubFolder
from device.hub.unsealing import LONGEST_REASON, unsealed
from tests.support.databases import both_databases
from tests.support.fake_outbox import batch_of, chained_rows

pytestmark = both_databases


def fill(folder: HubFolder, store: HubDatabase, count: int) -> None:
    gate = folder.add_gate("Cổng A")
    store.ingest(batch_of(gate.device_id, chained_rows(gate.device_id, gate.sealing_keys[-1], count)))


def test_who_came_is_read_back_with_the_hubs_key(folder: HubFolder, store: HubDatabase) -> None:
    fill(folder, store, 3)
    names = [
        body.credential.person.name for _, body in unsealed(folder, store, "lan", "case 7") if body and body.credential
    ]
    assert names == ["Nguyễn Văn Thử 1", "Nguyễn Văn Thử 2", "Nguyễn Văn Thử 3"]


def test_the_audit_record_is_there_before_the_first_name_is_read(folder: HubFolder, store: HubDatabase) -> None:
    fill(folder, store, 3)
    next(unsealed(folder, store, "lan", "case 7"))
    assert [record[1:] for record in store.unsealings()] == [("lan", "case 7", 1, 3)]


def test_without_a_reason_nothing_is_opened(folder: HubFolder, store: HubDatabase) -> None:
    fill(folder, store, 1)
    with pytest.raises(ValueError, match="reason"):
        next(unsealed(folder, store, "lan", "  "))
    assert store.unsealings() == []


def test_rows_whose_key_is_gone_are_listed_unread(folder: HubFolder, store: HubDatabase) -> None:
    fill(folder, store, 2)
    for path in (folder.path / "keys").iterdir():
        path.unlink()
    assert [(arrived.row.seq, body) for arrived, body in unsealed(folder, store, "lan", "case 7")] == [
        (1, None),
        (2, None),
    ]


def test_what_is_written_down_of_a_reason_is_one_printable_line_of_bounded_length(
    folder: HubFolder, store: HubDatabase
) -> None:
    fill(folder, store, 1)
    next(unsealed(folder, store, "lan\n2026 root", "ca 7\x1b[2J\u202e\x9b\0" + "x" * 2000))
    ((_, who, reason, *_),) = store.unsealings()
    assert who == "lan\ufffd2026 root"
    assert reason.startswith("ca 7\ufffd[2J\ufffd\ufffd\ufffdxxx")
    assert reason.isprintable()
    assert len(reason) == LONGEST_REASON + 1
