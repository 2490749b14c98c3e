from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from device.clock import ClockReading, ClockState
from device.model import CheckIn, Receipt
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.store.reading import LedgerReader, read_back

Make = Callable[[int], CheckIn]
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000


def record(ledger: SqliteLedger, fact: Make, count: int) -> CheckIn:
    """Record *count* check-ins, a minute apart; return the last."""
    for number in range(count):
        last = fact(number)
        ledger.record(last)
    return last


def deliver(outbox: SqliteOutbox, most_rows: int = 500) -> None:
    batch = outbox.next_batch(most_rows, 10_000_000)
    assert batch is not None
    outbox.settle(batch, Receipt(batch.rows[-1].seq))


def after(last: CheckIn, ms: int, state: ClockState = ClockState.SYNCHRONISED) -> ClockReading:
    return replace(last.at, wall_ms=last.at.wall_ms + ms, state=state)


def seqs(folder: Path) -> list[int]:
    return [row.seq for row in read_back(folder)]


def test_delivered_check_ins_go_when_they_are_old_enough(ledger: SqliteLedger, folder: Path, fact: Make) -> None:
    last = record(ledger, fact, 20)
    with SqliteOutbox(folder) as outbox:
        deliver(outbox)
        assert not outbox.tidy(HOUR_MS, after(last, 0))
        assert seqs(folder) == list(range(1, 21))
        assert outbox.tidy(HOUR_MS, after(last, 50 * MINUTE_MS))
        assert seqs(folder) == list(range(10, 21))
        assert not outbox.tidy(HOUR_MS, after(last, 50 * MINUTE_MS))


def test_what_is_not_delivered_never_grows_too_old(ledger: SqliteLedger, folder: Path, fact: Make) -> None:
    last = record(ledger, fact, 20)
    with SqliteOutbox(folder) as outbox:
        assert not outbox.tidy(0, after(last, 400 * DAY_MS))
        deliver(outbox, 5)
        assert outbox.tidy(0, after(last, 400 * DAY_MS))
        assert not outbox.tidy(0, after(last, 400 * DAY_MS))
    assert seqs(folder) == list(range(6, 21))


def test_a_clock_that_nobody_set_makes_nothing_old(ledger: SqliteLedger, folder: Path, fact: Make) -> None:
    last = record(ledger, fact, 5)
    with SqliteOutbox(folder) as outbox:
        deliver(outbox)
        assert not outbox.tidy(0, after(last, 400 * DAY_MS, ClockState.UNSYNCHRONISED))
    assert seqs(folder) == [1, 2, 3, 4, 5]


def test_check_ins_of_the_future_do_not_hold_up_those_behind_them(
    ledger: SqliteLedger, folder: Path, fact: Make
) -> None:
    liar = fact(0)
    ledger.record(replace(liar, at=replace(liar.at, wall_ms=liar.at.wall_ms + 40_000 * DAY_MS)))
    last = record(ledger, fact, 5)
    with SqliteOutbox(folder) as outbox:
        deliver(outbox)
        assert outbox.tidy(DAY_MS, after(last, 2 * DAY_MS))
    assert seqs(folder) == []
    assert ledger.record(fact(9)) == 7


def test_a_long_ledger_is_pruned_a_little_at_a_time(ledger: SqliteLedger, folder: Path, fact: Make) -> None:
    last = record(ledger, fact, 600)
    with SqliteOutbox(folder) as outbox:
        deliver(outbox, 600)
        left = []
        while outbox.tidy(0, after(last, DAY_MS)):
            left.append(600 - len(seqs(folder)))
    assert left == [256, 512, 600]
    assert ledger.record(fact(1)) == 601


def test_what_the_hub_keeps_apart_goes_like_the_rest_and_what_it_could_not_take_stays(
    ledger: SqliteLedger, folder: Path, fact: Make
) -> None:
    last = record(ledger, fact, 20)
    parked = ((3, "fork"), (4, "chain-broken"), (5, "status-422"))
    with SqliteOutbox(folder) as outbox:
        batch = outbox.next_batch(500, 10_000_000)
        assert batch is not None
        outbox.settle(batch, Receipt(20, parked))
        while outbox.tidy(0, after(last, DAY_MS)):
            pass
        assert outbox.backlog().parked == 1
        with LedgerReader(folder) as reader:
            assert reader.parked == ((5, "status-422"),)
        assert outbox.parked_batch(5) is not None
        assert outbox.unpark(5)
        assert not outbox.unpark(5)
        last = record(ledger, fact, 2)
        deliver(outbox)
        assert outbox.tidy(0, after(last, DAY_MS))
        with LedgerReader(folder) as reader:
            assert reader.parked == ()
            assert reader._connection.execute("SELECT count(*) FROM check_ins").fetchone() == (0,)
