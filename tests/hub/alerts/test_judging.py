"""The rules about gates and places, alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from device.clock import DAY_MS
from device.hub.alerts.judging import (
    NEARLY_MS,
    judged_coverage,
    judged_gates,
    judged_places,
    scans_since,
    yesterday_of,
)
from device.hub.alerts.rules import MOST_HOLD_MS, Limits, Rule, hold_ms
from device.hub.alerts.watched import Watched
from device.hub.db.gate_state import SILENT_WITHOUT_REPORTS_S
from device.model import HOUR_MS

HERE = "Asia/Ho_Chi_Minh"
NOON_MS = 1_767_571_200_000 + 5 * HOUR_MS
"""Monday, 5 January 2026, in Hà Nội."""
MINUTE_MS = 60_000
LIMITS = Limits()


def gate(quiet_minutes: float | None, **more: Any) -> Watched:  # noqa: ANN401 - fields of it
    """A gate of a school that has not been heard for so many minutes; ``None``: never."""
    heard_ms = None if quiet_minutes is None else NOON_MS - round(quiet_minutes * MINUTE_MS)
    made = Watched(
        "gate-1",
        "Cổng A",
        heard_ms,
        reports=True,
        troubles=(),
        place_id="place-1",
        place="Trường",
        province="Hà Nội",
        opening_hours="mon-fri 07:00-17:00",
        time_zone=HERE,
    )
    return made._replace(**more)


@pytest.mark.parametrize(
    ("watched", "now_ms", "hearing_ms", "found"),
    [
        (gate(19.9), NOON_MS, 0, "well"),
        (gate(20), NOON_MS, 0, "silent"),
        (gate(None), NOON_MS, 0, "well"),
        (gate(20), NOON_MS, NOON_MS - 19 * MINUTE_MS, "unknown"),
        (gate(0), NOON_MS + DAY_MS // 2, 0, "unknown"),
        (gate(0), NOON_MS + 20 * HOUR_MS + MINUTE_MS, 0, "silent"),
        (gate(0), NOON_MS + 19 * HOUR_MS + 10 * MINUTE_MS, 0, "unknown"),
        (gate(0, opening_hours=""), NOON_MS + DAY_MS // 2, 0, "silent"),
        (gate(0, opening_hours="spoilt by hand"), NOON_MS + DAY_MS // 2, 0, "silent"),
        (gate(60, reports=False), NOON_MS, 0, "well"),
        (gate(SILENT_WITHOUT_REPORTS_S / 60, reports=False, opening_hours=""), NOON_MS, 0, "silent"),
    ],
    ids=[
        *(
            "within",
            "at-the-limit",
            "never-heard",
            "hub-just-there",
            "at-night",
            "after-opening",
            "limit-since-opening",
        ),
        *("hours-unknown", "hours-spoilt", "no-reports", "no-reports-for-long"),
    ],
)
def test_a_gate_is_silent_beyond_its_limit_in_opening_hours(
    watched: Watched, now_ms: int, hearing_ms: int, found: str
) -> None:
    look = judged_gates([watched], LIMITS, now_ms, hearing_ms)
    key = (Rule.SILENT, "gate-1")
    assert {"silent": key in look.wrong, "unknown": key in look.unknown}.get(found, True)
    assert (key in look.wrong) is (found == "silent")
    assert (key in look.unknown) is (found == "unknown")


@pytest.mark.parametrize(("quiet", "nearly"), [(6.9, False), (9.9, False), (10.1, True), (20.1, False)])
def test_a_gate_is_nearly_silent_when_a_report_is_missing_and_half_the_limit_is_over(
    quiet: float, *, nearly: bool
) -> None:
    assert bool(judged_gates([gate(quiet)], LIMITS, NOON_MS, 0).nearly) is nearly
    short = replace(LIMITS, silent_ms=NEARLY_MS)
    assert not judged_gates([gate(6.9)], short, NOON_MS, 0).nearly


def test_a_gate_is_out_of_service_by_its_own_words_while_it_is_heard() -> None:
    key = (Rule.OUT_OF_SERVICE, "gate-1")
    for troubles, detail in ((("camera", "hot"), "camera"), (("fault", "camera"), "camera fault")):
        look = judged_gates([gate(3, troubles=troubles)], LIMITS, NOON_MS, 0)
        assert look.wrong[key].detail == detail
    assert key not in judged_gates([gate(3, troubles=("hot", "camera-slow"))], LIMITS, NOON_MS, 0).wrong
    assert key in judged_gates([gate(30, troubles=("camera",))], LIMITS, NOON_MS, 0).unknown


@pytest.mark.parametrize(
    ("hours", "since"),
    [
        ("mon-fri 07:00-17:00", NOON_MS - 4 * HOUR_MS),
        ("mon-fri 11:00-17:00", NOON_MS - 3 * DAY_MS + 2 * HOUR_MS),  # one hour today, three on Friday
        ("mon-fri 06:00-09:00, 11:00-17:00", NOON_MS - 6 * HOUR_MS),
        ("mon-fri 13:00-17:00", None),
        ("mon 11:00-17:00", NOON_MS - 7 * DAY_MS + 2 * HOUR_MS),
        ("tue 11:00-17:00", None),
        ("", None),
    ],
)
def test_opening_time_is_counted_back_over_breaks_and_days(hours: str, since: int | None) -> None:
    one = gate(1, opening_hours=hours)
    assert scans_since([one], LIMITS, NOON_MS).get((hours, HERE)) == since


@pytest.mark.parametrize(
    ("gates", "last_hours_ago", "found"),
    [
        ([gate(1)], 6, "wrong"),
        ([gate(1)], 3, "well"),
        ([gate(1)], None, "wrong"),
        ([gate(30)], 6, "unknown"),
        ([gate(1, troubles=("camera",))], 6, "unknown"),
        ([gate(1, assigned_ms=NOON_MS - HOUR_MS)], 6, "unknown"),
        ([gate(30), gate(1, device_id="gate-2")], 6, "wrong"),
        ([gate(1, opening_hours="")], 6, "unknown"),
        ([gate(1, place_id=None)], 6, "well"),
    ],
)
def test_nothing_is_scanned_where_a_gate_works_and_nobody_was_there_in_the_opening_time(
    gates: list[Watched], last_hours_ago: int | None, found: str
) -> None:
    last = {} if last_hours_ago is None else {"gate-1": NOON_MS // HOUR_MS - last_hours_ago}
    look = judged_places(gates, scans_since(gates, LIMITS, NOON_MS), last, LIMITS, NOON_MS)
    key = (Rule.NOTHING_SCANNED, "place-1")
    assert (key in look.wrong, key in look.unknown) == (found == "wrong", found == "unknown")


def test_coverage_of_the_day_that_is_over_counts_the_hours_of_all_gates_of_a_place() -> None:
    gates = [gate(1), gate(1, device_id="gate-2")]
    tuesday_ms = NOON_MS + DAY_MS
    first, end = yesterday_of(HERE, tuesday_ms)
    assert (first * HOUR_MS, end - first) == (NOON_MS - DAY_MS // 2, 24)
    half = replace(LIMITS, coverage_percent=50)
    scanned = {"gate-1": {first + 7, first + 8, first + 3}, "gate-2": {first + 8, first + 9}}
    zones = frozenset({HERE})
    (found,) = judged_coverage(gates, scanned, half, tuesday_ms, zones).wrong.values()
    assert (found.detail, found.since_ms) == ("30", first * HOUR_MS)
    scanned["gate-2"] |= {first + 10, first + 16}
    assert not judged_coverage(gates, scanned, half, tuesday_ms, zones).wrong
    assert not judged_coverage(gates, {}, replace(LIMITS, coverage_percent=0), tuesday_ms, zones).wrong
    assert judged_coverage(gates, {}, half, tuesday_ms, frozenset()).unknown == {(Rule.COVERAGE, "place-1")}
    sunday_ms = NOON_MS - DAY_MS // 2
    assert judged_coverage(gates, {}, half, sunday_ms, zones).unknown == {(Rule.COVERAGE, "place-1")}


def test_what_ends_again_and_again_must_hold_longer_each_time_and_never_for_a_day() -> None:
    holds = [hold_ms(Rule.SILENT, again) for again in range(12)]
    assert holds[:3] == [10 * MINUTE_MS, 20 * MINUTE_MS, 40 * MINUTE_MS]
    assert holds[-1] == MOST_HOLD_MS
    assert hold_ms(Rule.COVERAGE, 9) == 0
