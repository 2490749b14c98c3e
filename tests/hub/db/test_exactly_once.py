"""Every row once, whatever dies, on both databases: what `device.hub.db.ingest` claims, with real processes."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError

from device.enrolment.document import Enrolment
from device.hub.db import tables
from device.hub.db.database import HubDatabase
from device.hub.folder import HubFolder
from device.model import Batch, Receipt, SealedRow
from device.wire import checkins as wire
from tests.support.children import python_module, surroundings
from tests.support.databases import both_databases
from tests.support.fake_outbox import batch_of, chained_rows, sent
from tests.support.fake_server import PATIENCE_S
from tests.support.postgres import Cluster


@dataclass
class Gate:
    """A gate that sends its rows twenty at a time."""

    enrolled: Enrolment
    rows: tuple[SealedRow, ...]

    @classmethod
    def of(cls, folder: HubFolder, name: str) -> Gate:
        enrolled = folder.add_gate(name)
        return cls(enrolled, chained_rows(enrolled.device_id, enrolled.sealing_keys[-1], 100))

    def batches(self) -> list[Batch]:
        return [batch_of(self.enrolled.device_id, self.rows[first : first + 20]) for first in range(0, 100, 20)]


class Child:
    """Another process that has the database open."""

    def __init__(self, folder: HubFolder) -> None:
        command = [*python_module("tests.hub.db.store_child"), str(folder.path)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=surroundings()
        )
        assert self.hears() == "ready"

    def says(self, word: str, batch: Batch) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word} {wire.encode_batch(batch, bytes(64), sent()).hex()}\n")
        self.process.stdin.flush()

    def hears(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@contextmanager
def child(folder: HubFolder) -> Iterator[Child]:
    one = Child(folder)
    with one.process:
        try:
            yield one
        finally:
            one.process.kill()


@pytest.fixture
def gate(folder: HubFolder) -> Gate:
    return Gate.of(folder, "Cổng A")


def all_once(store: HubDatabase, *gates: Gate) -> bool:
    """Return whether every row is stored once, with its body, and counted once, and nothing else is there."""
    stored = list(store.every_checkin())
    found = {
        gate.enrolled.device_id: [one.row for one in stored if one.device_id == gate.enrolled.device_id]
        for gate in gates
    }
    in_hours = "SELECT sum(ins + outs + others + repeats + uncertain) FROM gate_hours"
    with store.reading() as connection:
        counted = connection.execute(text(in_hours)).scalar_one()
        cursors = sorted(connection.execute(select(tables.ledgers.c.settled_seq)).scalars())
    whole = all(sorted(found[gate.enrolled.device_id], key=lambda row: row.seq) == list(gate.rows) for gate in gates)
    apart = store.count()["quarantined"], store.alarms()
    return (whole, len(stored), counted, cursors, apart) == (
        True,
        100 * len(gates),
        100 * len(gates),
        [100] * len(gates),
        (0, []),
    )


@both_databases
def test_two_hubs_that_get_each_batch_at_the_same_time_store_it_once_and_answer_alike(
    folder: HubFolder, store: HubDatabase, gate: Gate
) -> None:
    with child(folder) as one, child(folder) as other:
        for number, batch in enumerate(gate.batches(), 1):
            for hub in (one, other):
                hub.says("take", batch)
            assert [hub.hears() for hub in (one, other)] == [str(20 * number)] * 2
    assert all_once(store, gate)


@both_databases
def test_a_hub_killed_inside_the_transaction_has_stored_nothing_and_the_next_one_takes_it_all(
    folder: HubFolder, store: HubDatabase, gate: Gate
) -> None:
    first, *rest = gate.batches()
    with child(folder) as hub:
        hub.says("hold", first)
        assert hub.hears() == "inside"
        hub.process.kill()
        hub.process.wait()
    assert store.count()["checkins"] == 0
    assert [store.ingest(batch).cursor for batch in (first, *rest)] == [20, 40, 60, 80, 100]
    assert all_once(store, gate)


@both_databases
def test_a_hub_killed_after_the_commit_and_before_its_answer_is_answered_for_by_the_next_one(
    folder: HubFolder, store: HubDatabase, gate: Gate
) -> None:
    first, *rest = gate.batches()
    with child(folder) as hub:
        hub.says("take", first)
        assert hub.hears() == "20"  # nobody hears it: the gate sends it again
    assert store.ingest(first) == Receipt(20)
    for batch in rest:
        assert store.ingest(batch) == store.ingest(batch)
    assert all_once(store, gate)


@pytest.mark.parametrize("database", ["postgresql"])
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_server_that_is_stopped_inside_the_transaction_has_stored_nothing_of_it(
    store: HubDatabase, gate: Gate, postgres: Cluster, mode: str
) -> None:
    doomed: list[bool] = []

    @event.listens_for(store._engine, "commit")
    def stop(_: object) -> None:
        if doomed:
            doomed.pop()
            postgres.restart(mode)

    for batch in gate.batches():
        doomed.append(True)
        with pytest.raises(OperationalError):
            store.ingest(batch)
        assert store.ingest(batch).cursor == batch.rows[-1].seq
    assert all_once(store, gate)


@pytest.mark.parametrize("database", ["postgresql"])
def test_a_gate_goes_on_at_another_hub_while_the_first_one_holds_somebody_elses_ledger(
    folder: HubFolder, store: HubDatabase, gate: Gate
) -> None:
    other = Gate.of(folder, "Cổng B")
    first, *rest = gate.batches()
    with child(folder) as hub:
        hub.says("hold", first)
        assert hub.hears() == "inside"
        assert [store.ingest(batch).cursor for batch in other.batches()] == [20, 40, 60, 80, 100]
        hub.says("go", first)  # any line
        assert hub.hears() == "20"
    for batch in rest:
        store.ingest(batch)
    assert all_once(store, gate, other)


@pytest.mark.parametrize("database", ["postgresql"])
def test_two_that_lock_two_ledgers_in_opposite_order_both_get_through(
    folder: HubFolder, store: HubDatabase, gate: Gate
) -> None:
    gates, meet = [gate, Gate.of(folder, "Cổng B")], threading.Barrier(2)

    def both(opened: HubDatabase, order: list[Gate]) -> list[Receipt | Exception]:
        first = [True]  # when it is done again, the other one has gone its way

        def work() -> Receipt:
            opened.ingest(order[0].batches()[0])
            if first:
                first.pop()
                meet.wait(PATIENCE_S)
            return opened.ingest(order[1].batches()[0])

        return opened.together([work])

    with closing(folder.open_store()) as another, ThreadPoolExecutor(2) as threads:
        done = [threads.submit(both, opened, order) for opened, order in ((store, gates), (another, gates[::-1]))]
        assert [one.result() for one in done] == [[Receipt(20)]] * 2
    for one in gates:
        for batch in one.batches():
            store.ingest(batch)
    assert all_once(store, *gates)


@pytest.mark.parametrize("database", ["postgresql"])
def test_who_reads_on_misses_no_row_that_is_committed_behind_a_later_one(
    folder: HubFolder, store: HubDatabase, gate: Gate
) -> None:
    other = Gate.of(folder, "Cổng B")
    seen: list[int] = []
    with child(folder) as hub:
        hub.says("hold", gate.batches()[0])  # has the lower numbers, and does not commit
        assert hub.hears() == "inside"
        store.ingest(other.batches()[0])
        with suppress(OperationalError):  # waits for the first one, for as long as a lock is waited for
            seen += [one.arrival for one in store.checkins()]
        assert seen == []
        hub.says("go", gate.batches()[0])
        assert hub.hears() == "20"
    seen += [one.arrival for one in store.checkins()]
    assert len(seen) == 40
