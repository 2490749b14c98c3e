"""The people's listener for a server: with the operator's certificate, or in clear for a proxy that has one."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from device.clock import SystemClock
from device.hub.app_config import app_config
from device.hub.people.app import PeoplePages, create_people
from device.hub.people.certificate import WatchedCertificate, bare_context

if TYPE_CHECKING:
    import ssl

    import uvicorn
    from uvicorn._types import ASGI3Application

    from device.hub.db.database import HubDatabase
    from device.hub.folder import HubFolder
    from device.hub.paced_log import PacedLog
    from device.hub.settings.schema import HubSettings

_NO_PROXY = PlainTextResponse("only for the proxy in front of it\n", 403)


class PeopleDoor:
    """What a server needs for the listeners.

    Args:
        folder: of the hub.
        store: its database.
        log: told of what goes wrong.
        listeners: of the people's address; none: nothing is made.

    Attributes:
        configs: settings of each listener.
        in_clear: listeners without TLS.
        beats: to be called every second.
    """

    def __init__(
        self, folder: HubFolder, store: HubDatabase, log: PacedLog, listeners: Sequence[socket.socket]
    ) -> None:
        self.configs: dict[socket.socket, uvicorn.Config] = {}
        self.in_clear: Sequence[socket.socket] = ()
        self.beats: Sequence[Callable[[], None]] = ()
        if listeners and folder.settings is not None:
            self._open(folder.settings, store, log, listeners)

    def _open(
        self, settings: HubSettings, store: HubDatabase, log: PacedLog, listeners: Sequence[socket.socket]
    ) -> None:
        people = settings.people
        pages = PeoplePages(store, settings.notice, settings.retention_days, log, SystemClock())
        app = create_people(pages, urlsplit(people.url or "").path)
        if people.behind_proxy is not None:
            config = app_config(only_for_proxy(app, people.behind_proxy.address), None, believes_proxy=False)
            self.in_clear = listeners
        else:
            assert people.files is not None
            config = app_config(app, None, believes_proxy=False)
            config.ssl = bare_context()  # until there is a certificate; nothing is ever said in clear

            def take(context: ssl.SSLContext) -> None:
                config.ssl = context

            watched = WatchedCertificate(people.files, people.host, SystemClock(), take)
            watched.beat()
            self.beats = (watched.beat,)
        self.configs = dict.fromkeys(listeners, config)


def only_for_proxy(app: ASGIApp, address: str) -> ASGIApp:
    """Return *app*, which answers the proxy at *address* and nobody else, and believes it for whom it asks."""
    believing = cast("ASGIApp", ProxyHeadersMiddleware(cast("ASGI3Application", app), [address]))

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        comes_from = scope["client"][0] if scope.get("client") else ""
        is_proxy = comes_from and ip_address(comes_from.partition("%")[0]) == ip_address(address)
        await (believing if is_proxy else _NO_PROXY)(scope, receive, send)

    return answering
