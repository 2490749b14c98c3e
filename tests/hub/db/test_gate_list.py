"""The list of gates: what needs somebody first, page by page, filtered in the database, and only what one sees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, true, update

from device.hub.accounts.audit import Actor
from device.hub.accounts.passwords import Passwords
from device.hub.accounts.reach import give_place, sees_gate
from device.hub.accounts.roles import AccountRole
from device.hub.accounts.sessions import Session
from device.hub.accounts.store import Accounts
from device.hub.db.database import HubDatabase
from device.hub.db.gate_changes import put_into_group, revoke
from device.hub.db.gate_list import (
    PAGE,
    STATE_ORDER,
    Cursor,
    Filters,
    Listed,
    counts_by_state,
    groups_of,
    holding,
    one_gate,
    page_of,
)
from device.hub.db.gate_state import SILENT_S, SILENT_WITHOUT_REPORTS_S, gate_state, said_state
from device.hub.db.registry import add_places, assign_gate, new_place
from device.hub.db.tables import gates, places
from device.hub.registry.place import RegisteredPlace
from device.hub.standing_words import state_of
from device.wire.bundle import BundleKind
from device.wire.places import place_document
from device.wire.state_records import BundleState, PolicyState
from tests.support.databases import both_databases, hub_folder
from tests.support.fakes import FakeClock
from tests.support.gate_states import QUIET
from tests.support.many_gates import add_gates, troubled
from tests.support.visitors import PLACE

pytestmark = both_databases
ALL = true()


class Hub:
    def __init__(self, folder: Path, url: str | None) -> None:
        self.clock = FakeClock()
        self.store: HubDatabase = hub_folder(folder / "hub", self.clock, url).open_store()

    def pages(self, filters: Filters = Filters()) -> list[list[Listed]]:  # noqa: B008 - frozen
        """Return the list, page by page."""
        found: list[list[Listed]] = []
        after: Cursor | None = None
        with self.store.reading() as connection:
            while after is not None or not found:
                rows, after = page_of(connection, ALL, self.store.now_ms(), filters, after)
                found.append(rows)
        return found

    def names(self, filters: Filters = Filters()) -> list[str]:  # noqa: B008 - frozen
        return [one.standing.name for rows in self.pages(filters) for one in rows]

    def holding(self, text: str) -> list[str]:
        with self.store.reading() as connection:
            which = holding(connection, ALL, text)
            return [one.standing.name for one in page_of(connection, which, self.store.now_ms())[0]]

    def hear(self, device_id: str, at_ms: int) -> None:
        with self.store.begin() as connection:
            connection.execute(update(gates).where(gates.c.device_id == device_id).values(contact_ms=at_ms))

    def revoke(self, device_id: str) -> None:
        with self.store.begin() as connection:
            assert revoke(connection, device_id, lambda *_: b"x" * 64)


@pytest.fixture
def hub(tmp_path: Path, database_url: str | None) -> Iterator[Hub]:
    hub = Hub(tmp_path, database_url)
    yield hub
    hub.store.close()


def test_the_database_judges_a_gate_as_the_program_does(hub: Hub) -> None:
    now_ms = hub.store.now_ms()
    limits = (SILENT_S * 1000, SILENT_WITHOUT_REPORTS_S * 1000)
    ages = [0, *limits, *(limit + 1 for limit in limits)]
    ids = add_gates(hub.store, *(f"Cổng {number}" for number in range(4 * len(ages) + 2)))
    for at, (state, age) in enumerate((state, age) for state in (None, QUIET, troubled("camera")) for age in ages):
        if state is not None:
            hub.store.note_state(ids[at], state, [])
            with hub.store.begin() as connection:
                this = gate_state.c.device_id == ids[at]
                connection.execute(update(gate_state).where(this).values(heard_ms=now_ms - age))
        hub.hear(ids[at], now_ms - age if state is None else now_ms - 80_000_000)
    hub.hear(ids[-2], now_ms)
    hub.revoke(ids[-2])
    found = [one for rows in hub.pages() for one in rows]
    assert {one.standing.device_id: one.state for one in found} == {
        one.standing.device_id: state_of(one.standing, now_ms) for one in found
    }
    assert {one.state for one in found} == set(STATE_ORDER)


def test_what_needs_somebody_comes_first_and_each_gate_once_whatever_the_page(hub: Hub) -> None:
    count = 2 * PAGE + 20
    ids = add_gates(hub.store, *(f"Cổng {number % 7}" for number in range(count)))
    for number, device_id in enumerate(ids):
        if number % 3:
            hub.store.note_state(device_id, troubled("camera") if number % 3 == 1 else QUIET, [])
    hub.revoke(ids[1])
    pages = hub.pages()
    assert [len(rows) for rows in pages] == [PAGE, PAGE, 20]
    rows = [one for page in pages for one in page]
    found = [(STATE_ORDER.index(one.state), one.standing.name, one.standing.device_id) for one in rows]
    assert found == sorted(found)
    assert {device_id for _, _, device_id in found} == set(ids)
    assert len(found) == count


def test_a_page_that_begins_behind_a_gate_that_is_gone_is_empty(hub: Hub) -> None:
    add_gates(hub.store, "Cổng A")
    with hub.store.reading() as connection:
        rows, after = page_of(connection, ALL, hub.store.now_ms(), after=Cursor(4, "gate-nobody"))
    assert (rows, after) == ([], None)


def test_a_page_takes_a_few_statements_however_many_gates_are_on_it(hub: Hub) -> None:
    add_gates(hub.store, *(f"Cổng {number}" for number in range(PAGE)))
    said: list[str] = []
    with hub.store.reading() as connection:
        event.listen(connection, "before_cursor_execute", lambda *args: said.append(args[2]))
        rows, _ = page_of(connection, ALL, hub.store.now_ms())
    assert (len(rows), len(said)) == (PAGE, 2)
    assert not any("checkins" in one for one in said)


@pytest.mark.parametrize("text", ["cổng CHÍNH", "cong chinh", "000000000001", "hoa phuong", "Chính"])
def test_a_text_finds_a_gate_by_a_part_of_its_name_its_id_or_its_place(hub: Hub, text: str) -> None:
    one, _ = add_gates(hub.store, "Cổng Chính", "Cổng sau 100 %")
    place = new_place(RegisteredPlace("Trường Hoa Phượng", "Hải Phòng"), 1)
    with hub.store.begin() as connection:
        add_places(connection, [place])
        assign_gate(connection, one, place.place_id, 1)
    assert hub.holding(text) == ["Cổng Chính"]
    assert hub.holding("%") == ["Cổng sau 100 %"]
    assert hub.holding("_") == []


def test_gates_are_filtered_by_state_place_and_group(hub: Hub) -> None:
    one, other, third = add_gates(hub.store, "A", "B", "C")
    place = new_place(RegisteredPlace("Chợ Mới", "Hà Nội"), 1)
    hub.store.note_state(other, QUIET, [])
    with hub.store.begin() as connection:
        add_places(connection, [place])
        assign_gate(connection, one, place.place_id, 1)
        put_into_group(connection, other, "Khối 10")
        put_into_group(connection, third, "Khối 11")
        put_into_group(connection, third, "Khối 10")
        put_into_group(connection, one, "Khối 12")
        put_into_group(connection, one, "")
    assert hub.names(Filters(state="well")) == ["B"]
    assert hub.names(Filters(place=place.place_id)) == ["A"]
    assert hub.names(Filters(group="Khối 10")) == ["C", "B"]
    with hub.store.reading() as connection:
        assert groups_of(connection, ALL) == ["Khối 10"]
        counted = counts_by_state(connection, ALL, hub.store.now_ms(), Filters(state="well", group="Khối 10"))
        first = one_gate(connection, ALL, hub.store.now_ms(), one)
        assert first is not None
        assert (first.place, first.place_id, first.group) == ("Chợ Mới", place.place_id, "")
    assert counted == {"silent": 0, "trouble": 0, "never": 1, "well": 1, "revoked": 0}


def test_gates_that_lack_the_newest_of_a_kind_they_take_are_found(hub: Hub) -> None:
    ids = add_gates(hub.store, "new", "old", "none", "takes no roster", "own", "revoked", "a name")
    versions = (7, 6, None, "-", 3, 6)
    for device_id, version in zip(ids, versions, strict=False):
        taken = () if version == "-" else (BundleState(BundleKind.ROSTER, version, 5, old=False, refused=False),)  # type: ignore[arg-type] # "-" is none
        hub.store.note_state(device_id, replace(QUIET, bundles=taken), [])
    sly = replace(QUIET, policy=PolicyState('"kind":"roster","version":6,', age_s=1, refused=False))
    hub.store.note_state(ids[6], sly, [])
    hub.revoke(ids[5])
    assert hub.names(Filters(behind=BundleKind.ROSTER, version=7, but=(ids[4],))) == ["none", "old"]


def test_a_gate_without_a_registered_place_shows_the_one_it_names_itself(hub: Hub) -> None:
    one, other = add_gates(hub.store, "A", "B")
    with hub.store.begin() as connection:
        connection.execute(places.insert().values(device_id=one, place_id="0" * 16, document=place_document(PLACE)))
        connection.execute(places.insert().values(device_id=other, place_id="0" * 16, document="{}"))
    assert [row.place for rows in hub.pages() for row in rows] == [PLACE.name, ""]


def test_an_owner_sees_the_gates_of_their_places_and_counts_no_others(hub: Hub) -> None:
    ours, theirs = add_gates(hub.store, "Cổng A", "Cổng B")
    Accounts(hub.store, Passwords()).add("Lan", AccountRole.OWNER, Actor("here"))
    mine, other = (new_place(RegisteredPlace(name, "Hà Nội"), 1) for name in ("Chợ Mới", "Chợ Cũ"))
    with hub.store.begin() as connection:
        add_places(connection, [mine, other])
        give_place(connection, 1, mine.place_id)
        assign_gate(connection, ours, mine.place_id, 1)
        assign_gate(connection, theirs, other.place_id, 1)
        put_into_group(connection, theirs, "Nhóm")
    sees = sees_gate(Session(b"", 1, "Lan", AccountRole.OWNER, whole=True, used_ms=1), gates.c.device_id)
    now_ms = hub.store.now_ms()
    with hub.store.reading() as connection:
        assert [one.standing.name for one in page_of(connection, sees, now_ms)[0]] == ["Cổng A"]
        assert sum(counts_by_state(connection, sees, now_ms, Filters()).values()) == 1
        assert one_gate(connection, sees, now_ms, theirs) is None
        assert one_gate(connection, sees, now_ms, ours) is not None
        assert groups_of(connection, sees) == []


def test_what_a_gate_said_is_read_back_and_what_cannot_be_read_is_nothing(hub: Hub) -> None:
    (gate,) = add_gates(hub.store, "A")
    told = replace(troubled("hot"), bundles=(BundleState(BundleKind.TRUST, None, None, old=False, refused=False),))
    hub.store.note_state(gate, told, [])
    found = hub.pages()[0][0].reported
    assert found == told
    for document in ("", "[]", "{}", "nonsense", json.dumps({"version": "1"}), None):
        assert said_state(document) is None
