"""The application at the address that people's phones trust: ``/p/POSTER``, and nothing else.

It asks nothing, keeps nothing and sets no cookie: the language stands in the address. A page is made on a thread, kept
for a minute, and sent again from memory meanwhile, as a hundred people may stand before one poster.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from anyio import CapacityLimiter, to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from device.clock import Clock
from device.hub.api.rate_limit import RateLimit, network_of
from device.hub.people.facts import facts_of
from device.hub.people.pages import STYLE, people_page, telling
from device.hub.registry.payload import PATH
from device.hub.web.headers import with_headers
from device.words import Language, say, speaking_here

if TYPE_CHECKING:
    from device.hub.db.database import HubDatabase
    from device.hub.paced_log import PacedLog
    from device.hub.settings.schema import NoticeSection

MOST_A_MINUTE: Final = 600
"""Requests of one network: a whole school may stand behind one address, and more behind that of a phone company."""
MOST_KEPT: Final = 256
KEPT_S: Final = 60
_MOST_PAGES: Final = 4
_BUSY_S: Final = 5
_POSTER_ID: Final = re.compile(r"[0-9a-f]{24}")
_LANGUAGE: Final = "language"
_IMMUTABLE: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_KEPT: Final = {"Cache-Control": f"public, max-age={KEPT_S}"}


class PeoplePages:
    """What the pages share; used on the server's one thread, but for `_made`.

    Args:
        store: the hub's database.
        notice: of the settings.
        retention_days: how long who came can be read.
        log: told of what goes wrong.
        clock: for limits, and how long a page is kept.
    """

    def __init__(
        self, store: HubDatabase, notice: NoticeSection, retention_days: int, log: PacedLog, clock: Clock
    ) -> None:
        self._store, self._notice, self._retention_days = store, notice, retention_days
        self._log, self._clock = log, clock
        self._limit = RateLimit(clock, MOST_A_MINUTE, most_keys=5_000)
        self._threads = CapacityLimiter(_MOST_PAGES)
        self._kept: dict[tuple[str, Language], tuple[float, bytes]] = {}

    async def show_poster(self, request: Request) -> Response:
        """Answer where the code of a poster leads."""
        language = spoken_in(request)
        if refused := self._refused(request, language):
            return refused
        poster_id = str(request.path_params["poster_id"])
        if not _POSTER_ID.fullmatch(poster_id):
            return _unknown(language)
        page = self._remembered(poster_id, language)
        if page is None:
            try:
                page = await to_thread.run_sync(partial(self._made, poster_id, language), limiter=self._threads)
            except SQLAlchemyError:
                self._log.note("people-database-failed")
                return _not_now(language)
            if page is None:
                return _unknown(language)
            self._remember(poster_id, language, page)
        return HTMLResponse(page, headers=_KEPT)

    async def show_style(self, request: Request) -> Response:
        """Answer with how pages look; the address changes with it, so browsers may keep it."""
        refused = self._refused(request, spoken_in(request))
        return refused or Response(STYLE.read_bytes(), headers=_IMMUTABLE, media_type="text/css; charset=utf-8")

    def _refused(self, request: Request, language: Language) -> Response | None:
        wait_s = self._limit.wait_s(network_of(request.client.host if request.client else ""))
        if not wait_s:
            return None
        told = say("So many people ask from your network at once. Wait {seconds} seconds.", seconds=wait_s)
        return telling(language, 429, say("Not now"), told, wait_s)

    def _made(self, poster_id: str, language: Language) -> bytes | None:
        with self._store.reading() as connection:
            facts = facts_of(connection, poster_id, self._notice)
        if facts is None:
            return None
        return people_page(language, "poster.html", facts.place, facts=facts, retention_days=self._retention_days)

    def _remembered(self, poster_id: str, language: Language) -> bytes | None:
        made_s, page = self._kept.get((poster_id, language), (0.0, None))
        return page if page is not None and self._clock.monotonic_s() - made_s < KEPT_S else None

    def _remember(self, poster_id: str, language: Language, page: bytes) -> None:
        self._kept.pop((poster_id, language), None)
        self._kept[poster_id, language] = (self._clock.monotonic_s(), page)  # at the end: the oldest lie first
        if len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]


def create_people(pages: PeoplePages, prefix: str = "") -> ASGIApp:
    """Build the application, for a `device.hub.server.HubServer`.

    Args:
        pages: what answers.
        prefix: path of ``people.url``; a proxy may have taken it away.
    """
    routes = []
    for start in dict.fromkeys(("", prefix.rstrip("/"))):
        routes.append(Route(f"{start}/{PATH}/people.css", _in_language(pages.show_style), methods=["GET"]))
        routes.append(Route(f"{start}/{PATH}/{{poster_id}}", _in_language(pages.show_poster), methods=["GET"]))
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False

    async def refuse(request: Request, error: Exception) -> Response:
        language = spoken_in(request)
        with speaking_here(language):
            return _unknown(language) if isinstance(error, HTTPException) else _not_now(language, 500)

    app.add_exception_handler(HTTPException, refuse)
    app.add_exception_handler(Exception, refuse)
    return _for_no_index(with_headers(app))


def spoken_in(request: Request) -> Language:
    """Return the language of a request: Vietnamese, unless its address says English."""
    return Language.ENGLISH if request.query_params.get(_LANGUAGE) == Language.ENGLISH else Language.VIETNAMESE


def _in_language(
    answer: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    async def answering(request: Request) -> Response:
        with speaking_here(spoken_in(request)):
            return await answer(request)

    return answering


def _for_no_index(app: ASGIApp) -> ASGIApp:
    """Return *app*, asking search engines to leave out whatever it answers."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Robots-Tag"] = "noindex, nofollow"
            await send(message)

        await app(scope, receive, sending)

    return answering


def _unknown(language: Language) -> Response:
    told = say(
        "This hub knows no such poster. If its code brought you here, tell whoever is responsible for the place; hold "
        "your own code in front of the gate as usual."
    )
    return telling(language, 404, say("No such poster"), told)


def _not_now(language: Language, status: int = 503) -> Response:
    told = say("The page cannot be shown now. The gate at the door works all the same: hold your code in front of it.")
    return telling(language, status, say("Not now"), told, _BUSY_S)
