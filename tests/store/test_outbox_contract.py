"""What an outbox promises, held against the real one and against the one in memory that other tests deliver from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from device.crypto.sealing import Sealer, SealingKey, new_key_pair
from device.errors import LedgerUnavailable, WireError
from device.model import Backlog, Batch, Receipt
from device.ports import Outbox
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from tests.support.fake_outbox import MemoryOutbox, chained_rows, check_in

DEVICE = "gate-1"
ALL = 10_000_000


class OutboxUnderTest(Protocol):
    """An outbox, and what happens to its rows from the other side."""

    @property
    def outbox(self) -> Outbox: ...

    def record(self, count: int = 1) -> None:
        """Add the check-ins of *count* visitors."""

    def prune(self, last: int) -> None:
        """Forget the rows up to this one, all delivered."""


class SqliteUnderTest:
    def __init__(self, folder: Path, ledger: SqliteLedger, outbox: SqliteOutbox) -> None:
        self.folder, self.ledger, self.outbox, self.recorded = folder, ledger, outbox, 0

    def record(self, count: int = 1) -> None:
        for _ in range(count):
            self.recorded = self.ledger.record(check_in(self.recorded + 1))

    def prune(self, last: int) -> None:
        assert self.outbox.prune(keep_rows=self.recorded - last, chunk=1_000) > 0


class MemoryUnderTest:
    def __init__(self, key: SealingKey) -> None:
        self.key, self.outbox = key, MemoryOutbox(DEVICE, ())

    def record(self, count: int = 1) -> None:
        rows = self.outbox.rows
        self.outbox.rows += chained_rows(DEVICE, self.key, count, after=rows[-1] if rows else None)

    def prune(self, last: int) -> None:
        self.outbox.rows = tuple(row for row in self.outbox.rows if row.seq > last)


@pytest.fixture(params=["sqlite", "memory"])
def under_test(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OutboxUnderTest]:
    """Without a row."""
    key, _ = new_key_pair()
    if request.param == "memory":
        yield MemoryUnderTest(key)
        return
    folder = tmp_path / "ledger"
    with SqliteLedger.open(folder, DEVICE, Sealer(DEVICE, [key])) as ledger, SqliteOutbox(folder) as outbox:
        yield SqliteUnderTest(folder, ledger, outbox)


@pytest.fixture
def outbox(under_test: OutboxUnderTest) -> Outbox:
    """With ten rows."""
    under_test.record(10)
    return under_test.outbox


def batch_of(outbox: Outbox, most_rows: int = 500, most_bytes: int = ALL) -> Batch:
    batch = outbox.next_batch(most_rows, most_bytes)
    assert batch is not None
    return batch


def seqs(batch: Batch) -> list[int]:
    return [row.seq for row in batch.rows]


# --- batches --------------------------------------------------------------------------------------


def test_a_batch_is_the_oldest_rows_in_order_with_their_places(outbox: Outbox) -> None:
    batch = batch_of(outbox, most_rows=4)
    assert (batch.device_id, seqs(batch)) == (DEVICE, [1, 2, 3, 4])
    assert {row.place_id for row in batch.rows} == {place_id for place_id, _ in batch.places}
    assert [row.at for row in batch.rows] == [check_in(number).at for number in (1, 2, 3, 4)]


def test_asking_again_without_settling_gives_the_same_batch(outbox: Outbox) -> None:
    assert batch_of(outbox, 3) == batch_of(outbox, 3)


def test_a_batch_keeps_within_its_bytes_but_has_one_row_at_least(outbox: Outbox) -> None:
    first, second, third = (-(-len(row.sealed) // 3) * 4 + 320 for row in batch_of(outbox, 3).rows)
    assert seqs(batch_of(outbox, most_bytes=first + second + third)) == [1, 2, 3]
    assert seqs(batch_of(outbox, most_bytes=first + second + third - 1)) == [1, 2]
    assert seqs(batch_of(outbox, most_bytes=1)) == [1]
    assert seqs(batch_of(outbox, most_rows=0)) == [1]


def test_without_a_row_there_is_no_batch(under_test: OutboxUnderTest) -> None:
    assert under_test.outbox.next_batch(500, ALL) is None
    assert under_test.outbox.backlog() == Backlog(0, 0, 0, None)


def test_when_everything_is_delivered_there_is_no_batch_until_a_row_comes(
    under_test: OutboxUnderTest, outbox: Outbox
) -> None:
    outbox.settle(batch_of(outbox), Receipt(10))
    assert outbox.next_batch(500, ALL) is None
    under_test.record()
    assert seqs(batch_of(outbox)) == [11]


# --- settling -------------------------------------------------------------------------------------


def test_settled_rows_do_not_come_again(outbox: Outbox) -> None:
    outbox.settle(batch_of(outbox, 4), Receipt(4))
    assert seqs(batch_of(outbox, 2)) == [5, 6]


def test_a_receipt_for_part_of_a_batch_settles_that_part(outbox: Outbox) -> None:
    outbox.settle(batch_of(outbox, 5), Receipt(3))
    assert seqs(batch_of(outbox, 2)) == [4, 5]


def test_a_receipt_for_nothing_settles_nothing(outbox: Outbox) -> None:
    outbox.settle(batch_of(outbox, 5), Receipt(0))
    assert seqs(batch_of(outbox, 2)) == [1, 2]


def test_settling_twice_and_settling_late_move_nothing_back(outbox: Outbox) -> None:
    early = batch_of(outbox, 3)
    outbox.settle(early, Receipt(3))
    outbox.settle(batch_of(outbox, 4), Receipt(7))
    outbox.settle(early, Receipt(3))
    assert seqs(batch_of(outbox, 1)) == [8]


@pytest.mark.parametrize(
    "receipt",
    [
        Receipt(9),  # beyond what was sent
        Receipt(10**18),
        Receipt(3),  # before it
        Receipt(-1),
        Receipt(7, ((8, "refused"),)),  # parked, but not acknowledged
        Receipt(8, ((4, "refused"),)),  # not in the batch
        Receipt(8, ((9, "refused"),)),
        Receipt(8, ((6, "refused"), (6, "refused"))),
    ],
)
def test_a_receipt_that_speaks_of_other_rows_moves_nothing(outbox: Outbox, receipt: Receipt) -> None:
    outbox.settle(batch_of(outbox, 4), Receipt(4))
    batch = batch_of(outbox, 4)
    with pytest.raises(WireError):
        outbox.settle(batch, receipt)
    assert batch_of(outbox, 4) == batch
    assert outbox.backlog().parked == 0


def test_a_batch_cannot_be_settled_over_rows_that_were_not_sent(outbox: Outbox) -> None:
    batch = batch_of(outbox)
    later = replace(batch, rows=batch.rows[5:])
    with pytest.raises(WireError, match="before this batch"):
        outbox.settle(later, Receipt(10, ((7, "refused"),)))
    assert batch_of(outbox) == batch
    assert outbox.backlog().parked == 0


@pytest.mark.parametrize("other", ["epoch", "gate"])
def test_a_batch_of_another_epoch_or_gate_settles_nothing(outbox: Outbox, other: str) -> None:
    batch = batch_of(outbox)
    foreign = replace(batch, epoch="f" * 32) if other == "epoch" else replace(batch, device_id="gate-2")
    with pytest.raises(LedgerUnavailable, match="new epoch"):
        outbox.settle(foreign, Receipt(10, ((2, "refused"),)))
    assert batch_of(outbox) == batch
    assert outbox.backlog().parked == 0


def test_parked_rows_are_counted_once_and_do_not_block_the_line(outbox: Outbox) -> None:
    first = batch_of(outbox, 5)
    outbox.settle(first, Receipt(5, ((2, "unknown-key"), (4, "too-old"))))
    assert seqs(batch_of(outbox, 1)) == [6]
    outbox.settle(first, Receipt(5, ((2, "fork"),)))
    assert outbox.backlog().parked == 2


def test_the_backlog_counts(outbox: Outbox) -> None:
    assert outbox.backlog() == Backlog(10, 10, 0, check_in(1).at.wall_ms)
    outbox.settle(batch_of(outbox, 4), Receipt(4, ((1, "refused"),)))
    assert outbox.backlog() == Backlog(10, 6, 1, check_in(5).at.wall_ms)
    outbox.settle(batch_of(outbox), Receipt(10))
    assert outbox.backlog() == Backlog(10, 0, 1, None)


def test_the_backlog_counts_rows_that_are_gone_too(under_test: OutboxUnderTest, outbox: Outbox) -> None:
    outbox.settle(batch_of(outbox, 8), Receipt(8))
    under_test.prune(6)
    assert outbox.backlog() == Backlog(10, 2, 0, check_in(9).at.wall_ms)


# --- a centre that was restored -------------------------------------------------------------------


def test_what_the_centre_has_lost_is_offered_again_as_far_as_it_is_still_here(
    under_test: OutboxUnderTest, outbox: Outbox
) -> None:
    outbox.settle(batch_of(outbox, most_rows=8), Receipt(8, ((2, "status-422"),)))
    last = batch_of(outbox)
    outbox.rewind(last, 5)
    assert seqs(batch_of(outbox)) == [6, 7, 8, 9, 10]
    outbox.rewind(last, 9)
    assert seqs(batch_of(outbox)) == [6, 7, 8, 9, 10]
    outbox.settle(batch_of(outbox), Receipt(10))
    under_test.prune(3)
    outbox.rewind(last, 0)
    assert seqs(batch_of(outbox)) == [4, 5, 6, 7, 8, 9, 10]
    assert outbox.backlog().parked == 1
    under_test.record()
    assert seqs(batch_of(outbox))[-1] == 11


@pytest.mark.parametrize("other", ["epoch", "gate"])
def test_a_batch_of_another_epoch_or_gate_offers_nothing_again(outbox: Outbox, other: str) -> None:
    batch = batch_of(outbox)
    outbox.settle(batch, Receipt(10))
    outbox.rewind(replace(batch, epoch="f" * 32) if other == "epoch" else replace(batch, device_id="gate-2"), 0)
    assert outbox.next_batch(500, ALL) is None
