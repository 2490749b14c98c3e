from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection
from itertools import pairwise

import pytest

from device.clock import DAY_MS, ClockReading, ClockState
from device.hub.db.extending_stretches import extend
from device.hub.db.intervals import TOLERANCE_MS, TRANSIT_MS, Interval, Point, claim_of, contact
from device.hub.db.reading_stretches import Reading, Row
from device.hub.db.stretches import NEAR, Stretch

START_MS = 1_767_225_600_000
HOUR_MS = 3_600_000
BOOTS = tuple(f"{number:032x}" for number in range(6))
ALWAYS = Interval(START_MS, START_MS + 60 * DAY_MS)


def row(
    boot: int, monotonic_ms: int, wall_ms: int | None = None, known: Interval = ALWAYS, *, synchronised: bool = True
) -> Point:
    """Return a check-in as it comes in; without a wall time its clock is not synchronised."""
    state = ClockState.SYNCHRONISED if synchronised and wall_ms is not None else ClockState.UNSYNCHRONISED
    at = ClockReading(f"{boot:032x}", monotonic_ms, wall_ms or 0, state)
    return Point(at.boot_id, monotonic_ms, known, claim_of(at))


def found_and_liars(*points: Point, liars: Collection[str] = ()) -> tuple[list[Interval], set[str]]:
    """Return when points of one batch were, and who lies; of a contact what it tells itself."""
    rows = [point for point in points if point.known is ALWAYS]
    contacts = defaultdict(list)
    for point in points:
        if point.known is not ALWAYS:
            contacts[point.boot_id].append(point)
    made = extend(range(1, len(rows) + 1), rows, None, None, contacts, liars, list)
    reading, starts = Reading(made.stretches, made.liars), [one.first_seq for one in made.stretches]
    times = {
        id(point): reading.interval(
            Row(seq, point.boot_id, point.monotonic_ms, point.known, stored), bisect_right(starts, seq) - 1
        )
        for seq, (point, stored) in enumerate(zip(rows, made.stored, strict=True), 1)
    }
    return [times.get(id(point), point.known) for point in points], made.liars


def found(*points: Point, liars: Collection[str] = ()) -> list[Interval]:
    return found_and_liars(*points, liars=liars)[0]


def test_a_row_nothing_is_known_of_lies_between_registration_and_arrival() -> None:
    assert found(row(0, 5_000)) == [ALWAYS]


def test_a_clock_that_is_not_synchronised_claims_nothing() -> None:
    assert found(row(0, 5_000, START_MS + DAY_MS, synchronised=False)) == [ALWAYS]


def test_a_synchronised_clock_narrows_a_row_to_itself() -> None:
    wall_ms = START_MS + DAY_MS
    assert found(row(0, 5_000, wall_ms)) == [Interval(wall_ms - TOLERANCE_MS, wall_ms + TOLERANCE_MS)]


def test_a_contact_anchors_the_rows_before_it_in_its_boot() -> None:
    arrived_ms = START_MS + 10 * DAY_MS
    first, last, _ = found(row(0, 0), row(0, HOUR_MS), contact(BOOTS[0], 2 * HOUR_MS, arrived_ms))
    slew_ms = HOUR_MS // 2000
    assert last == Interval(arrived_ms - TRANSIT_MS - HOUR_MS - slew_ms, arrived_ms - HOUR_MS + slew_ms)
    assert first.latest_ms == last.latest_ms - HOUR_MS + slew_ms


def test_a_synchronised_row_tells_when_the_others_of_its_boot_were() -> None:
    wall_ms = START_MS + DAY_MS
    before, _, after = found(row(0, 1_000), row(0, HOUR_MS + 1_000, wall_ms), row(0, 2 * HOUR_MS + 1_000))
    slack_ms = TOLERANCE_MS + HOUR_MS // 10_000 + HOUR_MS // 2000 + 1
    assert before == pytest.approx((wall_ms - HOUR_MS - slack_ms, wall_ms - HOUR_MS + slack_ms), abs=2)
    assert after == pytest.approx((wall_ms + HOUR_MS - slack_ms, wall_ms + HOUR_MS + slack_ms), abs=2)


def test_without_an_anchor_for_three_boots_their_rows_lie_between_those_that_have_one() -> None:
    early, late = START_MS + DAY_MS, START_MS + 9 * DAY_MS
    chain = [row(0, 1_000, early), row(1, 500), row(2, 700), row(3, 100), row(3, 900), row(4, 50, late)]
    intervals = found(*chain)
    for inner in intervals[1:-1]:
        assert early - TOLERANCE_MS <= inner.earliest_ms
        assert inner.latest_ms <= late + TOLERANCE_MS
    assert intervals[4].earliest_ms >= intervals[3].earliest_ms + 800 - 1


