"""What is read out of a ledger that SQLite does not open any more."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from device.errors import LedgerDamaged
from device.model import CheckIn, Receipt, SealedRow
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.store.reading import read_back
from device.store.salvage import Salvage
from device.store.schema import FILE_NAME
from tests.support.visitors import PLACE

Make = Callable[[int], CheckIn]
Open = Callable[[], SqliteLedger]
DEVICE = "gate-1"


@pytest.fixture
def recorded(ledger: SqliteLedger, folder: Path, fact: Make) -> tuple[SealedRow, ...]:
    """Forty rows, five of them delivered; the ledger is closed."""
    for number in range(40):
        ledger.record(fact(number))
    with SqliteOutbox(folder) as outbox:
        batch = outbox.next_batch(5, 10_000_000)
        assert batch is not None
        outbox.settle(batch, Receipt(5))
    ledger.close()
    return tuple(read_back(folder))


def change(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as connection:
        connection.execute(statement)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def salvaged(folder: Path, after: int | None = None) -> list[SealedRow]:
    salvage = Salvage(folder / FILE_NAME, DEVICE)
    with closing(salvage):
        return list(salvage.rows(salvage.cursor if after is None else after))


def test_of_a_whole_file_it_is_what_was_not_delivered(recorded: tuple[SealedRow, ...], folder: Path) -> None:
    assert salvaged(folder) == list(recorded[5:])
    assert salvaged(folder, 0) == list(recorded)
    assert salvaged(folder, 39) == [recorded[39]]
    assert salvaged(folder, 40) == []


def test_without_its_first_page_it_is_the_same(recorded: tuple[SealedRow, ...], folder: Path) -> None:
    body = (folder / FILE_NAME).read_bytes()
    (folder / FILE_NAME).write_bytes(bytes(4096) + body[4096:])
    assert salvaged(folder) == list(recorded[5:])


def test_a_link_that_is_wrong_is_put_right_by_the_row_behind_it(recorded: tuple[SealedRow, ...], folder: Path) -> None:
    change(folder, "UPDATE check_ins SET link = zeroblob(32) WHERE seq = 20")
    assert salvaged(folder) == list(recorded[5:])


def test_a_row_that_was_changed_is_sent_as_it_stands_there_and_counted(
    recorded: tuple[SealedRow, ...], folder: Path
) -> None:
    change(folder, "UPDATE check_ins SET counted = 1 - counted WHERE seq = 20")
    salvage = Salvage(folder / FILE_NAME, DEVICE)
    with closing(salvage):
        rows = list(salvage.rows(5))
    assert [row.seq for row in rows if row not in recorded] == [20]
    assert (len(rows), salvage.changed, salvage.missing) == (35, 1, 0)


@pytest.mark.parametrize(
    "spoilt",
    ["wall_ms = 1 << 60", "clock_state = 7", "sealed = x''", "boot = 99", "place = 99", "monotonic_ms = -1"],
)
def test_a_row_that_nobody_would_take_is_left_out_and_counted(
    spoilt: str, recorded: tuple[SealedRow, ...], folder: Path
) -> None:
    change(folder, f"UPDATE check_ins SET {spoilt} WHERE seq = 20")
    assert [row for row in salvaged(folder) if row.seq != 20] == [row for row in recorded[5:] if row.seq != 20]
    assert 20 not in [row.seq for row in salvaged(folder)]


@pytest.mark.parametrize("lost", ["boots", "sealing_keys"])
def test_a_table_that_is_gone_is_read_from_its_index(lost: str, recorded: tuple[SealedRow, ...], folder: Path) -> None:
    zero_the_root(folder, lost)
    assert salvaged(folder) == list(recorded[5:])


def test_a_place_whose_document_is_gone_is_known_from_the_site_file(
    recorded: tuple[SealedRow, ...], folder: Path
) -> None:
    zero_the_root(folder, "places")
    assert salvaged(folder) == []
    with closing(Salvage(folder / FILE_NAME, DEVICE, [PLACE])) as salvage:
        assert list(salvage.rows(5)) == list(recorded[5:])


def test_without_the_delivery_state_everything_is_sent_again(recorded: tuple[SealedRow, ...], folder: Path) -> None:
    zero_the_root(folder, "delivery")
    assert salvaged(folder) == list(recorded)


def zero_the_root(folder: Path, table: str) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", [table]).fetchone()
    with (folder / FILE_NAME).open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(bytes(4096))


def test_whose_it_is_stands_in_it_twice(recorded: tuple[SealedRow, ...], folder: Path) -> None:
    zero_the_root(folder, "meta")
    assert salvaged(folder) == list(recorded[5:])


def test_an_older_file_is_given_the_second_one_when_it_is_opened(
    recorded: tuple[SealedRow, ...], folder: Path, open_ledger: Open
) -> None:
    change(folder, "DROP VIEW epoch_again")
    open_ledger().close()
    zero_the_root(folder, "meta")
    assert salvaged(folder) == list(recorded[5:])


def test_a_file_that_says_nothing_of_itself_is_damaged(recorded: tuple[SealedRow, ...], folder: Path) -> None:
    zero_the_root(folder, "meta")
    with (folder / FILE_NAME).open("r+b") as file:
        file.write(bytes(4096))
    with pytest.raises(LedgerDamaged, match="whose"):
        Salvage(folder / FILE_NAME, DEVICE)


def test_another_devices_ledger_says_so(recorded: tuple[SealedRow, ...], folder: Path) -> None:
    with closing(Salvage(folder / FILE_NAME, "gate-2")) as salvage:
        assert salvage.device_id == DEVICE


def test_a_number_far_beyond_the_others_is_none(recorded: tuple[SealedRow, ...], folder: Path) -> None:
    change(folder, "UPDATE check_ins SET seq = 1 << 40 WHERE seq = 40")
    assert salvaged(folder) == list(recorded[5:39])


def test_boots_that_can_be_read_in_many_ways_are_not_tried_in_more_and_more_from_row_to_row(
    recorded: tuple[SealedRow, ...], folder: Path
) -> None:
    salvage = Salvage(folder / FILE_NAME, DEVICE)
    with closing(salvage):
        for ref in list(salvage._boots):
            salvage._boots[ref] = [bytes([number]) * 16 for number in range(100)]
        assert len(list(salvage.rows(0))) == 40
        assert salvage.changed == 40
