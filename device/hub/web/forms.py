"""What a browser sends: whether it comes from a page of the desk, and its fields, within bounds."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

MOST_BYTES: Final = 16 * 1024
MOST_FIELDS: Final = 20
_URLENCODED: Final = "application/x-www-form-urlencoded"
_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?", re.ASCII)


def is_from_here(request: Request) -> bool:
    """Return whether a request that changes something was made by a page of the desk.

    Every browser since March 2023 says so itself (``Sec-Fetch-Site``). Older ones name where the page came from
    (``Origin``), but not under the referrer policy of these pages: they write ``null`` then, and are refused.
    """
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    own = f"https://{request.headers.get('Host', '')}"
    if site is not None:
        return site == "same-origin" and origin in {None, "null", own}
    return origin == own


def host_of(request: Request) -> str:
    """Return what the browser calls the hub; raises `HTTPException` when that is no host."""
    host = request.headers.get("Host", "")
    if not _HOST.fullmatch(host):
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return host


async def fields_of(request: Request) -> dict[str, str]:
    """Read the fields of a form; raises `HTTPException` for what is too much or is none."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _URLENCODED:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None
    fields = dict(pairs)
    if len(fields) != len(pairs) or any("\x00" in text for pair in pairs for text in pair):
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return fields
