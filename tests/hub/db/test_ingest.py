from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import CursorResult, event, select

from device.crypto.sealing import SealingKey
from device.hub.db import tables
from device.hub.db.database import HubDatabase
from device.hub.db.ingest import MOST_ALARMS
from device.hub.db.signed_heads import MOST_HEADS
from device.hub.folder import HubFolder
from device.model import Receipt, SealedRow
from tests.support.databases import both_databases
from tests.support.fake_outbox import batch_of, chained_rows, sent, with_link

pytestmark = both_databases
OTHER_EPOCH = "ffffffffffffffffffffffffffffffff"


class Gate:
    """A registered gate and its rows."""

    def __init__(self, folder: HubFolder) -> None:
        enrolment = folder.add_gate("Cổng A")
        self.device_id = enrolment.device_id
        self.key = enrolment.sealing_keys[-1]
        self.rows = chained_rows(self.device_id, self.key, 12)

    def branch(self, after: int, count: int) -> tuple[SealedRow, ...]:
        """Return other rows after one of ours, as a restored card would write them."""
        return chained_rows(self.device_id, self.key, count, after=self.rows[after - 1])


@pytest.fixture
def gate(folder: HubFolder) -> Gate:
    return Gate(folder)


def send(store: HubDatabase, gate: Gate, rows: tuple[SealedRow, ...]) -> Receipt:
    return store.ingest(batch_of(gate.device_id, rows))


def stored(store: HubDatabase) -> list[int]:
    return [arrived.row.seq for arrived in store.every_checkin()]


def alarms(store: HubDatabase) -> list[tuple[str, int]]:
    return [(alarm.kind, alarm.seq) for alarm in store.alarms()]


def test_rows_are_stored_as_they_were_sent(store: HubDatabase, gate: Gate) -> None:
    assert send(store, gate, gate.rows) == Receipt(12)
    assert tuple(arrived.row for arrived in store.every_checkin()) == gate.rows
    place = next(store.every_checkin()).place
    assert place is not None
    assert place.name == "Chợ Hoa Sen"


def test_the_same_batch_twice_is_stored_once_and_answered_alike(store: HubDatabase, gate: Gate) -> None:
    assert send(store, gate, gate.rows[:7]) == send(store, gate, gate.rows[:7]) == Receipt(7)
    assert stored(store) == list(range(1, 8))


def test_a_batch_that_overlaps_adds_only_what_is_new(store: HubDatabase, gate: Gate) -> None:
    send(store, gate, gate.rows[:7])
    assert send(store, gate, gate.rows[3:10]) == Receipt(10)
    assert stored(store) == list(range(1, 11))
    assert alarms(store) == []


def test_an_old_batch_that_comes_late_changes_nothing(store: HubDatabase, gate: Gate) -> None:
    send(store, gate, gate.rows[:7])
    send(store, gate, gate.rows[7:])
    assert send(store, gate, gate.rows[:4]) == Receipt(4)
    assert stored(store) == list(range(1, 13))


def test_two_epochs_of_one_gate_are_two_ledgers(store: HubDatabase, gate: Gate) -> None:
    other = chained_rows(gate.device_id, gate.key, 3, epoch=OTHER_EPOCH)
    send(store, gate, gate.rows[:3])
    assert store.ingest(batch_of(gate.device_id, other, epoch=OTHER_EPOCH)) == Receipt(3)
    assert store.count() == {"checkins": 6, "counted": 6, "expired": 0, "quarantined": 0}


def test_a_gap_is_answered_with_the_cursor_so_that_it_can_be_filled(store: HubDatabase, gate: Gate) -> None:
    send(store, gate, gate.rows[:4])
    assert send(store, gate, gate.rows[6:]) == Receipt(4)
    assert stored(store) == [1, 2, 3, 4]
    assert send(store, gate, gate.rows[4:]) == Receipt(12)
    assert stored(store) == list(range(1, 13))


def test_a_gap_nobody_can_fill_does_not_block_the_line_and_stays_on_record(store: HubDatabase, gate: Gate) -> None:
    send(store, gate, gate.rows[:4])
    send(store, gate, gate.rows[6:])
    assert send(store, gate, gate.rows[6:]) == Receipt(12)
    assert stored(store) == [1, 2, 3, 4, 7, 8, 9, 10, 11, 12]
    assert alarms(store) == [("gap", 5)]


