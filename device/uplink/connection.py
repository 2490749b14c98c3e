"""An HTTP session (requests) whose running request another thread can abort, and the TLS trust it is given.

``requests`` and ``urllib3`` offer no way to stop a request from outside. An `AbortableSession` keeps a duplicate of
the one socket it has open; shutting that down ends every read and write on the connection, also inside a TLS
handshake, and also after ``http.client`` has handed the socket on.
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
        self._session = _Session()
        self._session.trust_env = False  # no proxies, no .netrc, no REQUESTS_CA_BUNDLE
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update(headers)
        adapter = _AbortableAdapter(self, trust)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._lock = threading.Lock()
        self._duplicate: socket.socket | None = None
        self._busy = False
        self._aborted = False
        self._retired = False
        self._used = False

    @property
    def used(self) -> bool:
        """Whether the present connection has brought an answer: the server may have closed it since."""
        return self._used

    @property
    def busy(self) -> bool:
        """Whether a request is running."""
        return self._busy

    @property
    def aborted(self) -> bool:
        """Whether somebody ended it (`abort`)."""
        return self._aborted

    def send(self, request: requests.Request, silence_s: float) -> requests.Response:
        """Send *request*, following no redirect, and return the answer with its body still unread.

        Args:
            request: what to send.
            silence_s: how long the next byte may take.

        Raises:
            Exception: those of ``requests``, ``urllib3``, ``http.client`` and the sockets below them.
        """
        return self._session.send(
            self._session.prepare_request(request), timeout=silence_s, stream=True, allow_redirects=False
        )

    def begin(self) -> None:
        """Say that a request starts."""
        with self._lock:
            self._busy = True

    def end(self, *, sound: bool) -> None:
        """Say that it is over; after one that was not *sound* the connection is closed."""
        with self._lock:
            self._busy = False
            self._used = sound
            drop = self._aborted or self._retired or not sound
        if drop:
            self.drop()

    def retire(self) -> None:
        """Let a running request end by itself, and close the connection then; any thread."""
        with self._lock:
            self._retired = True
            drop = not self._busy
        if drop:
            self.drop()

    def abort(self) -> None:
        """End whatever runs, and whatever will; any thread."""
        with self._lock:
            self._aborted = True
            if self._duplicate is not None:
                _shut(self._duplicate)
            drop = not self._busy
        if drop:
            self.drop()

    def connected(self, connection: socket.socket) -> None:
        """Keep a duplicate of a new connection's socket; the connection before it is gone."""
        # A duplicate, because TLS takes the first descriptor over.
        duplicate = connection.dup()
        with self._lock:
            former, self._duplicate = self._duplicate, duplicate
            self._used = False
            if self._aborted:
                _shut(duplicate)
        if former is not None:
            former.close()

    def drop(self) -> None:
        """Close the connection; the next request opens another."""
        self._session.close()
        with self._lock:
            duplicate, self._duplicate = self._duplicate, None
        if duplicate is not None:
            # requests closes its connection when nobody holds it any more, and a traceback may.
            _shut(duplicate)
            duplicate.close()


def pinned(pem: str) -> ssl.SSLContext:
    """Trust these certificates and no other; raises `ssl.SSLError` or `ValueError` when they are none."""
    if not pem:
        raise ValueError("no certificate")  # OpenSSL would take the usual authorities
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


class _AbortableAdapter(HTTPAdapter):
    """Shows the session each connection as soon as it has a socket."""

    def __init__(self, session: AbortableSession, trust: ssl.SSLContext | None) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

        # _new_conn is where both urllib3 1.26 and 2.x make the socket, before TLS is spoken on it.
        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                connection = super()._new_conn()
                session.connected(connection)
                return connection

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                connection = super()._new_conn()
                session.connected(connection)
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
