"""What only the real outbox has: its file, its restarts, its pruning, and a ledger that writes beside it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from device.errors import LedgerUnavailable
from device.model import Batch, CheckIn, Place, Receipt
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.store.reading import LedgerReader, read_back

ALL = 10_000_000
Make = Callable[[int], CheckIn]
Open = Callable[[], SqliteLedger]


@pytest.fixture
def outbox(folder: Path) -> Iterator[SqliteOutbox]:
    with SqliteOutbox(folder) as outbox:
        yield outbox


@pytest.fixture
def ten(ledger: SqliteLedger, fact: Make) -> SqliteLedger:
    """A ledger of ten rows."""
    for number in range(10):
        ledger.record(fact(number))
    return ledger


def batch_of(outbox: SqliteOutbox, most_rows: int = 500, most_bytes: int = ALL) -> Batch:
    batch = outbox.next_batch(most_rows, most_bytes)
    assert batch is not None
    return batch


def seqs(batch: Batch) -> list[int]:
    return [row.seq for row in batch.rows]


def deliver_all(outbox: SqliteOutbox) -> None:
    while batch := outbox.next_batch(500, ALL):
        outbox.settle(batch, Receipt(batch.rows[-1].seq))


# --- batches --------------------------------------------------------------------------------------


def test_a_batch_is_the_oldest_rows_in_order_with_their_names(
    ten: SqliteLedger, outbox: SqliteOutbox, folder: Path
) -> None:
    batch = batch_of(outbox, most_rows=4)
    assert (batch.device_id, batch.epoch) == ("gate-1", ten.epoch)
    assert list(batch.rows) == list(read_back(folder))[:4]


def test_a_batch_carries_each_place_of_its_rows_once(ledger: SqliteLedger, outbox: SqliteOutbox, fact: Make) -> None:
    elsewhere = Place("Bệnh viện Thử", "hospital", "Quảng Ngãi")
    for number in range(4):
        ledger.record(fact(number) if number % 2 else replace(fact(number), place=elsewhere))
    batch = batch_of(outbox)
    assert sorted(place.name for _, place in batch.places) == ["Bệnh viện Thử", "Chợ Thử Nghiệm"]
    assert {row.place_id for row in batch.rows} == {place_id for place_id, _ in batch.places}
    assert [place.name for _, place in batch_of(outbox, most_rows=1).places] == ["Bệnh viện Thử"]


# --- settling -------------------------------------------------------------------------------------


def test_settled_rows_do_not_come_again_even_after_a_restart(
    ten: SqliteLedger, outbox: SqliteOutbox, folder: Path
) -> None:
    outbox.settle(batch_of(outbox, 4), Receipt(4))
    assert seqs(batch_of(outbox, 2)) == [5, 6]
    with SqliteOutbox(folder) as another:
        assert seqs(batch_of(another, 2)) == [5, 6]


def test_parked_rows_are_kept_with_their_reason_and_do_not_block_the_line(
    ten: SqliteLedger, outbox: SqliteOutbox, folder: Path
) -> None:
    outbox.settle(batch_of(outbox, 5), Receipt(5, ((2, "unknown-key"), (4, "too-old"))))
    assert seqs(batch_of(outbox, 1)) == [6]
    with LedgerReader(folder) as reader:
        assert reader.parked == ((2, "unknown-key"), (4, "too-old"))
        assert reader.cursor == 5


# --- pruning --------------------------------------------------------------------------------------


def test_pruning_takes_delivered_rows_in_chunks_and_never_an_undelivered_one(
    ten: SqliteLedger, outbox: SqliteOutbox, folder: Path
) -> None:
    assert outbox.prune(keep_rows=1, chunk=3) == 0
    outbox.settle(batch_of(outbox, 7), Receipt(7))
    assert [outbox.prune(keep_rows=1, chunk=3) for _ in range(4)] == [3, 3, 1, 0]
    assert [row.seq for row in read_back(folder)] == [8, 9, 10]
    assert outbox.backlog().recorded == 10


def test_pruning_keeps_the_newest_rows(ten: SqliteLedger, outbox: SqliteOutbox, folder: Path) -> None:
    deliver_all(outbox)
    while outbox.prune(keep_rows=4, chunk=100):
        pass
    assert [row.seq for row in read_back(folder)] == [7, 8, 9, 10]


def test_parked_rows_are_never_pruned(ten: SqliteLedger, outbox: SqliteOutbox, folder: Path) -> None:
    outbox.settle(batch_of(outbox), Receipt(10, ((3, "refused"),)))
    while outbox.prune(keep_rows=2, chunk=2):
        pass
    connection = sqlite3.connect(folder / "ledger.db")
    assert connection.execute("SELECT seq FROM check_ins ORDER BY seq").fetchall() == [(3,), (9,), (10,)]
    connection.close()
    assert [row.seq for row in read_back(folder)] == [9, 10]


@pytest.mark.parametrize("keep_rows", [0, 1, 3])
def test_the_chain_and_the_numbers_go_on_after_pruning_and_reopening(
    keep_rows: int, open_ledger: Open, outbox: SqliteOutbox, folder: Path, fact: Make
) -> None:
    with open_ledger() as ledger:
        for number in range(80):
            ledger.record(fact(number))
        deliver_all(outbox)
        while outbox.prune(keep_rows, 25):
            pass
        epoch = ledger.epoch
    with open_ledger() as ledger:
        assert ledger.epoch == epoch
        assert ledger.record(fact(1)) == 81
    assert [row.seq for row in read_back(folder)] == list(range(81 - keep_rows, 82))
    assert seqs(batch_of(outbox)) == [81]
    assert outbox.backlog().recorded == 81


# --- beside the ledger ----------------------------------------------------------------------------


def test_rows_recorded_while_others_are_delivered_arrive_once_and_in_order(
    ledger: SqliteLedger, folder: Path, fact: Make
) -> None:
    facts = [fact(number) for number in range(150)]
    done = threading.Event()

    def record_all() -> None:
        for each in facts:
            ledger.record(each)
        done.set()

    scan = threading.Thread(target=record_all)
    scan.start()
    arrived: list[int] = []
    with SqliteOutbox(folder) as outbox:
        while True:
            last_look = done.is_set()
            batch = outbox.next_batch(7, ALL)
            if batch is None:
                if last_look:
                    break
                continue
            arrived += seqs(batch)
            outbox.settle(batch, Receipt(batch.rows[-1].seq))
            outbox.prune(keep_rows=5, chunk=20)
    scan.join()
    assert arrived == list(range(1, 151))


def test_without_a_ledger_the_outbox_says_so_and_makes_none(folder: Path) -> None:
    folder.mkdir()
    with SqliteOutbox(folder) as outbox, pytest.raises(LedgerUnavailable, match=r"ledger\.db"):
        outbox.next_batch(500, ALL)
    assert list(folder.iterdir()) == []


def test_an_outbox_opened_before_its_ledger_finds_it_later(open_ledger: Open, folder: Path, fact: Make) -> None:
    with SqliteOutbox(folder) as outbox:
        with pytest.raises(LedgerUnavailable):
            outbox.backlog()
        open_ledger().record(fact(1))
        assert outbox.backlog().undelivered == 1


def test_when_a_new_epoch_has_begun_the_outbox_follows_and_old_receipts_change_nothing(
    open_ledger: Open, outbox: SqliteOutbox, folder: Path, fact: Make
) -> None:
    with open_ledger() as ledger:
        for number in range(5):
            ledger.record(fact(number))
        old = batch_of(outbox)
    connection = sqlite3.connect(folder / "ledger.db")
    with connection:
        connection.execute("UPDATE check_ins SET link = zeroblob(32) WHERE seq = 5")
    connection.close()
    with open_ledger() as ledger:
        for number in range(3):
            ledger.record(fact(number))
        with pytest.raises(LedgerUnavailable, match="new epoch"):
            outbox.settle(old, Receipt(5))
        new = batch_of(outbox)
        assert (new.epoch, seqs(new)) == (ledger.epoch, [1, 2, 3])
        # The old connection is gone; closing it must not have taken the new file's log along.
        outbox.close()
        assert ledger.record(fact(9)) == 4
    assert [row.seq for row in read_back(folder)] == [1, 2, 3, 4]


def test_a_full_disk_leaves_the_cursor_where_it_was(ten: SqliteLedger, outbox: SqliteOutbox, folder: Path) -> None:
    batch = batch_of(outbox)
    assert outbox._opened is not None
    outbox._opened.connection.execute("PRAGMA query_only = ON")
    with pytest.raises(LedgerUnavailable):
        outbox.settle(batch, Receipt(10, ((2, "refused"),)))
    assert batch_of(outbox) == batch
    assert outbox.backlog().parked == 0
    outbox.settle(batch, Receipt(10))
    assert outbox.backlog().undelivered == 0
