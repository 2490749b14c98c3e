from __future__ import annotations

from datetime import date

from sqlalchemy import insert

from device.hub.db import registry
from device.hub.db.supervision_tables import place_unsealings
from device.hub.supervision.place_view import PlaceView, place_view
from device.hub.supervision.standing import PlaceStanding
from tests.support.databases import both_databases
from tests.support.supervised import OFFICE, Supervised

pytestmark = both_databases


def view_of(hub: Supervised, place_id: str) -> PlaceView:
    with hub.store.reading() as connection:
        record = registry.find_places(connection, place_id)[0]
        return place_view(connection, record, hub.store.now_ms())


def test_a_place_is_seen_by_its_days_its_hours_and_its_figures(hub: Supervised) -> None:
    place, now = hub.place("Trường", OFFICE), hub.now_hour  # Wednesday, 12 o'clock
    gate = hub.gate(place)
    for hour in (now, now - 1, now - 2, now - 24):
        hub.scans(gate, hour, 10)
    hub.counts(gate, now - 1, granted=10, passed=20)
    view = view_of(hub, place)
    assert (view.standing, view.last_hour) == (PlaceStanding.WELL, now)
    assert (view.coverage.hours.part, view.coverage.hours.whole) == (3, 50)
    assert view.coverage.through.percent == 50
    assert len(view.days) == 28
    today, yesterday, sunday = view.days[0], view.days[1], view.days[3]
    assert today == (date(2026, 1, 28), 30, 6, 3, 10, 20)  # until now
    assert yesterday == (date(2026, 1, 27), 10, 10, 1, 0, 0)
    assert (sunday.opening, sunday.scans) == (0, 0)
    assert [view.week[2][hour] for hour in (10, 11, 12, 13)] == [(10, 4), (10, 4), (0, 4), (0, 4)]  # 12 is not over
    assert view.week[1][12] == (10, 4)
    assert view.week[6][12] == (0, 0)
    assert sum(slot.scans for day in view.week for slot in day) == 30


def test_a_place_without_anything_says_so(hub: Supervised) -> None:
    view = view_of(hub, hub.place("Chợ", ""))
    assert (view.standing, view.last_hour, view.guards, view.unsealings) == (PlaceStanding.NEVER, None, [], [])
    assert {(day.scans, day.opening, day.passed) for day in view.days} == {(0, None, 0)}


def test_a_scan_of_long_ago_is_still_the_last(hub: Supervised) -> None:
    place = hub.place("Chợ")
    hub.scans(hub.gate(place), hub.now_hour - 168 * 9, 1)
    view = view_of(hub, place)
    assert (view.standing, view.last_hour) == (PlaceStanding.STOPPED, hub.now_hour - 168 * 9)


def test_its_gates_are_those_of_the_registry_and_those_that_name_it(hub: Supervised) -> None:
    place = hub.place("Chợ")
    by_registry, gone = hub.gate(place), hub.gate(place)
    hub.assign(gone, hub.place("Xe"))
    view = view_of(hub, place)
    assert [(guard.device_id, guard.by_registry, guard.heard_ms) for guard in view.guards] == [
        (by_registry, True, None)
    ]


def test_who_opened_seals_of_it_is_told_the_newest_first(hub: Supervised) -> None:
    place, other = hub.place("Chợ"), hub.place("Xe")
    row = {"who": "Y tế", "reason": "ca F0", "ground": "Luật", "from_ms": 1, "until_ms": 2, "checkins": 3}
    with hub.store.begin() as connection:
        for at_ms in range(30):
            connection.execute(insert(place_unsealings).values(place_id=place, at_ms=at_ms, **row))
    assert [one.at_ms for one in view_of(hub, place).unsealings] == list(range(29, 9, -1))
    assert view_of(hub, other).unsealings == []
