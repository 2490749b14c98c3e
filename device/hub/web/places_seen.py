"""The places that whoever asks sees: the only way in which pages of places come to one."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from device.hub.accounts.reach import sees_place
from device.hub.db import registry
from device.hub.db.registry import PlaceRecord
from device.hub.db.registry_tables import registered_places
from device.hub.registry.place import PLACE_ID
from device.hub.web.asking import Ask


def seen_places(ask: Ask) -> ColumnElement[bool]:
    """Return the condition under which whoever asks sees a registered place."""
    return sees_place(ask.by, registered_places.c.place_id)


def the_place(ask: Ask) -> PlaceRecord | None:
    """Return the place that the path names; ``None``: there is none, or whoever asks does not see it."""
    place_id = str(ask.given["place_id"])
    if not PLACE_ID.fullmatch(place_id):
        return None
    with ask.desk.store.reading() as connection:
        return registry.place_called(connection, place_id, seen_places(ask))
