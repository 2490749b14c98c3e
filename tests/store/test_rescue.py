"""A ledger whose file goes away while the gate is on and the hub is not there."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from device.errors import LedgerUnavailable
from device.model import CheckIn, Receipt
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox

Make = Callable[[int], CheckIn]
Open = Callable[[], SqliteLedger]
ALL = 10_000_000


def delete(folder: Path) -> None:
    (folder / "ledger.db").unlink()


def delete_all_of_it(folder: Path) -> None:
    for path in folder.glob("ledger.db*"):
        path.unlink()


def delete_the_folder(folder: Path) -> None:
    shutil.rmtree(folder)


def rename(folder: Path) -> None:
    (folder / "ledger.db").rename(folder / "mine")


def rename_the_folder(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def put_another_folder_there(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    folder.mkdir()


def put_an_empty_file_there(folder: Path) -> None:
    (folder / "new").touch()
    (folder / "new").rename(folder / "ledger.db")


def put_a_copy_there(folder: Path) -> None:
    shutil.copy(folder / "ledger.db", folder / "new")
    (folder / "new").rename(folder / "ledger.db")


GONE = [
    delete,
    delete_all_of_it,
    delete_the_folder,
    rename,
    rename_the_folder,
    put_another_folder_there,
    put_an_empty_file_there,
    put_a_copy_there,
]


def deliver(outbox: SqliteOutbox) -> set[tuple[str, int]]:
    sent = set()
    while batch := outbox.next_batch(50, ALL):
        outbox.settle(batch, Receipt(batch.rows[-1].seq))
        sent |= {(batch.epoch, row.seq) for row in batch.rows}
    return sent


def settle(outbox: SqliteOutbox, rows: int) -> None:
    batch = outbox.next_batch(rows, ALL)
    assert batch is not None
    outbox.settle(batch, Receipt(rows))


@pytest.mark.parametrize("go", GONE, ids=lambda go: go.__name__)
def test_what_was_not_delivered_is_delivered_and_told(
    go: Callable[[Path], None], ledger: SqliteLedger, folder: Path, fact: Make, caplog: pytest.LogCaptureFixture
) -> None:
    with SqliteOutbox(folder, damaged=ledger.condemn) as outbox:
        for number in range(100):
            ledger.record(fact(number))
        settle(outbox, 17)
        old = ledger.epoch
        go(folder)
        assert ledger.record(fact(100)) == 1
        assert ledger.epoch != old
        assert deliver(outbox) >= {(ledger.epoch, 1), *((old, seq) for seq in range(18, 101))}
        assert "saved=83 lost=0" in caplog.text


@pytest.mark.parametrize("go", GONE, ids=lambda go: go.__name__)
def test_though_nobody_comes_any_more_the_outbox_notices(
    go: Callable[[Path], None], ledger: SqliteLedger, folder: Path, fact: Make
) -> None:
    with SqliteOutbox(folder, damaged=ledger.condemn) as outbox:
        for number in range(100):
            ledger.record(fact(number))
        settle(outbox, 17)
        old = ledger.epoch
        go(folder)
        assert deliver(outbox) >= {(old, seq) for seq in range(18, 101)}


@pytest.mark.parametrize("go", GONE[:4], ids=lambda go: go.__name__)
def test_a_gate_that_is_switched_off_then_saves_it_first(
    go: Callable[[Path], None], open_ledger: Open, folder: Path, fact: Make
) -> None:
    with open_ledger() as ledger:
        old = ledger.epoch
        for number in range(20):
            ledger.record(fact(number))
        go(folder)
    with open_ledger() as ledger, SqliteOutbox(folder, damaged=ledger.condemn) as outbox:
        assert deliver(outbox) >= {(old, seq) for seq in range(1, 21)}


def test_of_a_file_cut_to_nothing_what_the_log_has_is_saved(ledger: SqliteLedger, folder: Path, fact: Make) -> None:
    with SqliteOutbox(folder, damaged=ledger.condemn) as outbox:
        for number in range(100):
            ledger.record(fact(number))
        old = ledger.epoch
        os.truncate(folder / "ledger.db", 0)
        assert ledger.record(fact(100)) == 1
        assert len(deliver(outbox) & {(old, seq) for seq in range(1, 101)}) >= 50


def test_where_everything_is_delivered_nothing_is_copied(
    ledger: SqliteLedger, folder: Path, fact: Make, caplog: pytest.LogCaptureFixture
) -> None:
    with SqliteOutbox(folder) as outbox:
        ledger.record(fact(1))
        settle(outbox, 1)
    with caplog.at_level(logging.ERROR):
        delete(folder)
        ledger.record(fact(2))
    assert list(folder.glob("ledger.db.damaged-?????????????")) == []
    assert "saved=0 lost=0" in caplog.text


def test_a_folder_that_another_gate_has_taken_meanwhile_is_left_to_it(
    ledger: SqliteLedger, open_ledger: Open, folder: Path, fact: Make
) -> None:
    ledger.record(fact(1))
    folder.rename(folder.with_name("elsewhere"))
    with open_ledger() as other:
        other.record(fact(2))
        for _ in range(2):
            with pytest.raises(LedgerUnavailable, match="another gate"):
                ledger.record(fact(3))
        assert list(folder.glob("*damaged*")) == []
        assert other.record(fact(4)) == 2
