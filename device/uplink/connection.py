"""A session with the hub that can be ended from another thread, wherever it is.

``requests`` and ``urllib3`` offer no way to stop a request from outside. A `AbortableSession` keeps a duplicate of
the one socket its session has open (the *cord*); shutting that down ends every read and write on the
connection, also inside a TLS handshake, and also after ``http.client`` has handed the socket on.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection


class AbortableSession:
    """One session, one connection at a time; kept until something goes wrong on it.

    Args:
        headers: sent with every request.
        trust: whom to believe, `pinned` or `unverified`; ``None`` for the usual certificates.
    """

    def __init__(self, headers: Mapping[str, str], trust: ssl.SSLContext | None) -> None:
        self.session = _Session()
        self.session.trust_env = False  # no proxies, no .netrc, no REQUESTS_CA_BUNDLE
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.session.headers.update(headers)
        adapter = _CordedAdapter(self, trust)
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
            # The session closes its connection when nobody holds it any more, and a traceback may.
            _shut(cord)
            cord.close()


def pinned(pem: str) -> ssl.SSLContext:
    """Trust these certificates and no other; raises `ssl.SSLError` or `ValueError` when they are none."""
    trust = ssl.create_default_context(cadata=pem)
    trust.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # one that is no root is trusted too when it is named
    return trust


def unverified() -> ssl.SSLContext:
    """Trust nobody and talk to anybody: only where the answer is proved otherwise (`device.enrolment.pairing`)."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.check_hostname = False
    trust.verify_mode = ssl.CERT_NONE
    return trust


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - the base's signature
        """Say that nothing redirects: to know where to, requests would read and inflate the whole body."""
        return None


class _CordedAdapter(HTTPAdapter):
    """Ties each connection to the line's cord as soon as it has a socket."""

    def __init__(self, line: AbortableSession, trust: ssl.SSLContext | None) -> None:
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

            def connect(self) -> None:
                if trust is not None:
                    # Set here, last: requests adds the usual certificates to whatever it was given before.
                    self.ssl_context, self.cert_reqs = trust, trust.verify_mode
                    self.ca_certs = self.ca_cert_dir = self.ca_cert_data = None
                super().connect()
                self.is_verified = True  # or else meant not to be; urllib3 would warn at each request

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
