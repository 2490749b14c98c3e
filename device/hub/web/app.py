"""The desk's application: each request in its language, looked at for where it comes from and who sent it, answered.

Pages are made on threads of their own number (`MOST_PAGES`), so that people never take those that gates' requests need.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Final

from anyio import CapacityLimiter, Semaphore, to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from device.errors import DeskBusy, FileTooLarge
from device.hub.accounts import sessions
from device.hub.accounts.sessions import NOTED_EVERY_MS, Session
from device.hub.api.rate_limit import network_of
from device.hub.db.problems import database_problem
from device.hub.web.asking import SESSION, Ask, Desk, go_to, spoken_by
from device.hub.web.forms import fields_of, host_of, is_from_here
from device.hub.web.headers import with_headers
from device.hub.web.rendering import message, refusal
from device.hub.web.rights import RIGHTS, Verdict, verdict
from device.hub.web.routes import PAGES, UPLOADS
from device.hub.web.tags import REFRESH, tagged
from device.hub.web.uploads import MOST_AT_ONCE, received
from device.words import say, speaking_here

MOST_PAGES: Final = 8


class _Number(IntegerConvertor):
    """A number in a path that is one of the database's: thousands of digits are no page, rather than an error."""

    regex = "[0-9]{1,10}"


register_url_convertor("number", _Number())
_BUSY_S: Final = 5
_ELSEWHERE: Final = {Verdict.LOG_IN: "/log-in", Verdict.SHOW_CODE: "/second-factor", Verdict.IS_WHOLE: "/"}
log = logging.getLogger(__name__)


def create_desk(desk: Desk) -> ASGIApp:
    """Build the application, for a `device.hub.server.HubServer`."""
    turns = _Turns(desk)
    routes = [Route(path, partial(_answer, turns, (method, path)), methods=[method]) for method, path in PAGES]
    app = Starlette(routes=routes)

    async def refuse(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        ask = _ask(desk, request, "")
        with speaking_here(ask.language):
            return refusal(ask, status)

    app.add_exception_handler(HTTPException, refuse)
    app.add_exception_handler(Exception, refuse)
    return with_headers(app)


class _Turns:
    """The desk, and how many of its pages are made, and bodies with files taken in, at a time."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.threads = CapacityLimiter(MOST_PAGES)
        self.uploads = Semaphore(MOST_AT_ONCE)


def _ask(desk: Desk, request: Request, route: str) -> Ask:
    address = network_of(request.client.host if request.client else "")
    language = spoken_by(request.cookies)
    ask = Ask(desk, route, request.url.path, "", address, language, request.path_params, request.query_params)
    return replace(ask, by_itself=REFRESH in request.headers)


async def _answer(turns: _Turns, route: tuple[str, str], request: Request) -> Response:
    ask = _ask(turns.desk, request, route[1])
    with speaking_here(ask.language):
        try:
            ask = replace(ask, host=host_of(request))
            if route[0] == "POST" and not is_from_here(request):
                return _foreign(ask)
            return tagged(request, await _answered(turns, ask, route, request))
        except FileTooLarge as refused:
            return _too_large(ask, refused.most_bytes)
        except HTTPException as refused:
            return refusal(ask, refused.status_code)
        except DeskBusy:
            title, told = say("This did not work"), say("Too many people log in at this moment; try again.")
            return message(ask, title, told, HTTPStatus.SERVICE_UNAVAILABLE, _BUSY_S)
        except SQLAlchemyError as error:
            _note(turns.desk, error)
            return refusal(ask, HTTPStatus.SERVICE_UNAVAILABLE, _BUSY_S)


async def _answered(turns: _Turns, ask: Ask, route: tuple[str, str], request: Request) -> Response:
    token, threads = request.cookies.get(SESSION, ""), turns.threads
    if route not in UPLOADS:
        form = await fields_of(request) if route[0] == "POST" else {}
        return await to_thread.run_sync(partial(_in_turn, replace(ask, form=form), route, token), limiter=threads)
    # Nothing of a file is read before it is clear who sends it, and that they may.
    judged = await to_thread.run_sync(partial(_judged, ask, route, token), limiter=threads)
    if isinstance(judged, Response):
        return judged
    async with turns.uploads, received(request, UPLOADS[route], threads) as (fields, files):
        ask = replace(judged, form=fields, files=files)
        return await to_thread.run_sync(partial(PAGES[route], ask), limiter=threads)


def _in_turn(ask: Ask, route: tuple[str, str], token: str) -> Response:
    """Answer on a thread: see who it is and whether they may, then make the page."""
    judged = _judged(ask, route, token)
    return judged if isinstance(judged, Response) else PAGES[route](judged)


def _judged(ask: Ask, route: tuple[str, str], token: str) -> Ask | Response:
    """Return the request with who sends it, or the answer to whom may not."""
    session = _session(ask.desk, token, by_itself=ask.by_itself) if token else None
    ask = replace(ask, session=session)
    judged = verdict(RIGHTS[route], session)
    if judged is Verdict.MAY_NOT:
        return refusal(ask, HTTPStatus.FORBIDDEN)
    return go_to(_ELSEWHERE[judged]) if judged in _ELSEWHERE else ask


def _session(desk: Desk, token: str, *, by_itself: bool) -> Session | None:
    """Return who is logged in; a page that asks for itself keeps nobody logged in."""
    now_ms = desk.store.now_ms()
    with desk.store.reading() as connection:
        session = sessions.find(connection, token, now_ms)
    if session is not None and not by_itself and now_ms - session.used_ms >= NOTED_EVERY_MS:
        with desk.store.begin() as connection:
            sessions.note_use(connection, session, now_ms)
    return session


def _foreign(ask: Ask) -> Response:
    told = say(
        "This did not come from a page of the hub. Open the page again and repeat it; where that does not help, the "
        "browser is too old."
    )
    return message(ask, say("This did not work"), told, HTTPStatus.FORBIDDEN)


def _too_large(ask: Ask, most_bytes: int) -> Response:
    most = most_bytes >> 20
    told = say("This file is larger than {most} MB. Divide it into several; nothing was changed.", most=most)
    return message(ask, say("This did not work"), told, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _note(desk: Desk, error: SQLAlchemyError) -> None:
    if (left_out := desk.log.left_out("desk-database-failed")) is not None:
        reason = database_problem(error, desk.store.folder)
        log.error("event=desk-database-failed reason=%r left_out=%d", reason, left_out)
