from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from device.crypto.sealing import Sealer, SealingKey
from device.errors import LedgerUnavailable
from device.model import Batch, CheckIn, Receipt
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.store.schema import FILE_NAME

Make = Callable[[int], CheckIn]
Open = Callable[[], SqliteLedger]
ALL = 10_000_000


def drain(outbox: SqliteOutbox, most_rows: int = 500) -> list[Batch]:
    """Deliver everything; return the batches."""
    batches = []
    while batch := outbox.next_batch(most_rows, ALL):
        outbox.settle(batch, Receipt(batch.rows[-1].seq))
        batches.append(batch)
    return batches


def sent(batches: list[Batch], epoch: str) -> list[int]:
    return [row.seq for batch in batches if batch.epoch == epoch for row in batch.rows]


def pages_of(folder: Path, table: str) -> list[int]:
    """Return the numbers of the leaf pages of a table, in order."""
    connection = sqlite3.connect(folder / FILE_NAME)
    try:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", [table]).fetchone()
    finally:
        connection.close()
    page = (folder / FILE_NAME).read_bytes()[(root - 1) * 4096 : root * 4096]
    assert page[0] == 5  # an inner page, whose cells begin with the number of a page below
    cells = int.from_bytes(page[3:5], "big")
    offsets = [int.from_bytes(page[12 + 2 * cell : 14 + 2 * cell], "big") for cell in range(cells)]
    return [int.from_bytes(page[offset : offset + 4], "big") for offset in offsets] + [
        int.from_bytes(page[8:12], "big")
    ]


def spoil(folder: Path, page: int) -> None:
    with (folder / FILE_NAME).open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)


def test_what_was_set_aside_is_delivered_under_its_own_name_after_the_new(
    ledger: SqliteLedger, folder: Path, fact: Make
) -> None:
    with SqliteOutbox(folder) as outbox:
        for number in range(10):
            ledger.record(fact(number))
        batch = outbox.next_batch(4, ALL)
        assert batch is not None
        outbox.settle(batch, Receipt(4))
        old = ledger.epoch
        ledger.condemn(old, "a test")
        for number in range(3):
            ledger.record(fact(number))
        batches = drain(outbox)
    assert [batch.epoch for batch in batches] == [ledger.epoch, old]
    assert sent(batches, old) == [5, 6, 7, 8, 9, 10]
    assert sent(batches, ledger.epoch) == [1, 2, 3]
    assert all(dict(batch.places).keys() == {row.place_id for row in batch.rows} for batch in batches)


def test_what_the_centre_settled_is_not_sent_again_after_a_restart(
    ledger: SqliteLedger, folder: Path, fact: Make
) -> None:
    for number in range(10):
        ledger.record(fact(number))
    old = ledger.epoch
    ledger.condemn(old, "a test")
    with SqliteOutbox(folder) as outbox:
        batch = outbox.next_batch(6, ALL)
        assert batch is not None
        outbox.settle(batch, Receipt(6))
    with SqliteOutbox(folder) as outbox:
        assert sent(drain(outbox), old) == [7, 8, 9, 10]
    with SqliteOutbox(folder) as outbox:
        assert drain(outbox) == []


def test_progress_that_was_lost_only_sends_again(ledger: SqliteLedger, folder: Path, fact: Make) -> None:
    ledger.record(fact(1))
    old = ledger.epoch
    ledger.condemn(old, "a test")
    with SqliteOutbox(folder) as outbox:
        drain(outbox)
    (progress,) = folder.glob("*.delivered")
    progress.write_bytes(b"\xff nonsense")
    with SqliteOutbox(folder) as outbox:
        assert sent(drain(outbox), old) == [1]


@pytest.mark.parametrize("which", [0, 20, -1], ids=["first page", "a page between", "last page"])
def test_a_page_that_cannot_be_read_costs_its_rows_and_no_others(
    which: int, open_ledger: Open, folder: Path, fact: Make, caplog: pytest.LogCaptureFixture
) -> None:
    with open_ledger() as ledger:
        old = ledger.epoch
        for number in range(400):
            ledger.record(fact(number))
    leaves = pages_of(folder, "check_ins")
    spoil(folder, leaves[which])
    with open_ledger() as ledger, SqliteOutbox(folder) as outbox:
        if ledger.epoch == old:
            ledger.condemn(old, "a test")
        with caplog.at_level(logging.WARNING):
            batches = drain(outbox)
    found = sent(batches, old)
    assert 400 - 12 <= len(found) < 400
    assert found == sorted(set(found))
    for batch in batches:
        assert [row.seq for row in batch.rows] == list(range(batch.rows[0].seq, batch.rows[-1].seq + 1))
    assert "event=old-ledger-delivered" in caplog.text


def test_a_file_that_could_not_be_read_is_tried_again_at_the_next_start(
    open_ledger: Open, folder: Path, fact: Make
) -> None:
    with open_ledger() as ledger:
        old = ledger.epoch
        ledger.record(fact(1))
        ledger.condemn(old, "a test")
        (aside,) = folder.glob("ledger.db.damaged-?????????????")
        good = aside.read_bytes()
        aside.write_bytes(bytes(len(good)))
        with SqliteOutbox(folder) as outbox:
            assert drain(outbox) == []
        aside.write_bytes(good)
        with SqliteOutbox(folder) as outbox:
            assert sent(drain(outbox), old) == [1]


def test_a_file_that_says_nothing_any_more_is_kept_and_passed_over(
    open_ledger: Open, folder: Path, fact: Make, caplog: pytest.LogCaptureFixture
) -> None:
    with open_ledger() as ledger:
        ledger.record(fact(1))
    (folder / FILE_NAME).write_bytes(bytes((folder / FILE_NAME).stat().st_size))
    with open_ledger() as ledger, SqliteOutbox(folder) as outbox, caplog.at_level(logging.WARNING):
        ledger.record(fact(2))
        assert sent(drain(outbox), ledger.epoch) == [1]
        assert drain(outbox) == []
    assert caplog.text.count("event=old-ledger-unreadable") == 1
    assert len(list(folder.glob("ledger.db.damaged-?????????????"))) == 1


def test_the_ledger_of_another_device_is_not_sent(
    open_ledger: Open, folder: Path, fact: Make, key_pair: tuple[SealingKey, bytes]
) -> None:
    with open_ledger() as ledger:
        ledger.record(fact(1))
        ledger.condemn(ledger.epoch, "a test")
    for path in folder.glob("ledger.db*"):
        if "damaged" not in path.name:
            path.unlink()
    with SqliteLedger.open(folder, "gate-2", Sealer("gate-2", [key_pair[0]])), SqliteOutbox(folder) as outbox:
        assert drain(outbox) == []


def test_damage_met_while_delivering_is_told_to_the_ledger_and_delivery_goes_on(
    open_ledger: Open, folder: Path, fact: Make
) -> None:
    with open_ledger() as ledger:
        for number in range(400):
            ledger.record(fact(number))
    spoil(folder, pages_of(folder, "check_ins")[10])
    ledger = open_ledger()
    old = ledger.epoch
    with SqliteOutbox(folder, damaged=ledger.condemn) as outbox:
        with pytest.raises(LedgerUnavailable):
            drain(outbox)
        assert ledger.epoch != old
        assert ledger.record(fact(1)) == 1
        batches = drain(outbox)
    assert sent(batches, ledger.epoch) == [1]
    assert len(sent(batches, old)) >= 380
