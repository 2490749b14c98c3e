"""Pages from templates. What is filled in is escaped; what nothing was given for is a defect; words are said."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from device.errors import shown
from device.hub.accounts.roles import ROLE_WORDS
from device.hub.web.asking import Ask
from device.hub.web.rights import RIGHTS, Verdict, verdict
from device.words import Language, number, say, say_many, sentence

TEMPLATES: Final = Path(__file__).parent / "templates"
STATIC: Final = Path(__file__).parent / "static"
_MENU: Final = (
    ("/", sentence("Overview")),
    ("/check-ins", sentence("Check-ins")),
    ("/gates", sentence("Gates")),
    ("/rules", sentence("Rules and lists")),
    ("/places", sentence("Places")),
    ("/accounts", sentence("Accounts")),
    ("/audit", sentence("Record")),
    ("/account", sentence("My account")),
    ("/about", sentence("About")),
)
_OTHERS: Final = {
    Language.VIETNAMESE: (Language.ENGLISH, "English"),
    Language.ENGLISH: (Language.VIETNAMESE, "Tiếng Việt"),
}
"""The language to switch to, as it calls itself."""
_REFUSALS: Final = {
    HTTPStatus.BAD_REQUEST: sentence("This is no request that the hub can read."),
    HTTPStatus.FORBIDDEN: sentence("Your account may not open this page."),
    HTTPStatus.NOT_FOUND: sentence("There is no such page."),
    HTTPStatus.METHOD_NOT_ALLOWED: sentence("There is no such page."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: sentence("This is more than a form of the hub holds."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: sentence("This is no form of the hub."),
    HTTPStatus.INSUFFICIENT_STORAGE: sentence("The hub's disk has no room for this file; make some, and try again."),
    HTTPStatus.SERVICE_UNAVAILABLE: sentence(
        "The database does not answer. Gates keep what they have; try again in a moment."
    ),
}
_DEFECT: Final = sentence("Something went wrong in the hub. It is in its log; try again in a moment.")


def local_time(at_ms: int) -> str:
    """Return a time, Unix milliseconds, as it is where the hub stands."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def local_minute(at_ms: int) -> str:
    """Return it to the minute."""
    return local_time(at_ms)[:16]


def fingerprint(content: bytes) -> str:
    """Return what stands behind the name of a file of the pages: another content is another address."""
    return hashlib.sha256(content).hexdigest()[:12]


@lru_cache(1)
def environment() -> Environment:
    """Return Jinja's environment, made once."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(say=say, say_many=say_many, number=number)
    made.filters.update(local_time=local_time, local_minute=local_minute, shown=lambda text: shown(text, 200))
    made.filters["shown_whole"] = lambda text: shown(text, 1_000)  # what is registered has 500 letters at most
    made.globals.update(asset=asset, style=asset("style.css"), refresher=asset("refresh.js"))
    return made


@lru_cache
def asset(name: str) -> str:
    """Return the address of a file that pages load."""
    return f"/static/{name}?{fingerprint((STATIC / name).read_bytes())}"


def page(ask: Ask, template: str, title: str, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401 - for it
    """Return a page.

    Args:
        ask: which it answers.
        template: its file in ``templates/``.
        title: said already.
        status: of HTTP.
        values: what the template fills in, besides what every page has.
    """
    other, other_name = _OTHERS[ask.language]
    session = ask.session
    menu = [
        (path, say(label), path == ask.path)
        for path, label in _MENU
        if session is not None and verdict(RIGHTS["GET", path], session) is Verdict.MAY
    ]
    text = (
        environment()
        .get_template(template)
        .render(
            title=title,
            language=ask.language,
            other=other,
            other_name=other_name,
            here=ask.path if ("GET", ask.route) in RIGHTS else "/",
            menu=menu,
            session=session,
            role=None if session is None else say(ROLE_WORDS[session.role]),
            **({"refresh_s": 0} | values),
        )
    )
    return HTMLResponse(text, status)


def message(ask: Ask, title: str, text: str, status: int = 200, retry_s: int = 0) -> Response:
    """Return a page that says one thing; *retry_s*: after how many seconds to try again, 0 when that helps nothing."""
    answer = page(ask, "message.html", title, status, text=text)
    if retry_s:
        answer.headers["Retry-After"] = str(retry_s)
    return answer


def refusal(ask: Ask, status: int, retry_s: int = 0) -> Response:
    """Return the page that says why a request is not answered."""
    return message(ask, say("This did not work"), say(_REFUSALS.get(HTTPStatus(status), _DEFECT)), status, retry_s)
