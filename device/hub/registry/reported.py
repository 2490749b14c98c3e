"""What gates say of their place, beside what the registry says: matched by an id, or shown as unmatched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from device.hub.db.registry_tables import gate_assignments, posters, registered_places
from device.hub.db.tables import gates, places
from device.hub.registry.place import PLACE_ID
from device.model import Place
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


def gate_places(connection: Connection, device_id: str | None = None) -> list[GatePlace]:
    """Return every gate, the oldest first, with each place that it has named; or one gate."""
    query = (
        select(gates.c.device_id, gates.c.name, gate_assignments.c.place_id, places.c.document)
        .outerjoin(gate_assignments, gate_assignments.c.device_id == gates.c.device_id)
        .outerjoin(places, places.c.device_id == gates.c.device_id)
        .order_by(gates.c.added_ms, gates.c.device_id, places.c.place_id)
    )
    if device_id is not None:
        query = query.where(gates.c.device_id == device_id)
    rows = connection.execute(query).all()
    reported = [None if row.document is None else place_from(row.document) for row in rows]
    known = _known(connection, None if device_id is None else {one for it in reported if it for one in _ids(it)})
    return [
        GatePlace(gate, name, assigned, None, None)
        if it is None
        else GatePlace(gate, name, assigned, it.name, next((known[one] for one in _ids(it) if one in known), None))
        for (gate, name, assigned, _), it in zip(rows, reported, strict=True)
    ]


def _known(connection: Connection, ids: set[str] | None) -> dict[str, str]:
    """Return the place of each of these ids that is a poster's or a place's own; ``None``: of every one there is."""
    of_poster = select(posters.c.poster_id, posters.c.place_id)
    own = select(registered_places.c.place_id)
    if ids is not None:
        of_poster, own = of_poster.where(posters.c.poster_id.in_(ids)), own.where(own.selected_columns[0].in_(ids))
    known = {row.poster_id: row.place_id for row in connection.execute(of_poster)}
    return known | {place_id: place_id for place_id in connection.execute(own).scalars()}


def _ids(reported: Place) -> list[str]:
    """Return what may be an id of the registry in the text of a location code."""
    return [*PLACE_ID.findall(reported.location_qr), *map(str.lower, _POSTER_ID.findall(reported.location_qr))]