def test_a_hub_that_lost_everything_takes_what_a_gate_still_has(store: HubDatabase, gate: Gate) -> None:
    assert send(store, gate, gate.rows[5:9]) == Receipt(0)
    assert send(store, gate, gate.rows[5:9]) == Receipt(9)
    assert send(store, gate, gate.rows[9:]) == Receipt(12)
    assert alarms(store) == [("gap", 1)]


def test_a_restored_card_is_a_fork_both_branches_are_kept(store: HubDatabase, gate: Gate) -> None:
    send(store, gate, gate.rows[:8])
    branch = gate.branch(5, 6)  # rows 6 to 11 again, sealed anew
    receipt = send(store, gate, branch)
    assert receipt == Receipt(11, tuple((seq, "fork" if seq <= 8 else "chain-broken") for seq in range(6, 12)))
    assert tuple(arrived.row for arrived in store.every_checkin()) == gate.rows[:8]
    assert store.count()["quarantined"] == 6
    assert alarms(store) == [("fork", 6)]


def test_a_fork_sent_again_is_kept_once_and_answered_alike(store: HubDatabase, gate: Gate) -> None:
    send(store, gate, gate.rows[:8])
    branch = gate.branch(5, 6)
    assert send(store, gate, branch) == send(store, gate, branch)
    assert store.count()["quarantined"] == 6
    assert len(alarms(store)) == 1


def test_the_tail_of_a_fork_stays_in_quarantine_and_is_settled(store: HubDatabase, gate: Gate) -> None:
    send(store, gate, gate.rows[:8])
    branch = gate.branch(5, 12)
    send(store, gate, branch[:6])
    receipt = send(store, gate, branch[6:])
    assert receipt.cursor == 17
    assert [reason for _, reason in receipt.parked] == ["chain-broken"] * 6
    assert stored(store) == list(range(1, 9))


def test_after_a_fork_the_first_branch_still_goes_on(store: HubDatabase, gate: Gate) -> None:
    send(store, gate, gate.rows[:8])
    send(store, gate, gate.branch(5, 6))
    assert send(store, gate, gate.rows[8:]) == Receipt(12)
    assert stored(store) == list(range(1, 13))


@pytest.mark.parametrize("missing", [1, 5, 11])
def test_a_row_that_was_left_out_is_taken_when_it_comes_after_all(store: HubDatabase, gate: Gate, missing: int) -> None:
    if missing > 1:
        send(store, gate, gate.rows[: missing - 1])
    for _ in range(2):
        send(store, gate, gate.rows[missing:])
    assert send(store, gate, (gate.rows[missing - 1],)).parked == ()
    assert sorted(stored(store)) == list(range(1, 13))
    assert store.count()["quarantined"] == 0


def test_another_row_does_not_fill_the_gap(store: HubDatabase, gate: Gate) -> None:
    send(store, gate, gate.rows[:4])
    for _ in range(2):
        send(store, gate, gate.rows[5:])
    assert send(store, gate, gate.branch(4, 1)).parked == ((5, "chain-broken"),)
    assert (5 in stored(store), store.count()["quarantined"]) == (False, 1)


def signed_heads(store: HubDatabase) -> list[tuple[int, bytes, bool]]:
    with store._engine.connect() as connection:
        found = connection.execute(select(tables.signed_heads).order_by(tables.signed_heads.c.seq))
        return [(row.seq, row.signature, row.disputed) for row in found]


def test_of_signed_heads_the_newest_is_kept(store: HubDatabase, gate: Gate) -> None:
    for number, end in enumerate((4, 8, 8, 12)):
        store.ingest(batch_of(gate.device_id, gate.rows[:end]), bytes([number]) * 64)
    assert signed_heads(store) == [(12, b"\3" * 64, False)]


def test_at_a_fork_the_signed_heads_of_both_branches_are_kept(store: HubDatabase, gate: Gate) -> None:
    store.ingest(batch_of(gate.device_id, gate.rows[:8]), b"a" * 64)
    store.ingest(batch_of(gate.device_id, gate.branch(5, 6)), b"b" * 64)
    store.ingest(batch_of(gate.device_id, gate.rows[8:]), b"c" * 64)
    assert signed_heads(store) == [(8, b"a" * 64, True), (11, b"b" * 64, True), (12, b"c" * 64, False)]


