"""What gates say of their place, beside what the registry says: matched by an id, or shown as unmatched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from device.hub.db.registry_tables import gate_assignments, posters, registered_places
from device.hub.db.tables import gates, places
from device.hub.registry.place import PLACE_ID
from device.wire.places import place_from

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
    query = (
        select(gates.c.device_id, gates.c.name, gate_assignments.c.place_id, places.c.document)
        .outerjoin(gate_assignments, gate_assignments.c.device_id == gates.c.device_id)
        .outerjoin(places, places.c.device_id == gates.c.device_id)
        .order_by(gates.c.added_ms, gates.c.device_id, places.c.place_id)
    )
    found = []
    for device_id, gate, assigned, document in connection.execute(query):
        if document is None:
            found.append(GatePlace(device_id, gate, assigned, None, None))
            continue
        reported = place_from(document)
        matched = next((known[one] for one in ids_in(reported.location_qr) if one in known), None)
        found.append(GatePlace(device_id, gate, assigned, reported.name, matched))
    return found


def ids_in(location_qr: str) -> list[str]:
    """Return what may be an id of the registry in the text of a location code."""
    return [*PLACE_ID.findall(location_qr), *map(str.lower, _POSTER_ID.findall(location_qr))]
