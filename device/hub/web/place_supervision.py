"""A place's own page of supervision, and the section of it that the page of the place shows."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection
from starlette.responses import Response

from device.errors import shown
from device.hub.db import registry
from device.hub.db.registry import PlaceRecord
from device.hub.registry.place import PLACE_ID
from device.hub.supervision.coverage import Coverage
from device.hub.supervision.place_view import PlaceView, place_view
from device.hub.supervision.standing import STANDING_MEANS, STANDING_WORDS
from device.hub.web.asking import Ask
from device.hub.web.heat_map import WEEKDAYS, heat_map
from device.hub.web.places_seen import seen_places
from device.hub.web.rendering import page, refusal
from device.hub.web.rights import may
from device.hub.web.supervision_pages import REFRESH_S
from device.words import say, sentence

_FIGURES: Final = (
    ("members", sentence("Members seen, of those who were expected")),
    ("hours", sentence("Opening hours with a scan, of the last 7 days")),
    ("usual", sentence("Scans in the last full hour, of what is usual in this hour of the week")),
    ("through", sentence("People answered, of those who passed, in the last 7 days")),
)


def seen_place(ask: Ask, connection: Connection, place_id: str) -> PlaceRecord | None:
    """Return a place that whoever asks sees; ``None``: there is no such place for them."""
    if not PLACE_ID.fullmatch(place_id):
        return None
    return registry.place_called(connection, place_id, seen_places(ask))


def show_place_supervision(ask: Ask) -> Response:
    """Show how scanning at a place is."""
    with ask.desk.store.reading() as connection:
        record = seen_place(ask, connection, str(ask.given["place_id"]))
        values = None if record is None else coverage_values(connection, record, ask.desk.store.now_ms())
    if record is None or values is None:
        return refusal(ask, 404)
    title = say("How scanning at {place} is", place=shown(record.place.name, 200))
    return page(
        ask,
        "place_supervision.html",
        title,
        refresh_s=REFRESH_S,
        record=record,
        may_read=may(ask.session, "GET", "/check-ins"),
        **values,
    )


def coverage_values(connection: Connection, record: PlaceRecord, now_ms: int) -> dict[str, Any]:
    """Return what ``place_coverage.html`` fills in, for a page that includes it."""
    view = place_view(connection, record, now_ms)
    return {
        "view": view,
        "standing_words": say(STANDING_WORDS[view.standing]),
        "standing_means": say(STANDING_MEANS[view.standing]),
        "figures": figures_of(view.coverage),
        "weekdays": [say(day) for day in WEEKDAYS],
        "heat": heat_map(view.week, _heat_label(view)),
    }


def figures_of(coverage: Coverage) -> list[tuple[str, int | None, str]]:
    """Return each figure of coverage: its words, its percent, and of how many, or why it is not known."""
    told = []
    for name, words in _FIGURES:
        figure = getattr(coverage, name)
        of = say("{part} of {whole}", part=figure.part, whole=figure.whole) if not figure.why else say(figure.why)
        told.append((say(words), figure.percent, of))
    return told


def _heat_label(view: PlaceView) -> str:
    return say(
        "Scans by weekday and hour, {count} in four weeks; the table below says the same.",
        count=sum(slot.scans for day in view.week for slot in day),
    )