def test_a_fork_writes_no_signed_head_again_however_many_there_are(store: HubDatabase, gate: Gate) -> None:
    written: list[int] = []

    @event.listens_for(store._engine, "after_cursor_execute")
    def count(_: object, cursor: CursorResult[Any], statement: str, *__: object) -> None:
        if statement.startswith("UPDATE signed_heads"):
            written.append(cursor.rowcount)

    store.ingest(batch_of(gate.device_id, gate.rows[:8]), b"a" * 64)
    for number in range(5):
        store.ingest(batch_of(gate.device_id, gate.branch(5, 6)), bytes([number]) * 64)
    assert written == [1, 0, 0, 0, 0]
    for number in range(MOST_HEADS):
        store.ingest(batch_of(gate.device_id, gate.branch(5, 6)), bytes([number]) * 64)
    assert len(signed_heads(store)) == MOST_HEADS
    store.ingest(batch_of(gate.device_id, gate.rows), b"c" * 64)
    assert signed_heads(store)[-1] == (12, b"c" * 64, False)


def changed_rows(gate: Gate, change: str) -> tuple[SealedRow, ...]:
    """Return the gate's rows with the fifth one changed."""
    victim = gate.rows[4]
    changed = {
        "sealed": replace(victim, sealed=victim.sealed[:-1] + bytes([victim.sealed[-1] ^ 1])),
        "counted": replace(victim, counted=not victim.counted),
        "link": with_link(victim, bytes(32)),
        "another device's row": chained_rows("gate-ffffff", gate.key, 5)[4],
    }[change]
    return (*gate.rows[:4], changed, *gate.rows[5:])


CHANGES = ["sealed", "counted", "link", "another device's row"]


@pytest.mark.parametrize("change", CHANGES)
def test_a_row_that_was_changed_is_kept_apart_alone_with_one_alarm(store: HubDatabase, gate: Gate, change: str) -> None:
    rows = changed_rows(gate, change)
    assert send(store, gate, rows[:9]) == Receipt(9, ((5, "chain-broken"),))
    assert send(store, gate, rows[9:]) == Receipt(12)
    assert stored(store) == [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12]
    assert (store.count()["quarantined"], alarms(store)) == (1, [("chain-broken", 5)])


@pytest.mark.parametrize("change", CHANGES[:3])
@pytest.mark.parametrize("cut", [4, 5, 6])
def test_wherever_batches_end_and_though_they_come_twice_the_changed_row_costs_itself(
    store: HubDatabase, gate: Gate, change: str, cut: int
) -> None:
    rows = changed_rows(gate, change)
    for batch in (rows[:cut], rows[cut:]):
        assert send(store, gate, batch) == send(store, gate, batch)
    assert send(store, gate, rows) == Receipt(12, ((5, "chain-broken"),))
    assert stored(store) == [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12]
    assert (store.count()["quarantined"], alarms(store)) == (1, [("chain-broken", 5)])


def test_the_true_row_takes_its_place_when_it_comes_after_the_changed_one(store: HubDatabase, gate: Gate) -> None:
    send(store, gate, changed_rows(gate, "sealed"))
    assert send(store, gate, gate.rows) == Receipt(12)
    assert sorted(stored(store)) == list(range(1, 13))
    assert store.count()["quarantined"] == 1


def test_many_rows_that_do_not_follow_side_by_side_are_one_alarm(store: HubDatabase, gate: Gate) -> None:
    rows = tuple(replace(row, counted=not row.counted, link=bytes([row.seq]) * 32) for row in gate.rows[4:8])
    for row in (gate.rows[:4], rows[:2], rows[2:], gate.rows[8:10], gate.rows[10:]):
        send(store, gate, row)
    assert stored(store) == [1, 2, 3, 4, 9, 10, 11, 12]
    assert alarms(store) == [("chain-broken", 5)]


