"""What the page of a poster tells: where it hangs, and what the gate there keeps of who comes; nothing of anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from device.hub.db.posters import poster_called
from device.hub.db.registry import find_places
from device.hub.settings.schema import NoticeSection


@dataclass(frozen=True, slots=True)
class PosterPage:
    """What is told.

    Attributes:
        place: its name.
        address: the whole of it.
        entrance: where the poster hangs, as people call it.
        replaced: the day since which another poster is in use there; empty: this is the one.
        archived: whether the place is out of use.
        keeper: who keeps what is recorded.
        purpose: why; empty: to trace contacts.
        contact: whom to ask; empty: nobody is named.
        legal_basis: why it may be recorded; empty: none is named.
    """

    place: str
    address: str
    entrance: str
    replaced: str
    archived: bool
    keeper: str
    purpose: str
    contact: str
    legal_basis: str


def facts_of(connection: Connection, poster_id: str, notice: NoticeSection) -> PosterPage | None:
    """Return what is told where the code of a poster leads.

    Args:
        connection: to the database.
        poster_id: what the code says, 24 hexadecimal digits.
        notice: of the settings; it goes before what the place says itself.

    Returns:
        ``None``: this hub has made no such poster.
    """
    poster = poster_called(connection, poster_id)
    if poster is None:
        return None
    record = next(one for one in find_places(connection, poster.place_id) if one.place_id == poster.place_id)
    place = record.place
    replaced = ""
    if poster.replaced_ms is not None:
        at = datetime.fromtimestamp(poster.replaced_ms / 1000, UTC).astimezone(ZoneInfo(place.time_zone))
        replaced = at.date().isoformat()
    return PosterPage(
        place=place.name,
        address=", ".join(filter(None, (place.address, place.commune, place.province))),
        entrance=poster.entrance,
        replaced=replaced,
        archived=record.archived_ms is not None,
        keeper=notice.keeper or place.name,
        purpose=notice.purpose,
        contact=notice.contact or ", ".join(filter(None, (place.responsible, place.phone))),
        legal_basis=place.legal_basis,
    )
