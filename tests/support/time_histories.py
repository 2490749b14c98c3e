"""Histories of a gate and its hub, made from a seed, and when each row was by a slow and obvious computation."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Final

from device.clock import DAY_MS, ClockReading, ClockState
from device.hub.db.intervals import DRIFT, TRANSIT_MS, Interval, Point, claim_of, contact, slew_ms

START_MS: Final = 1_767_225_600_000
HOUR_MS: Final = 3_600_000
LIES_MS: Final = (-3650 * DAY_MS, -DAY_MS, -HOUR_MS, HOUR_MS, DAY_MS, 7 * DAY_MS, 3650 * DAY_MS)


@dataclass(frozen=True)
class Recorded:
    """A row, and when it truly was."""

    seq: int
    at: ClockReading
    true_ms: int


@dataclass(frozen=True)
class Delivery:
    """A batch: of which ledger, when it was sent and arrived, and what the hub's clock could say of that."""

    ledger: int
    rows: tuple[Recorded, ...]
    sent: ClockReading | None
    arrived_ms: int
    """The latest that it can have been by the hub's clock."""


@dataclass
class History:
    """What truly happened."""

    deliveries: list[Delivery] = field(default_factory=list)

    def ledgers(self) -> dict[int, list[tuple[Recorded, Delivery]]]:
        """Return the rows of each ledger in order, and what brought them."""
        found: dict[int, list[tuple[Recorded, Delivery]]] = defaultdict(list)
        for delivery in self.deliveries:
            found[delivery.ledger] += [(row, delivery) for row in delivery.rows]
        return {ledger: sorted(rows, key=lambda pair: pair[0].seq) for ledger, rows in found.items()}


