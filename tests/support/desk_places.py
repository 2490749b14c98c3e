"""Places at a desk that a test has: registered in its database, and seen in its pages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from device.hub.accounts.reach import give_place
from device.hub.db import registry
from device.hub.db.database import HubDatabase
from device.hub.db.registry import PlaceRecord
from device.hub.registry.place import RegisteredPlace

_LINK = re.compile(r'<th scope="row"><a href="/places/(place-[0-9a-f]{12})"><bdi>([^<]*)</bdi>')


def registered(store: HubDatabase, *places: RegisteredPlace) -> list[PlaceRecord]:
    """Register places."""
    records = [registry.new_place(place, store.now_ms()) for place in places]
    with store.begin() as connection:
        registry.add_places(connection, records)
    return records


def given(store: HubDatabase, account_id: int, records: Sequence[PlaceRecord]) -> None:
    """Let places be an owner's own."""
    with store.begin() as connection:
        for record in records:
            give_place(connection, account_id, record.place_id)


def all_registered(store: HubDatabase) -> dict[str, PlaceRecord]:
    """Return every place by its name."""
    with store.reading() as connection:
        return {record.place.name: record for record in registry.all_places(connection)}


def names_on(page: str) -> list[str]:
    """Return the names of places in a list, as they stand there."""
    return [name for _, name in _LINK.findall(page)]
