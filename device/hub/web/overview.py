"""What the hub is, and the files that pages load; the first page is in `device.hub.web.supervision_pages`."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from starlette.responses import Response

from device import __version__
from device.hub.db.schema import VERSIONS
from device.hub.people.standing import standing
from device.hub.web.asking import Ask
from device.hub.web.rendering import STATIC, page, refusal
from device.hub.web.rights import TECHNICIANS
from device.words import say

_CSS: Final = "text/css; charset=utf-8"
_TYPES: Final = {
    "style.css": _CSS,
    "poster.css": _CSS,
    "a4.css": _CSS,
    "a5.css": _CSS,
    "a6.css": _CSS,
    "refresh.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_KEPT: Final = {"Cache-Control": "public, max-age=31536000, immutable"}


def show_about(ask: Ask) -> Response:
    """Show what the hub is."""
    looks_after = ask.by.role in TECHNICIANS
    database = "PostgreSQL" if ask.desk.store.folder is None else "SQLite"
    names = ", ".join(sorted(ask.desk.names))
    schema = VERSIONS[-1].lstrip("0")
    settings = ask.desk.settings
    people = list(standing(None if settings is None else settings.people, ask.desk.store.now_ms() / 1000))
    return page(
        ask,
        "about.html",
        say("About"),
        version=__version__,
        database=database,
        schema=schema,
        names=names,
        people=people if looks_after else None,
        looks_after=looks_after,
    )


def show_file(ask: Ask) -> Response:
    """Return a file that pages load; its address changes with it, so browsers may keep it."""
    name = str(ask.given["name"])
    if name not in _TYPES:
        return refusal(ask, 404)
    return Response(_content(name), headers=_KEPT, media_type=_TYPES[name])


@lru_cache
def _content(name: str) -> bytes:
    return (STATIC / name).read_bytes()