@pytest.mark.parametrize("years", [10, -10])
def test_a_time_server_that_lies_by_ten_years_is_not_believed(years: int) -> None:
    lie_ms = START_MS + 10 * DAY_MS + years * 365 * DAY_MS
    arrived_ms = START_MS + 10 * DAY_MS
    truth, lie, _ = found(row(0, 0), row(0, 60_000, lie_ms), contact(BOOTS[0], 120_000, arrived_ms))
    assert lie.latest_ms <= arrived_ms
    assert lie.earliest_ms >= arrived_ms - TRANSIT_MS - 61_000
    assert truth.latest_ms <= lie.latest_ms


@pytest.mark.parametrize("wall_ms", [0, 4_070_908_800_000])
def test_a_clock_of_1970_or_2099_that_calls_itself_synchronised_is_not_believed(wall_ms: int) -> None:
    assert found(row(0, 0, wall_ms)) == [ALWAYS]


def test_a_clock_that_jumps_back_a_day_while_scanning_is_not_believed_and_no_row_is_wrong() -> None:
    true_ms = START_MS + 5 * DAY_MS
    chain = [row(0, n * 60_000, true_ms + n * 60_000 - (DAY_MS if n >= 3 else 0)) for n in range(6)]
    intervals = found(*chain, contact(BOOTS[0], 360_000, true_ms + 360_000))
    for n, interval in enumerate(intervals[:-1]):
        assert interval.earliest_ms <= true_ms + n * 60_000 <= interval.latest_ms
    offline, liars = found_and_liars(*chain)
    assert liars == {BOOTS[0]}
    assert offline == found(*[point._replace(claim=None) for point in chain])


def test_when_two_boots_contradict_each_other_neither_is_believed_and_the_others_are() -> None:
    good, bad, after = START_MS + DAY_MS, START_MS + 20 * DAY_MS, START_MS + 3 * DAY_MS
    chain = (row(0, 0, good), row(1, 0, bad), row(2, 0, after), row(3, 0, START_MS + 30 * DAY_MS))
    intervals, liars = found_and_liars(*chain)
    assert liars == {BOOTS[1], BOOTS[2]}
    assert intervals[0] == claim_of(ClockReading(BOOTS[0], 0, good, ClockState.SYNCHRONISED))
    assert intervals[1].latest_ms == intervals[3].latest_ms
    assert intervals[1].earliest_ms == intervals[0].earliest_ms


def test_a_liar_known_from_before_is_not_asked_again() -> None:
    assert found(row(0, 0, START_MS + DAY_MS), liars={BOOTS[0]}) == [ALWAYS]


def test_order_is_kept() -> None:
    chain = [
        row(0, 0),
        row(0, 9_000, START_MS + DAY_MS),
        row(1, 5),
        row(2, 7, START_MS + 3 * DAY_MS),
        row(2, 9),
        row(3, 1),
    ]
    for before, after in pairwise(found(*chain)):
        assert before.earliest_ms <= after.earliest_ms
        assert before.latest_ms <= after.latest_ms


def test_rows_whose_contacts_cannot_be_are_known_by_their_arrival_only() -> None:
    later, earlier = contact(BOOTS[0], 0, START_MS + DAY_MS), contact(BOOTS[0], 1_000, START_MS)
    assert found(row(0, 0), later, earlier)[0] == ALWAYS


def test_of_five_hundred_boots_that_contradict_each_other_none_is_believed() -> None:
    asked = 0

    def before() -> list[Stretch]:
        nonlocal asked
        asked += 1
        return []

    rows = [row(n, 0, START_MS + (30 * DAY_MS - n * HOUR_MS)) for n in range(500)]
    made = extend(range(1, 501), rows, None, None, {}, (), before)
    assert made.liars == {point.boot_id for point in rows}
    assert made.stored == [ALWAYS] * 500
    assert asked == 1


def test_a_lie_is_found_against_a_boot_of_an_earlier_batch_and_no_row_is_touched() -> None:
    lie_ms, true_ms = START_MS + 12 * DAY_MS, START_MS + 5 * DAY_MS
    first = extend([1], [row(0, 0, lie_ms)], None, None, {}, (), list)
    middle = [row(n, 0) for n in range(1, NEAR - 2)]
    second = extend(range(2, NEAR - 1), middle, row(0, 0), first.stretches[-1], {}, (), list)
    kept = [*first.stretches, *second.stretches]
    third = extend([NEAR], [row(NEAR, 0, true_ms)], middle[-1], kept[-1], {}, (), lambda: kept[-NEAR:])
    assert third.liars == {BOOTS[0], f"{NEAR:032x}"}
    assert third.stretches[-1].claimed is None
    assert len(third.stretches) == 2
