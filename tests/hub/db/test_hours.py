from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import select

from device.clock import DAY_MS, ClockReading, ClockState
from device.hub.db import tables
from device.hub.db.database import HubDatabase
from device.hub.db.hours import HOUR_MS, SUMS, sum_of
from device.hub.db.intervals import Interval
from device.hub.folder import HubFolder
from device.model import Direction, SealedRow
from device.wire.hash_chain import genesis, link_of
from tests.support.databases import both_databases
from tests.support.fake_outbox import EPOCH, batch_of, rows_at, sent, with_link

pytestmark = both_databases
Sums = dict[tuple[int, int, str], Counter[str]]


def kept(store: HubDatabase) -> Sums:
    """Return the sums as they are stored."""
    with store.reading() as connection:
        found = connection.execute(select(tables.gate_hours))
        return {
            (row.ledger_id, row.hour, row.place_id): +Counter({name: getattr(row, name) for name in SUMS})
            for row in found
        }


def recounted(store: HubDatabase) -> Sums:
    """Count all check-ins anew."""
    counted: Sums = {}
    columns = (tables.checkins, tables.contexts.c.place_id)
    ours = tables.contexts.c.ledger_id == tables.checkins.c.ledger_id
    same = tables.contexts.c.context_no == tables.checkins.c.context_no
    with store.reading() as connection:
        for row in connection.execute(select(*columns).join(tables.contexts, ours & same)):
            hour = (row.earliest_ms + row.latest_ms) // 2 // HOUR_MS
            wide = row.latest_ms - row.earliest_ms > HOUR_MS
            name = "uncertain" if wide else ("ins", "outs", "others")[row.direction] if row.counted else "repeats"
            counted.setdefault((row.ledger_id, hour, row.place_id), Counter())[name] += 1
    return counted


def evening(chance: random.Random, folder: HubFolder, name: str) -> tuple[str, list[SealedRow]]:
    """Return a gate with rows of some boots, some of whose clocks nobody has set, of all directions."""
    gate, now_ms = folder.add_gate(name), folder.clock.reading().wall_ms
    readings, at_ms = [], now_ms - DAY_MS
    for boot in range(chance.randint(1, 3)):
        state = chance.choice(list(ClockState))
        for number in range(chance.randint(3, 12)):
            at_ms += chance.choice((1_000, 60_000, HOUR_MS // 2))
            readings.append(ClockReading(f"{boot + 1:032x}", 10_000 + number * 60_000, at_ms, state))
    rows, link = [], genesis(gate.device_id, EPOCH)
    for row in rows_at(gate.device_id, gate.sealing_keys[0], readings):
        other = replace(row, direction=chance.choice(list(Direction)), counted=chance.random() < 0.8)
        link = link_of(link, other)
        rows.append(with_link(other, link))
    return gate.device_id, rows


@pytest.mark.parametrize("seed", range(6))
def test_whatever_comes_in_whatever_order_and_how_often_the_sums_are_those_of_a_recount(
    folder: HubFolder, store: HubDatabase, seed: int
) -> None:
    chance = random.Random(seed)
    with store.begin() as connection:
        connection.execute(tables.gates.update().values(began_ms=0))
    for name in ("Cổng A", "Cổng B"):
        device_id, rows = evening(chance, folder, name)
        with store.begin() as connection:
            connection.execute(tables.gates.update().values(began_ms=0))
        for _ in range(12):
            first = chance.randrange(len(rows))
            batch = rows[first : first + chance.randint(1, 6)]
            if chance.random() < 0.3:  # damaged on the card
                batch[0] = replace(batch[0], sealed=batch[0].sealed[:-1] + b"\x00")
            for _ in range(chance.randint(1, 3)):  # its answer is lost
                store.ingest(batch_of(device_id, tuple(batch)), b"", sent())
            assert kept(store) == recounted(store)
        store.ingest(batch_of(device_id, tuple(rows)), b"", sent())
        store.ingest(batch_of(device_id, tuple(rows)), b"", sent())
    assert kept(store) == recounted(store)
    total = sum(sum(sums.values()) for sums in kept(store).values())
    assert total == store.count()["checkins"] == sum(gate.checkins for gate in store.gates())


def test_a_row_that_stood_apart_counts_once_when_it_is_stored_after_all(folder: HubFolder, store: HubDatabase) -> None:
    device_id, rows = evening(random.Random(1), folder, "Cổng A")
    store.ingest(batch_of(device_id, (*rows[:2], replace(rows[2], link=bytes(32)))), b"", sent())
    assert (store.count()["quarantined"], sum(map(Counter.total, kept(store).values()))) == (1, 2)
    store.ingest(batch_of(device_id, tuple(rows)), b"", sent())
    store.ingest(batch_of(device_id, tuple(rows[2:3])), b"", sent())
    assert sum(map(Counter.total, kept(store).values())) == len(rows)
    assert kept(store) == recounted(store)


def test_a_row_of_which_nobody_knows_the_hour_is_uncertain_whether_it_counts_or_not(folder: HubFolder) -> None:
    _, (row, *_) = evening(random.Random(1), folder, "Cổng A")
    row = replace(row, direction=Direction.IN)
    narrow, wide = Interval(0, HOUR_MS), Interval(0, HOUR_MS + 1)
    found = [sum_of(replace(row, counted=counted), when) for counted in (True, False) for when in (narrow, wide)]
    assert found == ["ins", "uncertain", "repeats", "uncertain"]
