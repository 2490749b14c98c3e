from __future__ import annotations

from bisect import bisect_right, insort
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from device.clock import ClockReading
from device.hub.db.extending_stretches import extend
from device.hub.db.intervals import TRANSIT_MS, Interval, Point, claim_of, contact, slew_ms
from device.hub.db.reading_stretches import Reading, Row
from device.hub.db.stretches import NEAR, Stretch
from device.hub.folder import HubFolder
from tests.support.fake_outbox import batch_of, rows_at, sent
from tests.support.fakes import FakeClock
from tests.support.time_histories import START_MS, Delivery, History, Recorded, history, reference

HISTORIES = 5_000


@dataclass
class Ledger:
    """What `device.hub.db.time_narrowing` keeps of a ledger, in memory."""

    stretches: list[Stretch] = field(default_factory=list)
    head: tuple[int, Point] | None = None
    rows: list[Row] = field(default_factory=list)


@dataclass
class Hub:
    ledgers: dict[int, Ledger] = field(default_factory=dict)
    contacts: dict[str, list[Point]] = field(default_factory=dict)
    liars: set[str] = field(default_factory=set)

    def take(self, delivery: Delivery) -> None:
        if delivery.sent is not None:
            heard = contact(delivery.sent.boot_id, delivery.sent.monotonic_ms, delivery.arrived_ms)
            first = self.contacts.setdefault(heard.boot_id, [heard, heard])
            if heard.monotonic_ms > first[1].monotonic_ms:
                first[1] = heard
        ledger = self.ledgers.setdefault(delivery.ledger, Ledger())
        base = Interval(START_MS, delivery.arrived_ms)
        points = [Point(row.at.boot_id, row.at.monotonic_ms, base, claim_of(row.at)) for row in delivery.rows]
        stored = [
            base if point.claim is None or not point.claim.overlaps(base) else base.intersection(point.claim)
            for point in points
        ]
        head = ledger.head
        if head is None or delivery.rows[0].seq > head[0]:
            stored = self._extend(ledger, delivery, points)
        for row, point, interval in zip(delivery.rows, points, stored, strict=True):
            insort(
                ledger.rows, Row(row.seq, point.boot_id, point.monotonic_ms, base, interval), key=lambda one: one.seq
            )

    def _extend(self, ledger: Ledger, delivery: Delivery, points: list[Point]) -> list[Interval]:
        head = None if ledger.head is None else ledger.head[1]
        last = ledger.stretches[-1] if ledger.stretches else None
        boots = {point.boot_id for point in points} | ({head.boot_id} if head else set())
        found = extend(
            [row.seq for row in delivery.rows],
            points,
            head,
            last,
            {boot_id: heard for boot_id, heard in self.contacts.items() if boot_id in boots},
            self.liars & boots,
            lambda: [one for one in ledger.stretches[-NEAR:] if one.boot_id not in self.liars],
        )
        self.liars |= found.liars
        if last is not None and found.stretches and found.stretches[0].first_seq == last.first_seq:
            ledger.stretches.pop()
        ledger.stretches += found.stretches
        ledger.head = (
            delivery.rows[-1].seq,
            Point(points[-1].boot_id, points[-1].monotonic_ms, found.known, found.stored[-1]),
        )
        return found.stored

    def intervals(self, number: int) -> dict[int, Interval]:
        ledger = self.ledgers[number]
        reading = Reading(ledger.stretches, self.liars)
        starts = [one.first_seq for one in ledger.stretches]
        return {row.seq: reading.interval(row, bisect_right(starts, row.seq) - 1) for row in ledger.rows}


def read(made: History) -> Hub:
    hub = Hub()
    for delivery in made.deliveries:
        hub.take(delivery)
    return hub


def slack_ms(made: History) -> int:
    """Return by how much a row may be known less well: what clocks are slewed within a boot, and one contact's luck."""
    boots: dict[str, list[int]] = {}
    for delivery in made.deliveries:
        for row in delivery.rows:
            boots.setdefault(row.at.boot_id, []).append(row.at.monotonic_ms)
        if delivery.sent is not None:
            boots.setdefault(delivery.sent.boot_id, []).append(delivery.sent.monotonic_ms)
    return TRANSIT_MS + sum(2 * slew_ms(max(found) - min(found)) + 2 for found in boots.values())


def contains(outer: Interval, inner: Interval) -> bool:
    return outer.earliest_ms <= inner.earliest_ms and inner.latest_ms <= outer.latest_ms


