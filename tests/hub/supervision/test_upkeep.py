"""What the first page reads is kept up to date: at once where a gate was heard, within the hour everywhere."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import select, update

from device.errors import ConfigurationError
from device.hub.accounts.audit import Actor
from device.hub.db.registry_tables import registered_places
from device.hub.db.supervision_tables import place_standings
from device.hub.db.tables import ledgers
from device.hub.supervision.listing import Line, Wanted, counts, every_line, page_of
from device.hub.supervision.standing import PlaceStanding
from device.hub.supervision.upkeep import EVERY_S, SupervisionUpkeep, refresh
from device.model import HOUR_MS
from tests.support.databases import both_databases
from tests.support.fakes import FakeClock
from tests.support.supervised import ALWAYS, OFFICE, Supervised

pytestmark = both_databases
EVERYBODY = registered_places.c.place_id.is_not(None)
HERE = Actor("here")


def lines(hub: Supervised) -> dict[str, Line]:
    refresh(hub.store)
    with hub.store.reading() as connection:
        return {line.name: line for line in every_line(connection, EVERYBODY, Wanted(every=True))}


def hear(hub: Supervised, device_id: str) -> None:
    with hub.store.begin() as connection:
        which = ledgers.c.device_id == device_id
        connection.execute(update(ledgers).where(which).values(heard_ms=hub.store.now_ms()))


def test_places_stand_as_they_are_scanned_and_those_to_look_at_come_first(hub: Supervised, clock: FakeClock) -> None:
    now = hub.now_hour
    names = ("A well", "B falling", "C stopped", "D never", "E unknown hours")
    gates = {name: hub.gate(hub.place(name, "" if name[0] == "E" else ALWAYS)) for name in names}
    for hour in range(now - 168 * 5 + 1, now + 1, 4):
        hub.scans(gates["A well"], hour, 5)
    for week in range(5):
        hub.scans(gates["B falling"], now - 1 - 168 * week, 100 if week else 20)
    hub.scans(gates["C stopped"], now - 9, 50)
    hub.scans(gates["E unknown hours"], now - 60, 1)
    found = lines(hub)
    assert [(name[0], line.standing.name) for name, line in found.items()] == [
        ("D", "NEVER"),
        ("C", "STOPPED"),
        ("B", "FALLING"),
        ("E", "WELL"),
        ("A", "WELL"),
    ]
    well, falling, unknown = (found[name] for name in ("A well", "B falling", "E unknown hours"))
    assert (well.hours, well.week, well.gates, well.last_hour) == (25, 210, 1, now - 3)
    assert (falling.usual, falling.hours, falling.through) == (20, 1, None)
    assert (unknown.hours, unknown.usual, found["D never"].last_hour) == (None, None, None)
    with hub.store.reading() as connection:
        assert list(counts(connection, EVERYBODY, Wanted()).values()) == [1, 1, 1, 2]
        assert [line.name[0] for line in page_of(connection, EVERYBODY, Wanted())[0]] == ["D", "C", "B"]


def test_only_what_may_have_changed_is_worked_out_anew(hub: Supervised, clock: FakeClock) -> None:
    place, other = hub.place("Chợ"), hub.place("Xe")
    gate = hub.gate(place)
    hub.gate(other)
    clock.advance(1_000)
    assert (refresh(hub.store), refresh(hub.store)) == (2, 0)
    clock.advance(1_000)
    hub.scans(gate, hub.now_hour, 3)
    assert refresh(hub.store) == 0  # nobody was heard
    hear(hub, gate)
    clock.advance(1_000)
    assert (refresh(hub.store), refresh(hub.store)) == (1, 0)
    assert lines(hub)["Chợ"].standing is PlaceStanding.WELL
    clock.advance(1_000)
    with hub.store.begin() as connection:
        which = registered_places.c.place_id == other
        connection.execute(update(registered_places).where(which).values(opening_hours=OFFICE))
    assert (refresh(hub.store), refresh(hub.store)) == (1, 0)
    hub.assign(gate, other, hub.now_hour)
    assert refresh(hub.store) == 2  # the one that lost it, and the other
    clock.advance(HOUR_MS)
    assert (refresh(hub.store, 1), refresh(hub.store, 1), refresh(hub.store)) == (1, 1, 0)


def test_a_scan_long_ago_is_remembered_after_its_gate_has_gone(hub: Supervised, clock: FakeClock) -> None:
    place = hub.place("Chợ")
    gate = hub.gate(place)
    hub.scans(gate, hub.now_hour - 168 * 20, 1)
    assert lines(hub)["Chợ"].standing is PlaceStanding.STOPPED
    hub.assign(gate, hub.place("Xe"), hub.now_hour)
    assert lines(hub)["Chợ"].standing is PlaceStanding.STOPPED


def test_a_place_out_of_use_is_neither_worked_out_nor_listed(hub: Supervised) -> None:
    hub.place("Chợ")
    with hub.store.begin() as connection:
        connection.execute(update(registered_places).values(archived_ms=1))
    assert lines(hub) == {}
    with hub.store.reading() as connection:
        assert connection.execute(select(place_standings)).all() == []


def test_pages_follow_each_other_without_a_gap_and_filters_count(hub: Supervised) -> None:
    for number in range(7):
        where = {"province": "Huế", "commune": "Phú Xuân", "kind": "school"} if number % 2 else {}
        hub.place(f"Chợ {number}", **where)
    everything, wanted = Wanted(), Wanted(province="Huế", commune="Phú Xuân", kind="school")
    for twice in range(2):  # before anything is kept, and after
        with hub.store.reading() as connection:
            seen, after = [], None
            while True:
                page, after = page_of(connection, EVERYBODY, everything, after, 3)
                seen += [line.name for line in page]
                if after is None:
                    break
            assert sorted(seen) == [f"Chợ {number}" for number in range(7)]
            assert counts(connection, EVERYBODY, wanted)[PlaceStanding.NEVER] == 3
            assert len(page_of(connection, EVERYBODY, wanted)[0]) == 3
            assert page_of(connection, EVERYBODY, Wanted(PlaceStanding.WELL))[0] == []
        assert refresh(hub.store) == (0 if twice else 7)


def test_it_goes_on_when_something_fails_and_tells_it_once(
    hub: Supervised, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    failures = iter([ConfigurationError("no folder"), ConfigurationError("no folder")])

    def also() -> None:
        for failure in failures:
            raise failure
        upkeep.close()

    upkeep = SupervisionUpkeep(hub.store, [also], clock)
    hub.place("Chợ")
    with caplog.at_level(logging.ERROR):
        upkeep.run()
    assert caplog.text.count("event=supervision-failed reason='no folder'") == 1
    assert clock.waits == [EVERY_S] * 2
    assert lines(hub)["Chợ"].standing is PlaceStanding.NEVER
