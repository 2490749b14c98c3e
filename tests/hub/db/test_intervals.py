from __future__ import annotations

from device.clock import DAY_MS, ClockReading, ClockState
from device.hub.db.intervals import (
    DRIFT,
    TOLERANCE_MS,
    TRANSIT_MS,
    Interval,
    Point,
    claim_of,
    contact,
    narrowed,
    slew_ms,
)

START_MS = 1_767_225_600_000
HOUR_MS = 3_600_000
BOOTS = tuple(f"{number:032x}" for number in range(3))
ALWAYS = Interval(START_MS, START_MS + 60 * DAY_MS)


def test_a_clock_that_is_not_synchronised_claims_nothing() -> None:
    assert claim_of(ClockReading(BOOTS[0], 5_000, START_MS, ClockState.UNSYNCHRONISED)) is None


def test_a_synchronised_clock_claims_its_time_give_or_take_what_it_may_have_drifted() -> None:
    claim = claim_of(ClockReading(BOOTS[0], HOUR_MS, START_MS, ClockState.SYNCHRONISED))
    slack_ms = TOLERANCE_MS + HOUR_MS // DRIFT
    assert claim == Interval(START_MS - slack_ms, START_MS + slack_ms)


def test_a_contact_was_sent_before_it_arrived_and_not_long_before() -> None:
    assert contact(BOOTS[0], 5, START_MS).known == Interval(START_MS - TRANSIT_MS, START_MS)


def test_bounds_go_forward_and_back_within_a_boot_and_only_by_order_beyond_it() -> None:
    noon, hour = Interval(START_MS + DAY_MS, START_MS + DAY_MS), HOUR_MS
    chain = [
        Point(BOOTS[0], 0, ALWAYS),
        Point(BOOTS[1], 0, ALWAYS),
        Point(BOOTS[1], hour, noon),
        Point(BOOTS[2], 0, ALWAYS),
    ]
    slew = slew_ms(hour)
    assert slew == 1_800
    assert narrowed(chain) == [
        Interval(START_MS, START_MS + DAY_MS - hour + slew),
        Interval(START_MS + DAY_MS - hour - slew, START_MS + DAY_MS - hour + slew),
        noon,
        Interval(START_MS + DAY_MS, ALWAYS.latest_ms),
    ]


def test_monotonic_time_that_goes_back_tells_nothing_but_the_order() -> None:
    found = narrowed([Point(BOOTS[0], 9_000, ALWAYS), Point(BOOTS[0], 0, ALWAYS)])
    assert found == [ALWAYS, ALWAYS]


def test_contacts_that_cannot_be_give_nothing_rather_than_something_wrong() -> None:
    later, earlier = contact(BOOTS[0], 0, START_MS + DAY_MS), contact(BOOTS[0], 1_000, START_MS)
    assert narrowed([later, earlier]) is None
