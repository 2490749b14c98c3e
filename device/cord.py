"""A session with the hub that can be ended from another thread, wherever it is.

``requests`` and ``urllib3`` offer no way to stop a request from outside. A `Line` keeps a duplicate of
the one socket its session has open (the *cord*); shutting that down ends every read and write on the
connection, also inside a TLS handshake, and also after ``http.client`` has handed the socket on.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection


class Line:
    """One session, one connection at a time; kept until something goes wrong on it.

    Args:
        headers: sent with every request.
        verify: ``True`` for the usual certificates, or the path of those to trust instead.
    """

    def __init__(self, headers: Mapping[str, str], verify: bool | str) -> None:  # noqa: FBT001 - as requests has it
        self.session = _Session()
        self.session.trust_env = False  # no proxies, no .netrc, no REQUESTS_CA_BUNDLE
        self.session.verify = verify
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.session.headers.update(headers)
        adapter = _CordedAdapter(self)
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)
        self._lock = threading.Lock()
        self._cord: socket.socket | None = None
        self._busy = False
        self._cut = False

    @property
    def was_cut(self) -> bool:
        """Whether somebody ended it."""
        return self._cut

    def begin(self) -> None:
        """Say that a request starts."""
        with self._lock:
            self._busy = True

    def end(self, *, sound: bool) -> None:
        """Say that it is over; after one that was not *sound* the line is let go."""
        with self._lock:
            self._busy = False
            drop = self._cut or not sound
        if drop:
            self._drop()

    def cut(self) -> None:
        """End whatever runs, and whatever will; any thread."""
        with self._lock:
            self._cut = True
            if self._cord is not None:
                _shut(self._cord)
            drop = not self._busy
        if drop:
            self._drop()

    def tie(self, connection: socket.socket) -> None:
        """Tie the cord to a new connection; the one before it is gone."""
        # A duplicate, because TLS takes the first descriptor over.
        cord = connection.dup()
        with self._lock:
            former, self._cord = self._cord, cord
            if self._cut:
                _shut(cord)
        if former is not None:
            former.close()

    def _drop(self) -> None:
        self.session.close()
        with self._lock:
            cord, self._cord = self._cord, None
        if cord is not None:
            cord.close()


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - the base's signature
        """Say that nothing redirects: to know where to, requests would read and inflate the whole body."""
        return None


class _CordedAdapter(HTTPAdapter):
    """Ties each connection to the line's cord as soon as it has a socket."""

    def __init__(self, line: Line) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

        # _new_conn is where both urllib3 1.26 and 2.x make the socket, before TLS is spoken on it.
        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                connection = super()._new_conn()
                line.tie(connection)
                return connection

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                connection = super()._new_conn()
                line.tie(connection)
                return connection

        class PlainPool(urllib3.HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(urllib3.HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is already gone