@dataclass
class _Gate:
    """A gate that boots, records, and delivers now and then."""

    chance: random.Random
    lies: bool
    doubts: bool
    now_ms: int = START_MS
    boot: int = 0
    began_ms: int = 0
    monotonic_ms: int = 0
    slew: int = 0
    wall: str = "none"
    synchronised_from_ms: int = 0
    lie_ms: int = 0
    hub_behind_ms: int = 0
    epoch: int = 0
    seq: int = 0
    waiting: list[tuple[int, Recorded]] = field(default_factory=list)
    withheld: list[tuple[int, Recorded]] = field(default_factory=list)

    def start(self) -> None:
        self.boot += 1
        self.now_ms += self.chance.choice((0, 1, 60_000, HOUR_MS, DAY_MS)) * self.chance.randint(0, 3)
        self.began_ms, self.monotonic_ms = self.now_ms, self.chance.randint(0, HOUR_MS)
        self.slew = self.chance.randint(-400, 400)
        self.wall = self.chance.choice(("none", "true", "late", *(("lies", "jumps") if self.lies else ())))
        self.synchronised_from_ms = self.now_ms + self.chance.randint(0, DAY_MS) * (self.wall == "late")
        self.lie_ms = self.chance.choice(LIES_MS)
        if self.chance.random() < 0.1:
            self.epoch, self.seq = self.epoch + 1, 0

    def reading(self) -> ClockReading:
        passed_ms = self.now_ms - self.began_ms
        monotonic_ms = self.monotonic_ms + passed_ms + passed_ms * self.slew // 1_000_000
        lies = self.wall == "lies" or (self.wall == "jumps" and self.chance.random() < 0.5)
        error_ms = self.chance.randint(-15_000, 15_000) + self.chance.randint(-1, 1) * (monotonic_ms // DRIFT)
        said_ms = self.now_ms + error_ms + (self.lie_ms if lies else 0)
        known = self.wall != "none" and self.now_ms >= self.synchronised_from_ms
        state = ClockState.SYNCHRONISED if known else ClockState.UNSYNCHRONISED
        return ClockReading(f"{self.boot:032x}", monotonic_ms, said_ms, state)

    def record(self) -> None:
        self.now_ms += self.chance.choice((0, 7, 1_500, 60_000, HOUR_MS, 5 * HOUR_MS)) * self.chance.randint(0, 4)
        self.seq += 1
        row = (self.epoch, Recorded(self.seq, self.reading(), self.now_ms))
        (self.withheld if self.seq > 1 and self.chance.random() < 0.05 else self.waiting).append(row)

    def deliver(self) -> Iterator[Delivery]:
        """Send what waits in batches of any size; now and then what was withheld comes after all."""
        while self.waiting:
            ledger = self.waiting[0][0]
            most = self.chance.randint(1, 6)
            rows = (
                [row for _, row in self.waiting[:most]]
                if all(epoch == ledger for epoch, _ in self.waiting[:most])
                else [self.waiting[0][1]]
            )
            # The hub takes rows that follow each other; what is behind a gap comes with the next batch.
            for count, (one, other) in enumerate(pairwise(rows), 1):
                if other.seq != one.seq + 1:
                    rows = rows[:count]
                    break
            del self.waiting[: len(rows)]
            yield self._batch(ledger, rows)
        if self.withheld and self.chance.random() < 0.3:
            ledger, row = self.withheld.pop()
            yield self._batch(ledger, [row])

    def _batch(self, ledger: int, rows: Sequence[Recorded]) -> Delivery:
        self.now_ms += self.chance.randint(0, 2_000)
        at = self.reading()
        told = self.chance.random() < 0.8 and not self.hub_behind_ms
        self.now_ms += self.chance.choice((5, 200, 30_000, TRANSIT_MS))
        if self.doubts and self.chance.random() < 0.05:
            self.hub_behind_ms = DAY_MS - self.hub_behind_ms
        told = told and not self.hub_behind_ms
        return Delivery(ledger, tuple(rows), at if told else None, self.now_ms + self.hub_behind_ms)


def history(seed: int, *, lies: bool, doubts: bool = True) -> History:
    """Return the history of a seed: up to five boots of up to five rows.

    Args:
        seed: of the chance.
        lies: some clocks say to be synchronised and are wrong, all the time or now and then.
        doubts: there are whiles in which the hub doubts its own clock; nothing is a contact then, and arrivals are
            known to a day.
    """
    chance = random.Random(seed)
    gate, made = _Gate(chance, lies, doubts), History()
    for _ in range(chance.randint(1, 5)):
        gate.start()
        for _ in range(chance.randint(1, 5)):
            gate.record()
            if chance.random() < 0.2:
                made.deliveries += gate.deliver()
    made.deliveries += gate.deliver()
    return made


def reference(made: History, ledger: int, *, all_contacts: bool = True) -> tuple[dict[int, Interval], set[str]]:
    """Return when each row of a ledger was, and which boots lie.

    All points at once, each bound carried to each other until none moves.

    A row that came late bounds no other one, and what it claims counts for itself. Without *all_contacts* only those
    count that came with new rows of this ledger.
    """
    came, late = _by_turn(made.ledgers()[ledger], made)
    points = _chain(came, made, all_contacts=all_contacts)
    known = _closed(points, [point.known for point, _ in points])
    assert known is not None
    liars = _liars(points, known)
    closed = _closed(points, _claimed(points, known, liars))
    assert closed is not None
    found = {seq: interval for (_, seq), interval in zip(points, closed, strict=True) if seq is not None}
    for row, delivery in late:
        more = sorted([*points, _point(row, delivery)], key=_moment)
        place = [seq for _, seq in more].index(row.seq)
        known = _closed(more, [point.known for point, _ in more])
        assert known is not None
        closed = _closed(more, _claimed(more, known, liars, but=row.seq))
        interval, claim = (known if closed is None else closed)[place], more[place][0].claim
        own = interval if claim is None or row.at.boot_id in liars else interval.intersection(claim)
        found[row.seq] = own if own.possible else interval
    return found, liars


_Points = Sequence[tuple[Point, int | None]]
"""Each with the number of its row; a contact has none."""


def _by_turn(
    rows: Sequence[tuple[Recorded, Delivery]], made: History
) -> tuple[list[tuple[Recorded, Delivery]], list[tuple[Recorded, Delivery]]]:
    """Part rows into those that followed all that had come, and those that came late."""
    came: list[tuple[Recorded, Delivery]] = []
    late: list[tuple[Recorded, Delivery]] = []
    turn = {id(delivery): number for number, delivery in enumerate(made.deliveries)}
    for row, delivery in sorted(rows, key=lambda pair: (turn[id(pair[1])], pair[0].seq)):
        (late if came and row.seq < came[-1][0].seq else came).append((row, delivery))
    return came, late


def _point(row: Recorded, delivery: Delivery) -> tuple[Point, int | None]:
    known = Interval(START_MS, delivery.arrived_ms)
    return Point(row.at.boot_id, row.at.monotonic_ms, known, claim_of(row.at)), row.seq


def _moment(pair: tuple[Point, int | None]) -> tuple[str, int, bool, int]:
    # Boots are numbered as they happened; rows of one moment come before a contact of the same.
    point, seq = pair
    return point.boot_id, point.monotonic_ms, seq is None, seq or 0


def _chain(rows: Sequence[tuple[Recorded, Delivery]], made: History, *, all_contacts: bool) -> _Points:
    """Return rows and contacts of their boots, in the order in which they happened."""
    boots = {row.at.boot_id for row, _ in rows}
    points = [_point(row, delivery) for row, delivery in rows]
    for delivery in made.deliveries:
        at = delivery.sent
        heard = all_contacts or any(delivery is bringer for _, bringer in rows)
        if heard and at is not None and at.boot_id in boots:
            points.append((contact(at.boot_id, at.monotonic_ms, delivery.arrived_ms), None))
    return sorted(points, key=_moment)


def _claimed(
    points: _Points, known: Sequence[Interval], liars: Collection[str], of: Collection[str] | None = None, but: int = 0
) -> list[Interval]:
    """Narrow by the claims that can be, of no liar and of some boots only; row *but* claims nothing."""
    return [
        interval.intersection(point.claim)
        if point.claim is not None
        and seq != but
        and point.boot_id not in liars
        and (of is None or point.boot_id in of)
        and point.claim.overlaps(interval)
        else interval
        for (point, seq), interval in zip(points, known, strict=True)
    ]


def _liars(points: _Points, known: Sequence[Interval]) -> set[str]:
    """Disbelieve a boot that contradicts itself, and of two that contradict each other both; in order."""
    liars = set[str]()
    ends = [place for place, (one, other) in enumerate(pairwise(points), 1) if one[0].boot_id != other[0].boot_id]
    for end in (*ends, len(points)):
        until, own = points[:end], points[end - 1][0].boot_id
        if _closed(until, _claimed(until, known[:end], liars, {own})) is None:
            liars.add(own)
            continue
        others = {point.boot_id for point, _ in until} - liars - {own}
        against = {
            other for other in others if _closed(until, _claimed(until, known[:end], liars, {own, other})) is None
        }
        liars |= {own, *against} if against else set()
    return liars


def _closed(points: _Points, found: Sequence[Interval]) -> list[Interval] | None:
    """Carry each bound to each other point until nothing moves; ``None`` when that leaves no moment for one."""
    closed, moved = list(found), True
    while moved:
        moved = False
        for first, second in combinations(range(len(points)), 2):
            one, other = points[first][0], points[second][0]
            least_ms, most_ms = 0, 2**62
            if one.boot_id == other.boot_id:
                passed_ms = other.monotonic_ms - one.monotonic_ms
                least_ms, most_ms = passed_ms - slew_ms(passed_ms), passed_ms + slew_ms(passed_ms)
            before, after = closed[first], closed[second]
            closed[first] = before.intersection(Interval(after.earliest_ms - most_ms, after.latest_ms - least_ms))
            closed[second] = after.intersection(Interval(before.earliest_ms + least_ms, before.latest_ms + most_ms))
            if not (closed[first].possible and closed[second].possible):
                return None
            moved = moved or (closed[first], closed[second]) != (before, after)
    return closed
