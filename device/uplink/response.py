"""HTTP responses: an answer of the server, an error status, or somebody else's page (a captive portal).

Hostile bytes: a body is never inflated, and never read beyond `wire.RECEIPT_MOST_BYTES`, or as far as whoever takes
a download wants it.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import requests

from device.errors import HubNonsense, HubRefused
from device.uplink.url import retry_after
from device.wire import checkins as wire
from device.words import say, sentence

_PIECE_BYTES: Final = 64 * 1024
_WEB_PAGES: Final = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class ResponseRules:
    """What counts as an answer of a server, and where the site file speaks of it.

    Attributes:
        section: of the site file.
        any_success: any 2xx is an answer, empty or not, if it is no web page. Otherwise only 200 with JSON is.
    """

    section: str
    any_success: bool = False


HUB: Final = ResponseRules("hub")
WEBHOOK: Final = ResponseRules("sync.webhook", any_success=True)


def answer_of(
    response: requests.Response, rules: ResponseRules, wall_ms: int, take: Callable[[bytes], None] | None = None
) -> bytes:
    """Read the answer: its body, JSON as it came, or nothing where the status says all.

    Args:
        response: streamed, its body still unread.
        rules: what counts as an answer.
        wall_ms: what our own clock says, for dates in ``Retry-After``.
        take: takes the pieces of a download as they come, and raises when it has had enough.

    Raises:
        HubRefused: an error status; with its body where that may be a revocation (403).
        HubNonsense: it is not the server's.
        OSError: the connection failed meanwhile, or one of the exceptions of urllib3.
    """
    status = response.status_code
    if status >= 400:
        wait = retry_after(response.headers.get("Retry-After"), wall_ms)
        raise HubRefused(status, wait, _statement(response) if status == http.client.FORBIDDEN else b"")
    if rules.any_success and 200 <= status < 300:
        return _passed_over(response, rules)
    if status != 200:
        raise HubNonsense(
            say(
                "answered {status}, which is no answer (check {section}.url, or a captive portal)",
                status=status,
                section=rules.section,
            )
        )
    if take is not None:
        _pass_on(response, take)
        return b""
    return _read(response)


def _pass_on(response: requests.Response, take: Callable[[bytes], None]) -> None:
    """Pass a download on piece by piece."""
    _must_be(
        response,
        "application/octet-stream",
        sentence("the answer is no download (a captive portal, or hub.url is not the hub)"),
    )
    # read1: what has come is judged at once, not when a whole piece is there.
    while piece := response.raw.read1(_PIECE_BYTES, decode_content=False):
        take(piece)


def _passed_over(response: requests.Response, rules: ResponseRules) -> bytes:
    """Read an answer whose status says all, so that the connection can serve again; a web page is none."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in _WEB_PAGES:
        raise HubNonsense(
            say("answered with a web page (a captive portal, or check {section}.url)", section=rules.section)
        )
    response.raw.read(wire.RECEIPT_MOST_BYTES, decode_content=False)
    return b""


def _read(response: requests.Response) -> bytes:
    _must_be(
        response, "application/json", sentence("the answer is not JSON (a captive portal, or hub.url is not the hub)")
    )
    body = b""
    # Read without decoding: an answer is never inflated. Read to the end: only there is one cut short found out.
    while piece := response.raw.read(wire.RECEIPT_MOST_BYTES + 1 - len(body), decode_content=False):
        body += piece
        if len(body) > wire.RECEIPT_MOST_BYTES:
            raise HubNonsense(say("the answer is larger than {most} bytes", most=wire.RECEIPT_MOST_BYTES))
    return body


def _must_be(response: requests.Response, kind: str, else_say: str) -> None:
    if response.headers.get("Content-Type", "").partition(";")[0].strip().lower() != kind:
        raise HubNonsense(say(else_say))
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise HubNonsense(say("the answer is compressed, which was not asked for"))


def _statement(response: requests.Response) -> bytes:
    """Read what a 403 says; a portal's page says nothing."""
    try:
        return _read(response)
    except HubNonsense:
        return b""
