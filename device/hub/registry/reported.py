"""What gates say of their place, beside what the registry says: matched by an id, or shown as unmatched."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, or_, select, true

from device.hub.db.registry_tables import gate_assignments, posters, registered_places
from device.hub.db.tables import gates, places
from device.hub.registry.place import PLACE_ID
from device.wire.places import place_from

_NO_CODE: Final = '"location_qr":""'
"""What stands in the document of a place whose poster says nothing."""
_POSTER_ID: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GatePlace:
    """A gate, and one place it has named; a gate that has named several has several of these.

    Attributes:
        device_id: of the gate.
        gate: what people call it.
        assigned: id of the registered place it guards by the registry; ``None``: by nobody's word.
        reported: name of the place that it named; ``None`` where it has sent nothing yet.
        matched: id of the registered place whose id, or whose poster, is in its ``location_qr``; ``None``: unmatched.
    """

    device_id: str
    gate: str
    assigned: str | None
    reported: str | None
    matched: str | None


def gate_places(connection: Connection) -> list[GatePlace]:
    """Return every gate, the oldest first, with each place that it has named."""
    known = {row.poster_id: row.place_id for row in connection.execute(select(posters.c.poster_id, posters.c.place_id))}
    known |= {place_id: place_id for place_id in connection.execute(select(registered_places.c.place_id)).scalars()}
    return [replace(one, matched=_matched(location_qr, known)) for one, location_qr in _found(connection, true())]


def gate_places_at(connection: Connection, place_id: str, sees: ColumnElement[bool], most: int) -> list[GatePlace]:
    """Return, like `gate_places`, what concerns one place: gates that are to guard it, and those that name it.

    Args:
        connection: to the database.
        place_id: of the place.
        sees: of which gates, a condition on ``gates.device_id``.
        most: so many at most; of the others nothing is looked at.
    """
    own = {place_id, *connection.execute(select(posters.c.poster_id).where(posters.c.place_id == place_id)).scalars()}
    says_something = ~places.c.document.contains(_NO_CODE, autoescape=True)
    said = select(places.c.device_id, places.c.document).join(gates, gates.c.device_id == places.c.device_id)
    # Looked through here: as many conditions on a text as a place has had posters would cost more.
    naming = set()
    for device_id, document in connection.execute(said.where(sees, says_something)):
        text = document.lower()
        if any(one in text for one in own):
            naming.add(device_id)
    which = or_(gate_assignments.c.place_id == place_id, gates.c.device_id.in_(sorted(naming)[:most]))
    matched = _with_matches(connection, _found(connection, and_(sees, which), most))
    return [one for one in matched if place_id in {one.assigned, one.matched}]


def gate_places_of(connection: Connection, device_id: str) -> list[GatePlace]:
    """Return, like `gate_places`, one gate with each place that it has named; nothing when there is no such gate."""
    return _with_matches(connection, _found(connection, gates.c.device_id == device_id))


def _with_matches(connection: Connection, found: Sequence[tuple[GatePlace, str]]) -> list[GatePlace]:
    """Return a few gates as `_found` has them, each matched by what it says its poster holds."""
    said = {one for _, location_qr in found for one in ids_in(location_qr)}
    posted = select(posters.c.poster_id, posters.c.place_id).where(posters.c.poster_id.in_(said))
    known = {row.poster_id: row.place_id for row in connection.execute(posted)}
    registered = select(registered_places.c.place_id).where(registered_places.c.place_id.in_(said))
    known |= {one: one for one in connection.execute(registered).scalars()}
    return [replace(gate, matched=_matched(location_qr, known)) for gate, location_qr in found]


def _found(connection: Connection, which: ColumnElement[bool], most: int | None = None) -> list[tuple[GatePlace, str]]:
    """Return gates with each place they have named, unmatched yet, and what they say its poster holds."""
    query = (
        select(gates.c.device_id, gates.c.name, gate_assignments.c.place_id, places.c.document)
        .outerjoin(gate_assignments, gate_assignments.c.device_id == gates.c.device_id)
        .outerjoin(places, places.c.device_id == gates.c.device_id)
        .where(which)
        .order_by(gates.c.added_ms, gates.c.device_id, places.c.place_id)
        .limit(most)
    )
    found = []
    for device_id, gate, assigned, document in connection.execute(query):
        if document is None:
            found.append((GatePlace(device_id, gate, assigned, None, None), ""))
            continue
        reported = place_from(document)
        found.append((GatePlace(device_id, gate, assigned, reported.name, None), reported.location_qr))
    return found


def _matched(location_qr: str, known: Mapping[str, str]) -> str | None:
    return next((known[one] for one in ids_in(location_qr) if one in known), None)


def ids_in(location_qr: str) -> list[str]:
    """Return what may be an id of the registry in the text of a location code."""
    return [*PLACE_ID.findall(location_qr), *map(str.lower, _POSTER_ID.findall(location_qr))]
