"""Servers on loopback: one that says whatever a test wants, the real hub on a thread, a proxy that loses answers."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Self

import uvicorn

from device.clock import Clock
from device.hub.api.app import create_app
from device.hub.api.concurrency import MOST_WAITING_BYTES
from device.hub.connections import Limits
from device.hub.folder import HubFolder
from device.hub.server import HubServer

LOOPBACK = "127.0.0.1"
PATIENCE_S = 20.0
Script = Callable[[socket.socket], None]


class RawServer:
    """Accepts connections and runs *script* on each, on a thread of its own."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._tls = tls
        self._listener = socket.create_server((LOOPBACK, 0))
        self._threads: list[threading.Thread] = []
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self.stop = threading.Event()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
        self._listener.close()

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(lambda connection=connection: self._serve(connection))  # type: ignore[misc]

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            if self._tls is not None:
                connection = stack.enter_context(self._tls.wrap_socket(connection, server_side=True))
            self._script(connection)


def read_request(connection: socket.socket) -> bytes:
    """Read one request whole; returns all its bytes, none when the other side has gone."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        body += piece
    return head + b"\r\n\r\n" + body


def answering(head: str, body: bytes = b"") -> Script:
    """Answer each request of a connection with these headers and this body."""

    def script(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)

    return script


def read_until_closed(connection: socket.socket) -> None:
    """Return when the other side has closed the connection."""
    while connection.recv(65_536):
        pass


class HubThread:
    """The real hub of a folder, served by uvicorn on a thread."""

    def __init__(
        self,
        folder: HubFolder,
        port: int = 0,
        *,
        most_waiting_bytes: int = MOST_WAITING_BYTES,
        tls: bool = False,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        listener: socket.socket | None = None,
    ) -> None:
        self.store = folder.open_store()
        self._listener = listener or socket.create_server((LOOPBACK, port))
        app = create_app(
            self.store,
            folder.operator_token(),
            folder.public_identity(),
            folder.status_secret,
            folder.bundles(),
            most_waiting_bytes,
        )
        certificate, key = folder.certificate_files if tls else (None, None)
        config = uvicorn.Config(
            app,
            lifespan="off",
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=1,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
        self.server = HubServer(config, limits, app.state.log)
        self._thread = threading.Thread(target=self.server.run, args=([self._listener],), daemon=True)
        self.url = f"{'https' if tls else 'http'}://{LOOPBACK}:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        self._listener.close()
        self.store.close()


class LossyProxy(RawServer):
    """Passes requests on to a hub and loses every answer for which *loses* says so, after the hub has committed.

    *meanwhile* is called when the hub has a request and has not answered yet.
    """

    def __init__(
        self, hub_port: int, loses: Callable[[int], bool], meanwhile: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(self._pass_on)
        self._meanwhile = meanwhile
        self._hub_port = hub_port
        self._loses = loses
        self._lock = threading.Lock()
        self.requests = 0
        self.lost = 0

    def _pass_on(self, connection: socket.socket) -> None:
        while request := read_request(connection):
            with socket.create_connection((LOOPBACK, self._hub_port), timeout=PATIENCE_S) as hub:
                hub.sendall(request)
                self._meanwhile()
                answer = read_request(hub)
            with self._lock:
                number, self.requests = self.requests, self.requests + 1
            if self._loses(number):
                self.lost += 1
                return
            connection.sendall(answer)


class StageClock:
    """Lets a deadline pass at the moment a test's server has reached its stage, and not a moment earlier."""

    def __init__(self, inner: Clock) -> None:
        self._inner = inner
        self.stage = threading.Event()
        self.reading = inner.reading
        self.monotonic_s = inner.monotonic_s
        self.monotonic_ms = inner.monotonic_ms

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        assert self.stage.wait(PATIENCE_S), "the server never got there"
        return self._inner.wait(until, timeout_s)
