"""The first page: how scanning stands at all places that somebody sees, whom to look at first; and its exports."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.responses import Response

from device.hub.accounts.roles import AccountRole
from device.hub.db.overview import overview_of
from device.hub.registry.safe_tables import csv_bytes, workbook_bytes
from device.hub.supervision import listing
from device.hub.supervision.day_export import late_day
from device.hub.supervision.listing import Cursor, Wanted
from device.hub.supervision.report import COLUMNS, rows_of
from device.hub.supervision.standing import STANDING_MEANS, STANDING_WORDS, PlaceStanding
from device.hub.web.alert_pages import alerts_now
from device.hub.web.asking import Ask
from device.hub.web.place_words import kind_words, kinds
from device.hub.web.places_seen import seen_places
from device.hub.web.rendering import local_time, page, refusal
from device.words import say

REFRESH_S: Final = 4
"""A page asks for itself so often: a scan is on it within five seconds, with the way to the hub and back."""
_CURSOR: Final = re.compile(r"([0-3])\.([0-9]{1,9})\.(place-[0-9a-f]{12})", re.ASCII)
_STANDINGS: Final = {standing.name.lower(): standing for standing in PlaceStanding}
_MOST_LETTERS: Final = 200
_LOOKS_AFTER: Final = {AccountRole.ADMINISTRATOR, AccountRole.TECHNICIAN}
"""Who is told what is wrong with the hub itself."""
_FILTERS: Final = ("province", "commune", "kind", "standing")


def show_overview(ask: Ask) -> Response:
    """Show how the hub is, and the places that somebody should look at."""
    wanted, after = _wanted(ask), _cursor(ask.query.get("after", ""))
    if wanted is None or after is None:
        return refusal(ask, 404)
    desk, sees = ask.desk, seen_places(ask)
    time = desk.store.clock.now()
    with desk.store.reading() as connection:
        found = overview_of(connection, time.now_ms, ask.by)
        counts = listing.counts(connection, sees, wanted)
        lines, following = listing.page_of(connection, sees, wanted, after or None)
        provinces = listing.provinces(connection, sees)
        communes = listing.communes(connection, sees, wanted.province) if wanted.province else []
        late = _late_export(ask, connection, time.now_ms)
        wrong = alerts_now(ask, connection)
    asked = {name: ask.query.get(name, "") for name in _FILTERS}
    return page(
        ask,
        "overview.html",
        say("Overview"),
        refresh_s=REFRESH_S,
        found=found,
        time=time,
        late=late,
        alerts_now=wrong,
        retention_days=desk.retention_days,
        counts=[
            (standing, standing.name.lower(), say(STANDING_WORDS[standing]), say(STANDING_MEANS[standing]), number)
            for standing, number in counts.items()
        ],
        lines=[(line, say(STANDING_WORDS[line.standing]), kind_words(line.kind)) for line in lines],
        asked=asked,
        provinces=provinces,
        communes=communes,
        kinds=kinds(),
        query=_query(asked),
        first="after" not in ask.query,
        following=None if following is None else ".".join(map(str, following)),
    )


def _late_export(ask: Ask, connection: Connection, now_ms: int) -> tuple[str, str] | None:
    """Return the day whose coverage could not be exported, and where it should be; ``None``: nothing is wrong."""
    settings = ask.desk.folder.settings
    if settings is None or settings.export.folder is None or ask.by.role not in _LOOKS_AFTER:
        return None
    day = late_day(connection, settings.export.time, now_ms)
    return None if day is None else (str(day), str(settings.export.folder))


def export_csv(ask: Ask) -> Response:
    """Return the list as CSV, all of it."""
    return _export(ask, "csv")


def export_workbook(ask: Ask) -> Response:
    """Return the list as an Excel file, all of it."""
    return _export(ask, "xlsx")


def _export(ask: Ask, kind: str) -> Response:
    wanted = _wanted(ask, every=True)
    if wanted is None:
        return refusal(ask, 404)
    with ask.desk.store.reading() as connection:
        rows = list(rows_of(listing.every_line(connection, seen_places(ask), wanted)))
    name = f"coverage-{local_time(ask.desk.store.now_ms())[:10]}.{kind}"
    if kind == "csv":
        return as_file(csv_bytes(COLUMNS, rows), name, "text/csv; charset=utf-8")
    return as_file(
        workbook_bytes("coverage", COLUMNS, rows),
        name,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )


def as_file(content: bytes, name: str, media_type: str) -> Response:
    """Return a file that a browser saves under a name, of plain letters."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, media_type=media_type)


def _wanted(ask: Ask, *, every: bool = False) -> Wanted | None:
    """Return which places are asked for; ``None``: in a way in which no page of the desk asks."""
    said = {name: ask.query.get(name, "") for name in _FILTERS}
    standing = said.pop("standing")
    if any(len(text) > _MOST_LETTERS or "\x00" in text for text in said.values()):
        return None
    if standing and standing not in _STANDINGS:
        return None
    return Wanted(_STANDINGS.get(standing), **said, every=every)


def _cursor(text: str) -> Cursor | tuple[()] | None:
    """Return behind which place the page begins: none, or one; ``None``: that is no place."""
    if not text:
        return ()
    found = _CURSOR.fullmatch(text)
    return None if found is None else (int(found[1]), int(found[2]), found[3])


def _query(asked: dict[str, str]) -> str:
    """Return the filters as they stand behind a path, with a ``?``; nothing without any."""
    said = urlencode({name: text for name, text in asked.items() if text})
    return f"?{said}" if said else ""
