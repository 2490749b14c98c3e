"""Tags of pages: a browser that asks again for a page as it has it is told so, and gets none."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

REFRESH: Final = "X-Desk-Refresh"
"""With this header a page asks for itself (``static/refresh.js``): nobody has touched anything."""
_MOST_LETTERS: Final = 200


def tagged(request: Request, answer: Response) -> Response:
    """Return the answer to a request for a page with the page's tag; without the page where the browser has it."""
    if request.method != "GET" or answer.status_code != HTTPStatus.OK or not isinstance(answer, HTMLResponse):
        return answer
    tag = f'W/"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    if _names(request.headers.get("If-None-Match", "")[:_MOST_LETTERS], tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    answer.headers["ETag"] = tag
    return answer


def _names(said: str, tag: str) -> bool:
    """Return whether the browser says that it has what bears this tag; compared weakly (RFC 9110, 13.1.2)."""
    return tag.removeprefix("W/") in {one.strip().removeprefix("W/") for one in said.split(",")}
