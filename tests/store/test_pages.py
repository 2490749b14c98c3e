"""Pages of a real SQLite file, read without SQLite, give what SQLite gives."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from device.store.pages import PageFile, Record

ROWS = [
    (
        number,
        number * 7 - 300,
        -(1 << number),
        number / 3,
        f"dòng {number}",
        bytes([number % 256]) * size,
        None,
        number % 2,
    )
    for number, size in enumerate([0, 1, 127, 128, 4_000, 4_061, 4_062, 5_000, 20_000, 3, 60, 60, 60, 60, 60, 60], 1)
]


@pytest.fixture
def open_database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A database whose rows are in its write-ahead log."""
    connection = sqlite3.connect(tmp_path / "some.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("CREATE TABLE some (ref INTEGER PRIMARY KEY, a, b, c, d UNIQUE, e, f, g)")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for row in ROWS:
        connection.execute("INSERT INTO some VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    yield connection
    connection.close()


def records_in(path: Path) -> list[Record]:
    with closing(PageFile(path)) as file:
        return [record for number in range(1, file.count + 1) for record in file.records(number)]


def rows_in(path: Path) -> list[tuple[object, ...]]:
    found = [(row, *columns[1:]) for row, columns in records_in(path) if row is not None and len(columns) == 8]
    return sorted(found, key=repr)


def test_every_row_is_found_with_its_values_in_the_log(open_database: sqlite3.Connection, tmp_path: Path) -> None:
    assert rows_in(tmp_path / "some.db") == sorted(ROWS, key=repr)


def test_every_row_and_index_entry_is_found_in_the_file(open_database: sqlite3.Connection, tmp_path: Path) -> None:
    open_database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert rows_in(tmp_path / "some.db") == sorted(ROWS, key=repr)
    entries = {columns for row, columns in records_in(tmp_path / "some.db") if row is None}
    assert entries >= {(row[4], row[0]) for row in ROWS}


def test_what_was_not_committed_is_not_there(open_database: sqlite3.Connection, tmp_path: Path) -> None:
    open_database.execute("PRAGMA cache_size = 1")
    open_database.execute("BEGIN")
    for number in range(100, 200):
        open_database.execute("INSERT INTO some VALUES (?, 0, 0, 0, ?, ?, 0, 0)", [number, str(number), bytes(2_000)])
    assert rows_in(tmp_path / "some.db") == sorted(ROWS, key=repr)


def test_frames_of_a_former_round_of_the_log_do_not_count(open_database: sqlite3.Connection, tmp_path: Path) -> None:
    open_database.execute("PRAGMA wal_checkpoint(PASSIVE)")
    open_database.execute("DELETE FROM some WHERE ref > 1")
    open_database.execute("UPDATE some SET d = 'other'")
    newest = [row[4] for row in rows_in(tmp_path / "some.db") if row[0] == 1]
    assert "other" in newest


@pytest.mark.parametrize("step", [1, 7])
def test_whatever_the_bytes_are_nothing_is_raised(open_database: sqlite3.Connection, tmp_path: Path, step: int) -> None:
    open_database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    body = (tmp_path / "some.db").read_bytes()
    spoilt = tmp_path / "spoilt.db"
    for start in range(0, len(body), 4_001):
        changed = bytearray(body)
        for at in range(start, min(start + 400, len(body)), step):
            changed[at] ^= 0xFF
        spoilt.write_bytes(changed)
        records_in(spoilt)


def test_a_file_cut_in_the_middle_of_a_page_gives_what_is_whole(
    open_database: sqlite3.Connection, tmp_path: Path
) -> None:
    open_database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    body = (tmp_path / "some.db").read_bytes()
    (tmp_path / "cut.db").write_bytes(body[:-100])
    found = rows_in(tmp_path / "cut.db")
    assert 0 < len(found) < len(ROWS)
    assert set(found) <= set(ROWS)


def test_no_file_is_an_os_error_and_an_empty_one_has_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        PageFile(tmp_path / "none.db")
    (tmp_path / "empty.db").touch()
    assert records_in(tmp_path / "empty.db") == []
