"""The page of check-ins: their clear columns, which say when and where somebody came and never who."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.responses import Response

from device.hub.accounts.roles import AccountRole
from device.hub.db import checkin_pages
from device.hub.db.checkin_pages import PAGE, Seen
from device.hub.db.registry import PlaceRecord
from device.hub.registry.opening_times import day_ms
from device.hub.registry.place import PLACE_ID, TIME_ZONE
from device.hub.web.asking import Ask
from device.hub.web.place_supervision import seen_place
from device.hub.web.places_seen import seen_places
from device.hub.web.rendering import local_time, page, refusal
from device.hub.web.supervision_pages import REFRESH_S
from device.model import Direction
from device.words import say, sentence

DIRECTION_WORDS: Final = {
    Direction.IN: sentence("in"),
    Direction.OUT: sentence("out"),
    Direction.UNKNOWN: sentence("in or out"),
}
_NUMBER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_DEVICE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page of check-ins is asked for; what is empty asks for nothing."""

    place: str = ""
    gate: str = ""
    day: str = ""
    before: int | None = None

    @property
    def when(self) -> date | None:
        """The day that is asked for."""
        return date.fromisoformat(self.day) if self.day else None


def show_checkins(ask: Ask) -> Response:
    """Show check-ins, the newest first."""
    asked = _asked(ask)
    if asked is None:
        return refusal(ask, 404)
    error = ""
    if asked.day and not (asked.place or asked.gate) and ask.by.role is not AccountRole.OWNER:
        error = say("Of all places at once a day is not looked up: choose a place or a gate too.")
        return checkins_page(ask, asked, None, [], 422, error=error)
    with ask.desk.store.reading() as connection:
        record = seen_place(ask, connection, asked.place) if asked.place else None
        if asked.place and record is None:
            return refusal(ask, 404)
        rows = _rows(ask, connection, asked, record)
    return checkins_page(ask, asked, record, rows)


def checkins_page(  # noqa: PLR0913 - what stands on it
    ask: Ask,
    asked: Asked,
    record: PlaceRecord | None,
    rows: list[Seen],
    status: int = 200,
    *,
    error: str = "",
    typed: dict[str, str] | None = None,
) -> Response:
    """Return the page; *typed*: what somebody has written into the form that opens seals."""
    blank = dict.fromkeys(("from", "until", "reason", "ground"), "")
    said = {"place": asked.place, "gate": asked.gate, "day": asked.day}
    query = urlencode({name: text for name, text in said.items() if text})
    return page(
        ask,
        "checkins.html",
        say("Check-ins"),
        status,
        refresh_s=0 if error or asked.before or asked.day else REFRESH_S,
        rows=[_line(seen) for seen in rows[:PAGE]],
        older=rows[PAGE - 1].row.arrival if len(rows) > PAGE else None,
        newest=asked.before is None,
        asked=said,
        query=query,
        place=record,
        unseals=ask.by.role is AccountRole.AUTHORITY and record is not None,
        typed=blank | (typed or {}),
        error=error,
    )


def _rows(ask: Ask, connection: Connection, asked: Asked, record: PlaceRecord | None) -> list[Seen]:
    is_owner = ask.by.role is AccountRole.OWNER
    zone = TIME_ZONE if record is None else record.place.time_zone
    when = None if asked.when is None else day_ms(zone, asked.when)
    spans = None
    if is_owner or asked.place or asked.gate:
        sees = seen_places(ask) if is_owner else None
        spans = checkin_pages.spans_of(connection, sees, asked.place, asked.gate)
    found = checkin_pages.page_of(connection, spans, asked.before, when, PAGE + 1)
    return checkin_pages.named(connection, found)


def _asked(ask: Ask) -> Asked | None:
    """Return what is asked for; ``None``: in a way in which no page of the desk asks."""
    place, gate, day, before = (ask.query.get(name, "").strip() for name in ("place", "gate", "day", "before"))
    if (place and not PLACE_ID.fullmatch(place)) or (gate and not _DEVICE.fullmatch(gate)):
        return None
    if before and not _NUMBER.fullmatch(before):
        return None
    try:
        if not 2000 <= date.fromisoformat(day or "2026-01-01").year < 3000:
            return None
    except ValueError:
        return None
    return Asked(place, gate, day, int(before) if before else None)


def _line(seen: Seen) -> dict[str, Any]:
    row = seen.row
    return {
        "arrival": row.arrival,
        "when": interval_text(row.earliest_ms, row.latest_ms),
        "gate": seen.gate,
        "device_id": row.device_id,
        "place": seen.place or ("" if row.place is None else row.place.name),
        "place_id": seen.place_id,
        "direction": say(DIRECTION_WORDS[row.row.direction]),
        "counted": say("counts") if row.row.counted else say("repeated"),
        "arrived": local_time(row.arrived_ms),
        "sealed": say("destroyed with its key") if row.expired else say("sealed"),
    }


def interval_text(earliest_ms: int, latest_ms: int) -> str:
    """Return when something was, as far as that is known: a time, or from one to another."""
    first, last = local_time(earliest_ms), local_time(latest_ms)
    if first == last:
        return first
    return f"{first} – {last[11:] if first[:10] == last[:10] else last}"