def test_a_row_changed_after_a_row_changed_elsewhere_is_an_alarm_of_its_own(store: HubDatabase, gate: Gate) -> None:
    rows = changed_rows(gate, "counted")
    send(store, gate, (*rows[:8], replace(rows[8], counted=not rows[8].counted), *rows[9:]))
    assert alarms(store) == [("chain-broken", 5), ("chain-broken", 9)]


@pytest.mark.parametrize("cut", [8, 9])
def test_the_tail_of_a_fork_that_begins_a_batch_right_after_the_head_stays_apart(
    store: HubDatabase, gate: Gate, cut: int
) -> None:
    send(store, gate, gate.rows[:8])
    branch = gate.branch(5, 9)  # rows 6 to 14
    for rows in (branch[: cut - 5], branch[cut - 5 :]):
        send(store, gate, rows)
    assert stored(store) == list(range(1, 9))
    assert send(store, gate, gate.rows[8:]) == Receipt(12)
    assert stored(store) == list(range(1, 13))
    assert alarms(store) == [("fork", 6)]


def test_the_same_new_ledger_from_many_threads_at_once_is_stored_once(store: HubDatabase, gate: Gate) -> None:
    start = threading.Barrier(6)
    receipts: list[Receipt] = []

    def run() -> None:
        start.wait()
        receipts.append(send(store, gate, gate.rows))

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert receipts == [Receipt(12)] * 6
    assert stored(store) == list(range(1, 13))
    assert alarms(store) == []


def test_a_batch_sealed_to_an_unknown_key_is_one_alarm_however_often_it_comes(store: HubDatabase, gate: Gate) -> None:
    rows = chained_rows(gate.device_id, SealingKey("nobodys", gate.key.public), 12)
    for _ in range(5):
        send(store, gate, rows)
    assert alarms(store) == [("unknown-key", 1)]


def test_of_one_kind_a_ledger_has_a_hundred_alarms_and_of_gaps_one_for_each_that_was_asked_for(
    store: HubDatabase, gate: Gate
) -> None:
    rows = chained_rows(gate.device_id, gate.key, 420)
    lying = tuple(with_link(row, bytes([1]) * 32) if row.seq % 3 == 1 else row for row in rows)
    send(store, gate, lying)
    assert Counter(kind for kind, _ in alarms(store)) == {"chain-broken": MOST_ALARMS}
    assert store.count()["quarantined"] >= 140
    for seq in range(430, 430 + 2 * (MOST_ALARMS + 5), 2):
        row = (replace(rows[-1], seq=seq),)
        assert [send(store, gate, row).cursor for _ in range(2)][1] == seq
    assert Counter(kind for kind, _ in alarms(store))["gap"] == MOST_ALARMS + 5


_TABLES_OF_ALL = {"sealing_days", "alembic_version"}
"""Small, and the same for everybody."""


def test_no_statement_of_a_batch_joins_rows_of_different_ledgers(store: HubDatabase, gate: Gate) -> None:
    seen: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *args: seen.append(" ".join(args[2].split())))
    told = sent()
    for rows in (gate.rows[:8], gate.rows[:8], gate.branch(5, 6), gate.rows[10:], gate.rows[10:], gate.rows[8:10]):
        store.ingest(batch_of(gate.device_id, rows), b"a" * 64, told)
    asked = {one for one in seen if re.match("SELECT|UPDATE|DELETE", one) and "advisory" not in one}
    joined: set[str] = set()
    for one in asked:
        named = set(re.findall(r"(?:FROM|JOIN|UPDATE|,) (\w+)(?= |$|,)", one)) & tables.metadata.tables.keys()
        bound = set(re.findall(r"(\w+)\.(?:ledger_id|device_id) (?:=|IN)", one))
        assert named - _TABLES_OF_ALL <= bound, one
        joined |= named
    assert {"ledgers", "gates", "checkins", "quarantine", "stretches", "contexts", "signed_heads"} <= joined


def test_a_batch_that_goes_on_asks_little_of_the_database(store: HubDatabase, gate: Gate) -> None:
    store.ingest(batch_of(gate.device_id, gate.rows[:8]), b"a" * 64, sent())
    seen: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    store.ingest(batch_of(gate.device_id, gate.rows[8:]), b"b" * 64, sent())
    assert len(seen) <= 17, seen
