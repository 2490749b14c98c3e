from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from device.hub.registry.opening_hours import read_opening_hours
from device.hub.registry.opening_times import (
    day_hours,
    is_open,
    local_day,
    local_slot,
    open_hours,
    open_ms,
    openings_of,
    spans,
)
from device.model import HOUR_MS

HERE = "Asia/Ho_Chi_Minh"
BERLIN = "Europe/Berlin"


def at(text: str, zone: str = HERE) -> int:
    """Return a time of a place's clocks as Unix milliseconds; a * behind it is the second time they show it."""
    time = datetime.fromisoformat(text.removesuffix("*")).replace(tzinfo=ZoneInfo(zone), fold=int(text.endswith("*")))
    return round(time.timestamp() * 1000)


@pytest.mark.parametrize(
    ("hours", "when", "told"),
    [
        ("mon-fri 07:00-17:00", "2026-11-30T06:59:59", False),  # a Monday
        ("mon-fri 07:00-17:00", "2026-11-30T07:00", True),
        ("mon-fri 07:00-17:00", "2026-11-30T17:00", False),
        ("mon-fri 07:00-17:00", "2026-11-29T12:00", False),
        ("mon 07:00-11:30, 13:00-17:00", "2026-11-30T12:00", False),
        ("mon 07:00-11:30, 13:00-17:00", "2026-11-30T13:00", True),
        ("sat 22:00-06:00", "2026-11-28T23:00", True),
        ("sat 22:00-06:00", "2026-11-29T05:59", True),  # over midnight, of the evening before
        ("sat 22:00-06:00", "2026-11-29T22:30", False),
        ("sun 22:00-06:00", "2026-11-30T03:00", True),  # over the end of the week
        ("sat 22:00-24:00", "2026-11-29T00:00", False),
        ("mon-sun 00:00-24:00", "2026-11-29T00:00", True),
    ],
)
def test_a_place_is_open_within_its_hours_by_its_own_clocks(hours: str, when: str, *, told: bool) -> None:
    assert is_open(read_opening_hours(hours), HERE, at(when)) is told


def test_of_a_place_without_hours_nobody_knows_whether_it_is_open() -> None:
    assert is_open((), HERE, at("2026-11-30T12:00")) is None
    assert open_ms((), HERE, 0, HOUR_MS) == 0
    assert openings_of("whenever") == openings_of("") == ()


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("2026-03-29T01:30", False),
        ("2026-03-29T03:30", True),  # clocks jumped from 2 to 3
        ("2026-10-25T02:30", True),
        ("2026-10-25T02:30*", True),  # the second half past two of that night
        ("2026-10-25T04:30", False),
    ],
)
def test_on_days_on_which_clocks_are_set_it_is_open_by_what_they_show(when: str, *, told: bool) -> None:
    assert is_open(read_opening_hours("sun 02:00-04:00"), BERLIN, at(when, BERLIN)) is told


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_on_which_clocks_are_set_is_an_hour_shorter_or_longer(day: str, hours: int) -> None:
    first, following = day_hours(BERLIN, date.fromisoformat(day))
    assert following - first == hours
    begin, end = first * HOUR_MS, following * HOUR_MS
    assert open_ms(openings_of("mon-sun 00:00-24:00"), BERLIN, begin, end) == hours * HOUR_MS


def test_spans_are_cut_to_what_is_asked_for_and_in_order() -> None:
    openings = read_opening_hours("mon 07:00-11:30, 13:00-17:00; sun 22:00-02:00")
    asked = at("2026-11-30T01:00"), at("2026-11-30T14:00")
    assert spans(openings, HERE, *asked) == [
        (at("2026-11-30T01:00"), at("2026-11-30T02:00")),
        (at("2026-11-30T07:00"), at("2026-11-30T11:30")),
        (at("2026-11-30T13:00"), at("2026-11-30T14:00")),
    ]
    assert open_ms(openings, HERE, *asked) == round(6.5 * HOUR_MS)


def test_an_hour_is_an_opening_hour_when_the_place_is_open_for_half_of_it() -> None:
    midnight = at("2026-11-30T00:00") // HOUR_MS
    found = open_hours("mon 07:30-11:15, 11:45-12:00, 14:45-15:15", HERE, midnight, midnight + 24)
    assert sorted(hour - midnight for hour in found) == [7, 8, 9, 10, 11]


def test_days_and_slots_are_those_of_the_places_clocks() -> None:
    midnight = at("2026-11-30T00:00")
    assert (local_day(HERE, midnight), local_day(HERE, midnight - 1)) == (date(2026, 11, 30), date(2026, 11, 29))
    assert local_slot(HERE, midnight // HOUR_MS) == (0, 0)
    assert local_slot(HERE, midnight // HOUR_MS - 1) == (6, 23)
