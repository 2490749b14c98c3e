"""Which sums are whose: by the registry's word, by an id that a gate names, and across the hour of a move."""

from __future__ import annotations

from device.hub.db.posters import poster_in_use
from device.hub.supervision import guards
from device.hub.supervision.coverage import Sums
from device.hub.supervision.sums import hour_sums, last_hours, recent_sums, totals, week_sums
from tests.support.databases import both_databases
from tests.support.supervised import Supervised

pytestmark = both_databases
OTHER = "f" * 16


def read_codes(hub: Supervised) -> None:
    with hub.store.reading() as connection:
        rows = guards.unread(connection)
    with hub.store.begin() as connection:
        guards.keep_read(connection, rows)
        guards.keep_read(connection, rows)  # another desk does so too


def sums_of(hub: Supervised, *place_ids: str) -> dict[str, dict[int, Sums]]:
    with hub.store.reading() as connection:
        return hour_sums(connection, place_ids, hub.now_hour - 100, hub.now_hour + 1)


def test_a_places_gates_are_added_up_and_no_other_ones(hub: Supervised) -> None:
    mine, other, now = hub.place("Chợ Mới"), hub.place("Chợ Cũ"), hub.now_hour
    one, two, theirs = hub.gate(mine), hub.gate(mine), hub.gate(other)
    hub.scans(one, now, 3, outs=2, others=1, repeats=1, uncertain=9)
    hub.scans(one, now, 4, OTHER)
    hub.scans(two, now, 5)
    hub.scans(theirs, now, 100)
    hub.counts(one, now - 1, granted=3, referred=2, denied=1, unreadable=50, passed=20)
    assert sums_of(hub, mine) == {mine: {now: Sums(16), now - 1: Sums(0, 6, 20)}}
    assert set(sums_of(hub, mine, other)) == {mine, other}
    assert totals(list(sums_of(hub, mine)[mine].values())) == Sums(16, 6, 20)
    assert totals([]) == Sums()


def test_of_a_gate_that_was_moved_each_place_has_its_own_hours(hub: Supervised) -> None:
    before, after, now = hub.place("Cũ"), hub.place("Mới"), hub.now_hour
    gate = hub.gate()
    hub.names(gate, f"https://hub.vn/p/{before}")
    hub.scans(gate, now - 3, 3)
    hub.scans(gate, now, 1)
    hub.counts(gate, now - 3, granted=3, passed=4)
    read_codes(hub)
    assert sums_of(hub, before) == {before: {now - 3: Sums(3, 3, 4), now: Sums(1)}}
    hub.assign(gate, after, now - 1)
    assert sums_of(hub, before, after) == {before: {now - 3: Sums(3, 3, 4)}, after: {now: Sums(1)}}


def test_what_a_gate_names_is_matched_by_the_id_of_a_place_or_of_its_poster_also_later(hub: Supervised) -> None:
    place, now = hub.place("Trường Kim Liên"), hub.now_hour
    with hub.store.begin() as connection:
        poster = poster_in_use(connection, place, "", hub.store.now_ms())
    by_poster, unmatched = hub.gate(), hub.gate()
    hub.names(by_poster, f"HTTPS://HUB.VN/P/{poster.poster_id.upper()}")
    hub.names(unmatched, "place-0123456789ab")
    hub.names(unmatched, "", OTHER)
    for gate in (by_poster, unmatched):
        hub.scans(gate, now, 2)
    read_codes(hub)
    assert sums_of(hub, place) == {place: {now: Sums(2)}}


def test_of_a_gate_that_named_several_places_no_counter_is_told_of_any(hub: Supervised) -> None:
    one, two, now = hub.place("Một"), hub.place("Hai"), hub.now_hour
    gate = hub.gate()
    hub.names(gate, one)
    hub.names(gate, two, OTHER)
    hub.scans(gate, now - 2, 7)
    hub.scans(gate, now, 8, OTHER)
    hub.counts(gate, now, granted=5, passed=5)
    read_codes(hub)
    assert sums_of(hub, one, two) == {one: {now - 2: Sums(7)}, two: {now: Sums(8)}}


def test_weeks_and_the_last_hour_are_told_of_scans_alone(hub: Supervised) -> None:
    place, never, now = hub.place("Chợ"), hub.place("Xe"), hub.now_hour
    gate = hub.gate(place)
    hub.gate(never)
    for back, number in ((0, 1), (167, 2), (168, 4), (168 * 4 + 167, 8), (168 * 5, 16), (5, 0)):
        hub.scans(gate, now - back, number)
    with hub.store.reading() as connection:
        weeks = week_sums(connection, [place, never], now)
        assert weeks == {place: (now, (3, 4, 0, 0, 8))}
        assert last_hours(connection, [place, never]) == {place: now}
        recent = recent_sums(connection, [place], now)[place]
    assert set(recent) == {now, now - 5, now - 167, now - 168}
    hub.scans(gate, now - 1 - 168 * 3, 32)
    with hub.store.reading() as connection:
        assert recent_sums(connection, [place], now)[place][now - 1 - 168 * 3] == Sums(32)
