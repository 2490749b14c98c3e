"""The registry on both databases: places, which gate guards which, and what gates say themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import false, insert, true
from sqlalchemy.exc import IntegrityError

from device.hub.db import registry
from device.hub.db.database import HubDatabase
from device.hub.db.tables import places
from device.hub.folder import HubFolder
from device.hub.registry.place import RegisteredPlace
from device.hub.registry.reported import gate_places, gate_places_at
from device.model import Place
from device.wire.places import place_document
from tests.support.databases import both_databases

pytestmark = both_databases
SCHOOL = RegisteredPlace("Trường Hoa Phượng", "Hải Phòng", kind="school", code="S1")
MARKET = RegisteredPlace("Chợ Mới", "Hà Nội")


def test_a_place_is_found_by_id_code_or_name_as_it_was_registered(store: HubDatabase) -> None:
    school, market = registry.new_place(SCHOOL, 1), registry.new_place(MARKET, 2)
    with store.begin() as connection:
        registry.add_places(connection, [school, market])
        registry.add_places(connection, [])
    with store.reading() as connection:
        for word, found in (("S1", [school]), (school.place_id, [school]), ("Chợ Mới", [market]), ("", [])):
            assert registry.find_places(connection, word) == found
        assert registry.find_like(connection, replace(MARKET, name="chợ mới")) == market
        assert registry.find_like(connection, replace(MARKET, code="S1")) == school
        assert registry.find_like(connection, replace(MARKET, address="2")) is None
        assert registry.find_like(connection, replace(MARKET, code="S1"), school.place_id) is None
        assert registry.find_like(connection, MARKET, market.place_id) is None
        assert registry.place_called(connection, school.place_id, true()) == school
        assert registry.place_called(connection, school.place_id, false()) is None


def test_what_is_registered_is_changed_and_archived(store: HubDatabase) -> None:
    record = registry.new_place(MARKET, 1)
    with store.begin() as connection:
        registry.add_places(connection, [record])
        registry.change_places(connection, [])
    after = replace(record.changed(phone="0912345678", code="M1"), archived_ms=5)
    with store.begin() as connection:
        registry.change_places(connection, [after])
    with store.reading() as connection:
        assert registry.all_places(connection) == [after]


def test_the_same_place_is_never_registered_twice(store: HubDatabase) -> None:
    for twin in (MARKET, replace(MARKET, name="CHỢ MỚI")):
        with pytest.raises(IntegrityError), store.begin() as connection:
            registry.add_places(connection, [registry.new_place(MARKET, 1), registry.new_place(twin, 2)])
    with store.reading() as connection:
        assert registry.all_places(connection) == []


def test_a_gate_guards_one_place_and_what_it_says_itself_is_matched_by_id(
    folder: HubFolder, store: HubDatabase
) -> None:
    gate = folder.add_gate("Cổng A").device_id
    school, market = registry.new_place(SCHOOL, 1), registry.new_place(MARKET, 2)
    with store.begin() as connection:
        registry.add_places(connection, [school, market])
        registry.assign_gate(connection, gate, school.place_id, 3)
        registry.assign_gate(connection, gate, market.place_id, 4)
        assert [(one.assigned, one.reported, one.matched) for one in gate_places(connection)] == [
            (market.place_id, None, None)
        ]
        for name, location in (("a", f"https://hub.example.vn/p/{school.place_id}"), ("b", "0123456789ab" * 2)):
            document = place_document(Place(name, "school", "Hải Phòng", location_qr=location))
            values = {"device_id": gate, "place_id": name * 16, "document": document}
            connection.execute(insert(places).values(values))
        assert [(one.reported, one.matched) for one in gate_places(connection)] == [("a", school.place_id), ("b", None)]
        for place, found in ((school, [("a", school.place_id)]), (market, [("a", school.place_id), ("b", None)])):
            here = gate_places_at(connection, place.place_id, true(), 10)
            assert [(one.reported, one.matched) for one in here] == found
            assert gate_places_at(connection, place.place_id, false(), 10) == []
        assert len(gate_places_at(connection, market.place_id, true(), 1)) == 1
        registry.assign_gate(connection, gate, None, 5)
        assert {one.assigned for one in gate_places(connection)} == {None}
