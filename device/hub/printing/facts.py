"""What posters, signs and notices say, from what is registered of a place and from the hub's settings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from device.hub.db.posters import Poster
from device.hub.printing.poster import PosterFacts
from device.hub.printing.sign import RecordingFacts
from device.hub.registry.payload import poster_payload
from device.hub.registry.place import RegisteredPlace
from device.hub.settings.schema import HubSettings

ENTRANCE: Final = "Cổng chính"
"""Where a poster hangs when nobody says anything else."""


def poster_facts(place: RegisteredPlace, made: Poster, settings: HubSettings | None) -> PosterFacts:
    """Return what a poster says."""
    at = datetime.fromtimestamp(made.made_ms / 1000, UTC).astimezone(ZoneInfo(place.time_zone))
    people_url = None if settings is None else settings.people.url
    payload = poster_payload(made.poster_id, people_url)
    return PosterFacts(place.name, made.entrance, made.number, at.date(), made.poster_id, payload)


def recording_facts(place: RegisteredPlace, retention_days: int, settings: HubSettings | None) -> RecordingFacts:
    """Return what sign and notice say.

    Where there is nobody to ask ``contact`` is empty, and where there is no legal basis ``legal_basis`` is: such a sign
    or notice is not to be printed.
    """
    said = None if settings is None else settings.notice
    contact = (said.contact if said else "") or ", ".join(filter(None, (place.responsible, place.phone)))
    keeper, purpose = (said.keeper or place.name, said.purpose) if said else (place.name, "")
    return RecordingFacts(place.name, keeper, purpose, retention_days, contact, place.legal_basis)
