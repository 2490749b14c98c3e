from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.clock import DAY_MS, ClockReading, ClockState
from device.hub.db.intervals import (
    TOLERANCE_MS,
    TRANSIT_MS,
    Interval,
    Point,
    claim_of,
    contact,
    estimate,
    narrowed,
)

START_MS = 1_767_225_600_000
HOUR_MS = 3_600_000
BOOTS = tuple(f"{number:032x}" for number in range(6))
ALWAYS = Interval(START_MS, START_MS + 60 * DAY_MS)


def row(
    boot: int, monotonic_ms: int, wall_ms: int | None = None, known: Interval = ALWAYS, *, synchronised: bool = True
) -> Point:
    """Return a check-in as it comes in; without a wall time its clock is not synchronised."""
    state = ClockState.SYNCHRONISED if synchronised and wall_ms is not None else ClockState.UNSYNCHRONISED
    at = ClockReading(BOOTS[boot], monotonic_ms, wall_ms or 0, state)
    return Point(at.boot_id, monotonic_ms, known, claim_of(at))


def found(*points: Point) -> list[Interval]:
    estimated = estimate(points)
    assert estimated is not None
    return estimated.found


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
    estimated = estimate([*chain, contact(BOOTS[0], 360_000, true_ms + 360_000)])
    assert estimated is not None
    for n, interval in enumerate(estimated.found[:-1]):
        assert interval.earliest_ms <= true_ms + n * 60_000 <= interval.latest_ms
    offline = estimate(chain)
    assert offline is not None
    assert offline.liars == {BOOTS[0]}
    assert offline.found == offline.known


def test_when_two_boots_contradict_each_other_neither_is_believed_and_the_others_are() -> None:
    good, bad, after = START_MS + DAY_MS, START_MS + 20 * DAY_MS, START_MS + 3 * DAY_MS
    estimated = estimate([row(0, 0, good), row(1, 0, bad), row(2, 0, after), row(3, 0, START_MS + 30 * DAY_MS)])
    assert estimated is not None
    assert estimated.liars == {BOOTS[1], BOOTS[2]}
    assert estimated.found[0] == claim_of(ClockReading(BOOTS[0], 0, good, ClockState.SYNCHRONISED))
    assert estimated.found[1].latest_ms == estimated.found[3].latest_ms
    assert estimated.found[1].earliest_ms == estimated.found[0].earliest_ms


def test_a_liar_known_from_before_is_not_asked_again() -> None:
    estimated = estimate([row(0, 0, START_MS + DAY_MS)], {BOOTS[0]})
    assert estimated is not None
    assert estimated.found == [ALWAYS]


def test_contacts_that_cannot_be_give_nothing_rather_than_something_wrong() -> None:
    later, earlier = contact(BOOTS[0], 0, START_MS + DAY_MS), contact(BOOTS[0], 1_000, START_MS)
    assert estimate([later, earlier]) is None
    assert narrowed([later, earlier]) is None


@dataclass(frozen=True)
class History:
    """What truly happened, and what is told of it."""

    true_ms: list[int]
    points: list[Point]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Draw boots and rows in true order, some with a clock that tells the truth, some with contacts."""
    now_ms, true_ms, points = START_MS, [], []
    for boot in range(draw(st.integers(1, 4))):
        now_ms += draw(st.integers(0, 3 * DAY_MS))
        monotonic_ms = draw(st.integers(0, HOUR_MS))
        slew = draw(st.integers(-400, 400))  # ppm
        for _ in range(draw(st.integers(1, 6))):
            passed_ms = draw(st.integers(0, DAY_MS))
            now_ms += passed_ms
            monotonic_ms += passed_ms + passed_ms * slew // 1_000_000
            true_ms.append(now_ms)
            kind = draw(st.sampled_from(["unsynchronised", "synchronised", "contact"]))
            if kind == "contact":
                points.append(contact(BOOTS[boot], monotonic_ms, now_ms + draw(st.integers(0, TRANSIT_MS))))
            else:
                error_ms = draw(st.integers(-15_000, 15_000))
                points.append(row(boot, monotonic_ms, now_ms + error_ms if kind == "synchronised" else None))
    return History(true_ms, [replace(point, known=point.known.intersection(ALWAYS)) for point in points])


@given(histories())
def test_whatever_happened_each_interval_holds_the_true_time_and_nobody_is_called_a_liar(history: History) -> None:
    estimated = estimate(history.points)
    assert estimated is not None
    assert estimated.liars == set()
    for true_ms, interval, known in zip(history.true_ms, estimated.found, estimated.known, strict=True):
        assert interval.earliest_ms <= true_ms <= interval.latest_ms
        assert known.earliest_ms <= interval.earliest_ms <= interval.latest_ms <= known.latest_ms


@given(histories(), st.data())
def test_one_boot_whose_clock_lies_by_more_than_its_rows_allow_spoils_no_row_of_another(
    history: History, data: st.DataObject
) -> None:
    lying = data.draw(st.sampled_from(sorted({point.boot_id for point in history.points})))
    lie_ms = data.draw(st.sampled_from([-3650, 3650])) * DAY_MS
    told = [
        replace(point, claim=Interval(point.claim[0] + lie_ms, point.claim[1] + lie_ms))
        if point.claim and point.boot_id == lying
        else point
        for point in history.points
    ]
    estimated = estimate(told)
    assert estimated is not None
    for true_ms, interval in zip(history.true_ms, estimated.found, strict=True):
        assert interval.earliest_ms <= true_ms <= interval.latest_ms


@given(histories())
def test_order_is_kept(history: History) -> None:
    estimated = estimate(history.points)
    assert estimated is not None
    for before, after in zip(estimated.found, estimated.found[1:], strict=False):
        assert before.earliest_ms <= after.earliest_ms
        assert before.latest_ms <= after.latest_ms
