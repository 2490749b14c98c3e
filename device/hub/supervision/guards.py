"""Which place a gate guards, and since when, as a part of each query: the registry's word, else what the gate says.

By the registry from the hour on in which it was told so. Before, and without its word, each sum belongs to the place
whose id, or whose poster's, stands in the location code that the gate named when it was recorded. What a location code
says never changes, so it is read once (`unread`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, Integer, Subquery, and_, cast, func, literal, select, text, union_all

from device.hub.db.registry_tables import gate_assignments, posters, registered_places
from device.hub.db.supervision_tables import reported_ids
from device.hub.db.tables import places
from device.hub.registry.reported import ids_in
from device.model import HOUR_MS
from device.wire.places import place_from

FOR_EVER: Final = 2**31 - 1
"""An hour that never comes."""
_AT_ONCE: Final = 1_000
_KEEP: Final = text(
    "INSERT INTO reported_ids (device_id, place_id, said_id) VALUES (:device_id, :place_id, :said_id) "
    "ON CONFLICT (device_id, place_id) DO NOTHING"
)


def guards() -> Subquery:
    """Return who guards what: ``device_id``, ``reported``, ``place_id``, ``from_hour``, ``until_hour``.

    ``reported`` is the place as the gate names it with its check-ins; empty: whatever it names. Hours are since 1970,
    the second is the first that does not count.
    """
    ours, named = gate_assignments, reported_ids
    since = cast(ours.c.since_ms // HOUR_MS, Integer)
    by_registry = select(
        ours.c.device_id,
        literal("").label("reported"),
        ours.c.place_id,
        since.label("from_hour"),
        literal(FOR_EVER).label("until_hour"),
    )
    until = func.coalesce(since, FOR_EVER).label("until_hour")
    said = (named.c.device_id, named.c.place_id.label("reported"))
    by_id = (
        select(*said, registered_places.c.place_id, literal(0).label("from_hour"), until)
        .join(registered_places, registered_places.c.place_id == named.c.said_id)
        .outerjoin(ours, ours.c.device_id == named.c.device_id)
    )
    by_poster = (
        select(*said, posters.c.place_id, literal(0).label("from_hour"), until)
        .join(posters, posters.c.poster_id == named.c.said_id)
        .outerjoin(ours, ours.c.device_id == named.c.device_id)
    )
    return union_all(by_registry, by_id, by_poster).subquery("guards")


def unread(connection: Connection) -> list[dict[str, str]]:
    """Return what the location codes say of places that gates have named since the last time, at most 1,000."""
    new = (
        select(places.c.device_id, places.c.place_id, places.c.document)
        .outerjoin(
            reported_ids,
            and_(reported_ids.c.device_id == places.c.device_id, reported_ids.c.place_id == places.c.place_id),
        )
        .where(reported_ids.c.place_id.is_(None))
        .limit(_AT_ONCE)
    )
    said = [(row, ids_in(place_from(row.document).location_qr)) for row in connection.execute(new)]
    known = _known(connection, {one for _, ids in said for one in ids})
    return [
        {
            "device_id": row.device_id,
            "place_id": row.place_id,
            # The first that is known; else the first, which may be registered later.
            "said_id": next((one for one in ids if one in known), (ids or [""])[0]),
        }
        for row, ids in said
    ]


def keep_read(connection: Connection, rows: Sequence[Mapping[str, str]]) -> None:
    """Keep what `unread` has returned; what another desk has kept meanwhile stays."""
    connection.execute(_KEEP, [dict(row) for row in rows])


def _known(connection: Connection, ids: set[str]) -> set[str]:
    if not ids:
        return set()
    found = union_all(
        select(registered_places.c.place_id).where(registered_places.c.place_id.in_(ids)),
        select(posters.c.poster_id).where(posters.c.poster_id.in_(ids)),
    )
    return set(connection.execute(found).scalars())
