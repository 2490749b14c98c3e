"""Printing for a place: its posters, the sign for a camera and the notice, as PDF and as a page to print."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy.exc import IntegrityError
from starlette.responses import Response

from device.clock import DAY_MS
from device.errors import ConfigurationError, shown
from device.hub.accounts import audit
from device.hub.accounts.audit import Deed
from device.hub.db.posters import Poster, poster_called, poster_in_use, posters_of
from device.hub.db.registry import PlaceRecord
from device.hub.printing.facts import poster_facts, recording_facts
from device.hub.printing.poster import HANG, above_code, beneath_code, poster
from device.hub.printing.sheet import PAPERS
from device.hub.printing.sign import notice, sign
from device.hub.registry.place import read_field
from device.hub.web.asking import Ask, go_to
from device.hub.web.pictures import printed_picture_of
from device.hub.web.place_pages import place_page
from device.hub.web.place_papers import lacking
from device.hub.web.places_seen import the_place
from device.hub.web.rendering import message, page, refusal
from device.words import say

MOST_ENTRANCES: Final = 100
MOST_A_DAY: Final = 200
"""Posters of one place: all its entrances, twice."""
"""Of one place."""
_POSTER_ID: Final = re.compile(r"[0-9a-f]{24}")
_SHEETS: Final = {"sign": sign, "notice": notice}
_SIZES: Final = ((45, "long-1"), (100, "long-2"), (200, "long-3"))
"""How many letters name and entrance have together, and the class that makes them as small as they must be."""


def make_poster(ask: Ask) -> Response:
    """Make the first poster of an entrance, or one in the place of that which hangs there."""
    record = the_place(ask)
    if record is None:
        return refusal(ask, 404)
    if record.archived_ms is not None:
        return place_page(ask, record, say("This place is out of use: take it into use again first."), 422)
    try:
        entrance = read_field("name", ask.form.get("entrance", ""))
    except ValueError as error:
        return place_page(ask, record, say("{where}: {why}", where=say("Entrance"), why=error), 422)
    told = _make(ask, record, entrance)
    return place_page(ask, record, told, 422) if told else go_to(f"/places/{record.place_id}?done=poster#posters")


def _make(ask: Ask, record: PlaceRecord, entrance: str) -> str:
    """Make a poster, or say why none was made; empty: it is made."""
    store, replaces = ask.desk.store, ask.form.get("replace") == "1"
    is_there = say("{entrance} has a poster already; replace it below.", entrance=shown(entrance))
    try:
        with store.begin() as connection:
            ever = posters_of(connection, record.place_id)
            hanging = [one for one in ever if one.replaced_ms is None]
            if sum(one.made_ms > store.now_ms() - DAY_MS for one in ever) >= MOST_A_DAY:
                return say("{most} posters were made here within a day; make more tomorrow.", most=MOST_A_DAY)
            there = any(one.entrance == entrance for one in hanging)
            if there and not replaces:
                return is_there
            if replaces and not there:
                return say("{entrance} has no poster yet; make its first one below.", entrance=shown(entrance))
            if not there and len(hanging) >= MOST_ENTRANCES:
                return say("A place has at most {most} entrances.", most=MOST_ENTRANCES)
            made = poster_in_use(connection, record.place_id, entrance, store.now_ms(), anew=True)
            about = f"{record.place.name} ({record.place_id}): {entrance}, {made.number}"
            audit.note(connection, store.now_ms(), ask.actor, Deed.POSTER_MADE, about)
    except IntegrityError:  # somebody was quicker
        return is_there
    return ""


def print_poster(ask: Ask) -> Response:
    """Return a poster as PDF."""
    found = _the_poster(ask)
    if found is None:
        return refusal(ask, 404)
    record, made, paper = found
    facts = poster_facts(record.place, made, ask.desk.settings)
    try:
        content = poster(facts, paper)
    except ConfigurationError as error:
        return message(ask, say("This did not work"), str(error), 500)
    return _pdf(content, f"poster-{made.poster_id[:6]}-{made.number}-{paper}.pdf")


def show_poster(ask: Ask) -> Response:
    """Show a poster as a page that a browser prints at its size."""
    found = _the_poster(ask)
    if found is None:
        return refusal(ask, 404)
    record, made, paper = found
    facts = poster_facts(record.place, made, ask.desk.settings)
    letters = len(facts.name) + len(facts.entrance)
    return page(
        ask,
        "poster.html",
        say("Poster {number} of {entrance}", number=made.number, entrance=shown(made.entrance, 200)),
        record=record,
        made=made,
        paper=paper,
        papers=list(PAPERS),
        above=above_code(facts),
        beneath=beneath_code(facts),
        length=next((name for most, name in _SIZES if letters <= most), "long-4"),
        picture=printed_picture_of(facts.payload),
        hang=HANG,
    )


def print_sheet(ask: Ask) -> Response:
    """Return the sign for a camera, or the notice, as PDF."""
    record, sheet, paper = the_place(ask), str(ask.given["sheet"]), str(ask.given["paper"])
    if record is None or sheet not in _SHEETS or paper not in PAPERS:
        return refusal(ask, 404)
    facts = recording_facts(record.place, ask.desk.retention_days, ask.desk.settings)
    if told := lacking(facts, sheet):
        return place_page(ask, record, told, 422)
    try:
        content = _SHEETS[sheet](facts, paper)
    except ConfigurationError as error:
        return message(ask, say("This did not work"), str(error), 500)
    return _pdf(content, f"{sheet}-{record.place_id}-{paper}.pdf")


def _the_poster(ask: Ask) -> tuple[PlaceRecord, Poster, str] | None:
    """Return place, poster and paper of the path; ``None``: no such, not seen, or not in use any more."""
    record, poster_id, paper = the_place(ask), str(ask.given["poster_id"]), str(ask.given["paper"])
    if record is None or paper not in PAPERS or not _POSTER_ID.fullmatch(poster_id):
        return None
    with ask.desk.store.reading() as connection:
        made = poster_called(connection, poster_id)
    if made is None or made.place_id != record.place_id or made.replaced_ms is not None:
        return None
    return record, made, paper


def _pdf(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, media_type="application/pdf")
