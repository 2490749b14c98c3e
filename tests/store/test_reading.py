from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from device.errors import LedgerUnavailable
from device.model import CheckIn
from device.store.ledger import SqliteLedger
from device.store.reading import LedgerReader, read_back

Make = Callable[[int], CheckIn]


@pytest.fixture
def recorded(ledger: SqliteLedger, fact: Make) -> SqliteLedger:
    for number in range(24):
        ledger.record(fact(number))
    return ledger


def change(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / "ledger.db")
    with connection:
        connection.execute(statement)
    connection.close()


def test_reading_works_beside_the_writer_and_shows_one_moment(recorded: SqliteLedger, folder: Path, fact: Make) -> None:
    with LedgerReader(folder) as reader:
        assert (reader.device_id, reader.epoch, reader.cursor) == ("gate-1", recorded.epoch, 0)
        rows = reader.rows()
        assert next(rows).seq == 1
        assert recorded.record(fact(1)) == 25
        assert [row.seq for row in rows] == list(range(2, 25))
    assert sum(1 for _ in read_back(folder)) == 25


def test_reading_goes_on_from_a_row_already_proved(recorded: SqliteLedger, folder: Path, fact: Make) -> None:
    *_, last = read_back(folder)
    recorded.record(fact(1))
    with LedgerReader(folder) as reader:
        assert [row.seq for row in reader.rows(last)] == [25]


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("UPDATE check_ins SET wall_ms = wall_ms + 1 WHERE seq = 20", 20),
        ("UPDATE check_ins SET monotonic_ms = 0 WHERE seq = 20", 20),
        ("UPDATE check_ins SET clock_state = 0 WHERE seq = 20", 20),
        ("UPDATE check_ins SET direction = 2 WHERE seq = 20", 20),
        ("UPDATE check_ins SET counted = 0 WHERE seq = 20", 20),
        ("UPDATE check_ins SET sealed = zeroblob(368) WHERE seq = 20", 20),
        ("UPDATE check_ins SET sealed = (SELECT sealed FROM check_ins WHERE seq = 1) WHERE seq = 20", 20),
        ("UPDATE check_ins SET link = zeroblob(32) WHERE seq = 20", 20),
        ("UPDATE boots SET boot_id = zeroblob(16)", 1),
        ("UPDATE boots SET boot_id = x'00'", 1),
        ("UPDATE sealing_keys SET key_id = 'other'", 1),
        ("UPDATE places SET place_id = '0000000000000000'", 1),
        ("UPDATE meta SET value = '00112233445566778899aabbccddeeff' WHERE name = 'epoch'", 1),
        ("DELETE FROM check_ins WHERE seq = 20", 20),
        ("DELETE FROM check_ins WHERE seq = 1", 1),
    ],
)
def test_whatever_is_changed_behind_the_gate_s_back_is_found_at_that_row(
    recorded: SqliteLedger, folder: Path, statement: str, seq: int
) -> None:
    change(folder, statement)
    with pytest.raises(LedgerUnavailable, match=f"row {seq} "):
        list(read_back(folder))


def test_two_rows_exchanged_are_found(recorded: SqliteLedger, folder: Path) -> None:
    change(folder, "UPDATE check_ins SET seq = 1000 WHERE seq = 20")
    change(folder, "UPDATE check_ins SET seq = 20 WHERE seq = 21")
    change(folder, "UPDATE check_ins SET seq = 21 WHERE seq = 1000")
    with pytest.raises(LedgerUnavailable, match="row 20 "):
        list(read_back(folder))


def test_a_changed_place_is_found(recorded: SqliteLedger, folder: Path) -> None:
    change(folder, "UPDATE places SET document = '[]'")
    with LedgerReader(folder) as reader, pytest.raises(LedgerUnavailable, match="place"):
        reader.places()


def test_where_there_is_no_ledger_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match=r"ledger\.db"):
        LedgerReader(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"not a database " * 300)
    with pytest.raises(LedgerUnavailable, match="damaged"):
        LedgerReader(tmp_path)


def test_the_check_ins_since_a_time_are_counted_back_from_the_newest(recorded: SqliteLedger, folder: Path) -> None:
    *_, middle, _, _ = read_back(folder)
    with LedgerReader(folder) as reader:
        assert reader.count_since(middle.at.wall_ms) == 3
        assert reader.count_since(0) == 24
        assert reader.count_since(middle.at.wall_ms + 10**12) == 0
