"""Posters on both databases: one in use at an entrance, and the old ones told apart."""

from __future__ import annotations

from dataclasses import replace

from device.hub.db import registry
from device.hub.db.database import HubDatabase
from device.hub.db.posters import poster_called, poster_in_use, posters_of
from device.hub.registry.place import RegisteredPlace
from tests.support.databases import both_databases

pytestmark = both_databases


def test_a_new_poster_replaces_the_one_of_its_entrance_and_no_other(store: HubDatabase) -> None:
    place = registry.new_place(RegisteredPlace("Chợ Mới", "Huế"), 1)
    with store.begin() as connection:
        registry.add_places(connection, [place])
        first = poster_in_use(connection, place.place_id, "A", 2)
        other = poster_in_use(connection, place.place_id, "B", 3)
        assert poster_in_use(connection, place.place_id, "A", 4) == first
        second = poster_in_use(connection, place.place_id, "A", 5, anew=True)
    assert (first.number, other.number, second.number) == (1, 1, 2)
    assert len({place.place_id, first.poster_id, other.poster_id, second.poster_id}) == 4
    with store.reading() as connection:
        assert posters_of(connection, place.place_id) == [replace(first, replaced_ms=5), second, other]
        assert poster_called(connection, first.poster_id) == replace(first, replaced_ms=5)
        assert poster_called(connection, "f" * 24) is None