def test_whatever_happened_the_true_time_is_inside_and_most_rows_are_known_as_well_as_can_be() -> None:
    rows = alike = 0
    for seed in range(HISTORIES):
        made = history(seed, lies=False)
        hub = read(made)
        assert hub.liars == set()
        for number, recorded in made.ledgers().items():
            (expected, _), found = reference(made, number), hub.intervals(number)
            for row, _ in recorded:
                ours, best = found[row.seq], expected[row.seq]
                assert ours.earliest_ms <= row.true_ms <= ours.latest_ms, (seed, row)
                assert contains(ours, best), (seed, row)
                rows, alike = rows + 1, alike + (ours == best)
    assert alike > 0.8 * rows


def test_a_row_is_known_less_well_by_what_clocks_may_be_slewed_in_its_boots_and_no_more() -> None:
    for seed in range(HISTORIES // 5):
        made = history(seed, lies=False)
        hub, slack = read(made), slack_ms(made)
        for number, recorded in made.ledgers().items():
            (expected, _), found = reference(made, number, all_contacts=False), hub.intervals(number)
            for row, _ in recorded:
                ours, best = found[row.seq], expected[row.seq]
                assert best.earliest_ms - slack <= ours.earliest_ms, (seed, row)
                assert ours.latest_ms <= best.latest_ms + slack, (seed, row)


def test_whatever_clocks_lie_nothing_is_known_better_than_all_points_at_once_allow() -> None:
    lied = alike = 0
    for seed in range(HISTORIES, 2 * HISTORIES):
        made = history(seed, lies=True)
        hub = read(made)
        for number, recorded in made.ledgers().items():
            # A contact that came without new rows refutes a claim only with the next ones.
            best = [reference(made, number), reference(made, number, all_contacts=False)]
            lied, alike = lied + bool(best[0][1]), alike + (bool(best[0][1]) and hub.liars == best[0][1])
            # Which of several lies is found first depends on which row comes first.
            if hub.liars != best[0][1]:
                continue
            found = hub.intervals(number)
            for row, _ in recorded:
                assert any(contains(found[row.seq], expected[row.seq]) for expected, _ in best), (seed, row)
    assert lied > 50
    assert alike > 0.88 * lied


def test_the_database_finds_what_the_rule_finds_page_by_page_and_in_any_batches(tmp_path: Path) -> None:
    clock = FakeClock(wall_ms=START_MS)
    folder = HubFolder.create(tmp_path / "hub", clock)
    with closing(folder.open_store()) as store:
        for seed in range(40):
            clock.wall_ms = START_MS
            folder.clock.accept()
            gate = folder.add_gate(f"gate {seed}")
            made = history(seed, lies=seed % 2 == 0, doubts=False)
            epochs = {number: f"{seed:016x}{number:016x}" for number in made.ledgers()}
            rows = {
                number: rows_at(gate.device_id, gate.sealing_keys[0], _readings(recorded), epoch=epochs[number])
                for number, recorded in made.ledgers().items()
            }
            for delivery in made.deliveries:
                clock.advance(delivery.arrived_ms - clock.wall_ms)
                seqs = [row.seq for row in delivery.rows]
                batch = batch_of(
                    gate.device_id, tuple(rows[delivery.ledger][seq - 1] for seq in seqs), epoch=epochs[delivery.ledger]
                )
                told = None if delivery.sent is None else sent(delivery.sent)
                for _ in range(2):  # a gap is asked for once
                    store.ingest(batch, b"", told)
            expected = read(made)
            came = [arrived for arrived in store.every_checkin() if arrived.device_id == gate.device_id]
            for number, epoch in epochs.items():
                found = {
                    arrived.row.seq: Interval(arrived.earliest_ms, arrived.latest_ms)
                    for arrived in came
                    if arrived.epoch == epoch
                }
                right = expected.intervals(number)
                assert len(found) >= len(right) - 2  # of two neighbours that come late the first fits nowhere yet
                assert found == {seq: right[seq] for seq in found}, seed


def _readings(recorded: list[tuple[Recorded, Delivery]]) -> list[ClockReading]:
    """Return what the clock said of rows 1, 2, 3 …; of one that never comes, anything."""
    known = {row.seq: row.at for row, _ in recorded}
    return [known.get(seq, recorded[0][0].at) for seq in range(1, max(known) + 1)]
