"""Headers of every answer of the desk: nothing is loaded from elsewhere, framed, kept, or taken for something else."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_A_YEAR: Final = "max-age=31536000"


def with_headers(app: ASGIApp) -> ASGIApp:
    """Return *app* with these headers on whatever it answers."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        host = Headers(scope=scope).get("Host", "")

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_ALWAYS)
                headers.setdefault("Cache-Control", "no-store")
                if has_name(host):
                    headers["Strict-Transport-Security"] = _A_YEAR
            await send(message)

        await app(scope, receive, sending)

    return answering


def has_name(host: str) -> bool:
    """Return whether a Host header is a name of a network's: for an address HSTS means nothing."""
    name = host.rpartition("]")[0].strip("[") or host.partition(":")[0]
    try:
        ip_address(name)
    except ValueError:
        return "." in name
    return False
