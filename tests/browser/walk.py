"""A walk through the desk: every page that somebody may open, found by following links from the first one."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from starlette.routing import compile_path

from device.hub.accounts.roles import AccountRole
from device.hub.web.rights import RIGHTS, Anybody
from device.hub.web.routes import PAGES
from tests.browser.real_hub import RealHub

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

ROUTES: Final = [path for method, path in PAGES if method == "GET"]
"""In the order in which the desk looks for the one that a path is of."""
_PATTERNS: Final = {route: compile_path(route)[0] for route in ROUTES}
_ROLES: Final = (AccountRole.ADMINISTRATOR, *(role for role in AccountRole if role is not AccountRole.ADMINISTRATOR))
_LEADS: Final = re.compile(r'<(?:a|form|link|img|script)\b[^>]*?\b(?:href|action|src)="([^"]*)"')
_SENDS: Final = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>')


@dataclass(frozen=True)
class Opened:
    """Where a page was found.

    Attributes:
        path: with what stands behind it.
        role: who found it; ``None``: nobody is logged in.
        whole: the second factor was shown too.
        is_page: whether it is one; else a file.
    """

    path: str
    role: AccountRole | None
    whole: bool = True
    is_page: bool = True


def route_of(path: str) -> str | None:
    """Return the route that a path is of; ``None``: of none."""
    return next((route for route in ROUTES if _PATTERNS[route].match(urlsplit(path).path)), None)


def links_of(html: str, path: str) -> Iterator[str]:
    """Yield where a page leads by links, by forms that only ask, and what it loads."""
    for link in _LEADS.findall(_SENDS.sub("", html)):
        parts = urlsplit(urljoin(path, unescape(link)))
        if not parts.netloc:
            yield parts.path + (f"?{parts.query}" if parts.query else "")


class Walk:
    """Finds the pages once; opens them as often as tests want.

    Args:
        hub: runs.
        browser: any.
    """

    def __init__(self, hub: RealHub, browser: Browser) -> None:
        self._hub, self._browser = hub, browser
        token = hub.link("Người mới", AccountRole.OWNER)
        self.found: dict[str, Opened] = {
            "/log-in": Opened("/log-in", None),
            "/link/{token}": Opened(token, None),
            "/second-factor": Opened("/second-factor", AccountRole.AUTHORITY, whole=False),
        }
        for role in _ROLES:
            if any(RIGHTS["GET", route] is Anybody.EVERYBODY or self._may(route, role) for route in self.missing()):
                self._follow(role)

    def missing(self) -> list[str]:
        """Return the routes to which nothing leads."""
        return [route for route in ROUTES if route not in self.found]

    def _may(self, route: str, role: AccountRole) -> bool:
        who = RIGHTS["GET", route]
        return who is Anybody.SESSION or (isinstance(who, frozenset) and role in who)

    def _follow(self, role: AccountRole) -> None:
        context = self._hub.opened_by(self._browser, role)
        waiting, seen = deque(["/"]), set[str]()
        while waiting:
            path = waiting.popleft()
            route = route_of(path)
            if route is None or route in seen:
                continue
            answer = context.request.get(path, max_redirects=0)
            if answer.status != 200:
                assert answer.status in {303, 403, 404}, (path, answer.status)
                continue
            seen.add(route)
            is_page = answer.headers["content-type"].startswith("text/html")
            self.found.setdefault(route, Opened(path, role, is_page=is_page))
            if is_page:
                waiting.extend(links_of(answer.text(), path))
        context.close()

    @contextmanager
    def opened(
        self,
        route: str,
        watched: Callable[[Request], object] | None = None,
        **options: Any,  # noqa: ANN401 - Playwright's
    ) -> Iterator[Page | None]:
        """Open the page of a route in a window of its own; ``None``: it is a file.

        *watched* is told of each request; *options*: of the window.
        """
        where = self.found[route]
        if not where.is_page:
            yield None
            return
        context = self._hub.opened_by(self._browser, where.role, whole=where.whole, **options)
        page = context.new_page()
        if watched is not None:
            page.on("request", lambda request: watched(request))  # noqa: PLW0108 - Playwright marks what it is given
        answer = page.goto(where.path)
        assert answer is not None
        assert answer.status == 200
        yield page
        context.close()
