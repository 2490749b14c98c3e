from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import IntegrityError, OperationalError

from device.errors import WireError
from device.hub.db.database import HubDatabase
from device.hub.db.transactions import MOST_MS, Transactions
from device.hub.folder import HubFolder
from device.model import Batch, Receipt
from tests.support.databases import both_databases, hub_folder
from tests.support.fake_outbox import batch_of, chained_rows
from tests.support.fakes import FakeClock

pytestmark = both_databases


@pytest.fixture
def folder(tmp_path: Path, database_url: str | None) -> HubFolder:
    """One whose clock stands still: no transaction is open for long, however busy the machine is."""
    return hub_folder(tmp_path / "hub", FakeClock(), database_url)


@pytest.fixture
def commits(store: HubDatabase) -> list[str]:
    """One entry for each commit."""
    seen: list[str] = []

    @event.listens_for(store._engine, "commit")
    def count(_: Connection) -> None:
        seen.append("commit")

    return seen


def batches(folder: HubFolder, count: int) -> list[Batch]:
    gates = [folder.add_gate(f"Cổng {number}") for number in range(count)]
    return [batch_of(gate.device_id, chained_rows(gate.device_id, gate.sealing_keys[-1], 3)) for gate in gates]


def works(store: HubDatabase, several: list[Batch]) -> list[Callable[[], Receipt]]:
    return [partial(store.ingest, batch) for batch in several]


def cursors(outcomes: list[Receipt | Exception]) -> list[int | type[Exception]]:
    return [outcome.cursor if isinstance(outcome, Receipt) else type(outcome) for outcome in outcomes]


def test_what_waits_together_waits_for_the_disk_once(folder: HubFolder, store: HubDatabase, commits: list[str]) -> None:
    several = batches(folder, 5)
    assert cursors(store.together(works(store, several))) == [3] * 5
    assert len(commits) == 1
    assert len({arrived.device_id for arrived in store.every_checkin()}) == 5
    assert store.writers.waiting == 0


def test_one_that_fails_before_it_writes_costs_the_others_nothing(
    folder: HubFolder, store: HubDatabase, commits: list[str]
) -> None:
    def refused() -> Receipt:
        raise WireError("body: not gzip")

    first, second = works(store, batches(folder, 2))
    assert cursors(store.together([first, refused, second])) == [3, WireError, 3]
    assert len(commits) == 1


def test_one_that_fails_after_it_began_to_write_is_undone_and_the_others_are_stored_once(
    folder: HubFolder, store: HubDatabase
) -> None:
    def broken() -> Receipt:
        with store.begin() as connection:
            connection.exec_driver_sql("INSERT INTO upkeep VALUES (7, 'half')")
            raise ZeroDivisionError

    several = batches(folder, 2)
    first, second = works(store, several)
    assert cursors(store.together([first, broken])) == [3, ZeroDivisionError]
    assert cursors(store.together([second])) == [3]
    with store.begin() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM upkeep WHERE one = 7").scalar() == 0
    assert len(list(store.every_checkin())) == 6


def test_the_same_batch_twice_in_one_transaction_is_stored_once(folder: HubFolder, store: HubDatabase) -> None:
    (batch,) = batches(folder, 1)
    assert cursors(store.together(works(store, [batch] * 3))) == [3, 3, 3]
    assert len(list(store.every_checkin())) == 3


def test_when_the_commit_fails_nobody_has_a_receipt(folder: HubFolder, store: HubDatabase) -> None:
    several = batches(folder, 3)

    @event.listens_for(store._engine, "commit")
    def full(_: Connection) -> None:
        raise OperationalError("COMMIT", {}, OSError("disk full"))

    assert cursors(store.together(works(store, several))) == [OperationalError] * 3
    event.remove(store._engine, "commit", full)
    assert list(store.every_checkin()) == []
    assert cursors(store.together(works(store, several))) == [3] * 3


def test_a_transaction_that_has_been_open_for_long_takes_no_more_along(store: HubDatabase) -> None:
    clock = FakeClock()
    transactions = Transactions(store._engine, clock)

    def work(number: int) -> int:
        clock.advance(MOST_MS // 2)
        return number

    several = [partial(work, number) for number in range(10)]
    assert transactions.together(several) == [0, 1]
    slow = [partial(clock.advance, 10 * MOST_MS), partial(clock.advance, 1)]
    assert transactions.together(slow) == [None]


def test_work_that_finds_its_ledger_made_meanwhile_is_done_again_by_itself(
    folder: HubFolder, store: HubDatabase
) -> None:
    tries: list[int] = []
    (ingest,) = works(store, batches(folder, 1))

    def collides() -> Receipt:
        tries.append(1)
        with store.begin():
            if len(tries) == 1:
                raise IntegrityError("INSERT", {}, ValueError())
        return ingest()

    assert cursors(store.together([collides])) == [3]
    assert len(tries) == 2


def test_what_holds_for_a_whole_transaction_is_done_once_in_each(store: HubDatabase) -> None:
    transactions, done = Transactions(store._engine, FakeClock()), list[str]()

    def note(_: Connection) -> None:
        done.append("noted")

    def work() -> None:
        with transactions.begin() as connection:
            transactions.once(connection, note)

    for several in ([work, work, work], [work, work]):
        transactions.together(several)
    assert len(done) == 2
    work()
    work()
    assert len(done) == 4
