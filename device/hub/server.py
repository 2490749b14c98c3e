"""The hub's HTTP server: uvicorn behind an acceptor of our own, with the limits of `device.hub.connections`.

asyncio's own acceptor has no limits, and when file descriptors run out it logs without end and spins (2,048 lines and
timers each second of them); uvicorn knows no deadline but the idle one. What speaks HTTP stays uvicorn's.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from asyncio import sslproto
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, cast

import h11
import uvicorn
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from device.hub.api.rate_limit import network_of
from device.hub.connections import Connection, ConnectionTable, Limits, Phase
from device.hub.paced_log import EVERY_S, PacedLog
from device.hub.shares import HANDSHAKE_S, REQUEST_S

_ACCEPT_AT_ONCE: Final = 4
"""Each costs a handshake, all in one turn of the loop: whoever has a question on an open line waits that long."""
_ROOM_AT_ONCE: Final = 16
_BEAT_S: Final = 1.0
_REST_S: Final = 0.1
"""When there is no file descriptor left, nothing is accepted for so long."""
_PIECE_BYTES: Final = 4 * 1024
"""h11 refuses an unfinished head of 16 KiB; it looks after each piece, so that no head of 20 KiB is ever read."""
_IS_READ: Final = (h11.IDLE, h11.SEND_BODY)
_NO_LENGTH: Final = JSONResponse({"error": "say how long the body is (Content-Length)"}, 411, {"Connection": "close"})
_BUFFER_BYTES: Final = 64 * 1024
_TLS_BUFFER_BYTES: Final = 32 * 1024
"""asyncio keeps a buffer of 256 KiB for each TLS connection, before it has said a word; a record has 16."""


class _Protocol(H11Protocol):
    """HTTP/1.1 on one connection, with a deadline for each phase of a request, and a share for strangers."""

    def __init__(self, connection: Connection, config: uvicorn.Config, state: Any) -> None:  # noqa: ANN401 - uvicorn's
        super().__init__(config, state, {"connection": connection})
        self.app = cast("Any", _refuse_without_length(cast("Any", self.app)))  # uvicorn's types and starlette's
        self._connection = connection
        self._at: tuple[Phase, object] = (Phase.HEAD, None)
        self._waiting = bytearray()
        self._going_on: asyncio.TimerHandle | None = None
        self.is_open = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        transport.set_write_buffer_limits(_BUFFER_BYTES)
        if isinstance(transport, sslproto._SSLProtocolTransport):  # noqa: SLF001 - it has no other name
            # While somebody waits for a turn, asyncio would hold 256 KiB of what they send.
            transport.set_read_buffer_limits(_TLS_BUFFER_BYTES)
        super().connection_made(transport)
        self.is_open = True
        self._connection.ends_by(transport.abort, self.timeout_keep_alive_handler)
        if self.scheme == "https":
            self._connection.spend(HANDSHAKE_S)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        if self._going_on is not None:
            self._going_on.cancel()
        self._connection.ended()

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        if self._going_on is None:
            self._read()
        else:
            self.flow.pause_reading()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._connection.spend(REQUEST_S)
        self._read()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._connection.unread(since_now=True)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._connection.unread(since_now=False)

    def _read(self) -> None:
        """Read what has come, piece by piece, as far as it is its turn; then set the deadline."""
        while self._waiting and not self.transport.is_closing():
            state = self.conn.their_state
            if state not in _IS_READ:  # it sends the next request already, which is read after the answer
                self.flow.pause_reading()
                break
            if state is h11.SEND_BODY and not _has_length(self.headers):
                self._waiting.clear()  # it is refused, and closed
                break
            if wait_s := self._connection.wait_s():
                self.flow.pause_reading()
                self._going_on = self.loop.call_later(wait_s, self._go_on)
                break
            piece = bytes(self._waiting if state is h11.SEND_BODY else self._waiting[:_PIECE_BYTES])
            del self._waiting[: len(piece)]
            began_s = time.thread_time()
            super().data_received(piece)
            self._connection.spend(time.thread_time() - began_s)
        self._follow()

    def _go_on(self) -> None:
        self._going_on = None
        self.flow.resume_reading()
        self._read()

    def _follow(self) -> None:
        """Set the deadline of what the connection is doing now; what goes on keeps the one it has."""
        self._unset_keepalive_if_required()  # uvicorn's own, which any byte would put off
        now = (self._phase(), self.cycle)
        if now != self._at:
            self._at = now
            self._connection.enter(now[0])

    def _phase(self) -> Phase:
        if self.transport.is_closing():
            return Phase.CLOSING
        if self.conn.their_state is h11.SEND_BODY:
            return Phase.BODY
        if not self.cycle:
            return Phase.HEAD
        if not self.cycle.response_complete:
            return Phase.ANSWER
        return Phase.HEAD if self._waiting or self.conn.trailing_data[0] else Phase.IDLE


def _has_length(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return all(name != b"transfer-encoding" for name, _ in headers)


def _refuse_without_length(app: ASGIApp) -> ASGIApp:
    """Refuse bodies in chunks: gates say how long a body is, and six bytes of a chunk cost as much as a whole piece."""

    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        answer = app if _has_length(scope["headers"]) else _NO_LENGTH
        await answer(scope, receive, send)

    return refusing


class HubServer(uvicorn.Server):
    """uvicorn with an acceptor that keeps to limits.

    Args:
        config: its application is made by `device.hub.api.app.create_app`.
        limits: of connections.
        log: told what is refused and what goes wrong, counted.
        in_clear: listeners without TLS, also where *config* has it.
        others: listeners that another application is behind, and its settings.

    Attributes:
        beats: called every second, as long as the loop turns.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        limits: Limits,
        log: PacedLog,
        in_clear: Collection[socket.socket] = (),
        others: Mapping[socket.socket, uvicorn.Config] | None = None,
    ) -> None:
        super().__init__(config)
        self._in_clear = frozenset(in_clear)
        self._others = others or {}
        self.beats: Sequence[Callable[[], None]] = ()
        self.table = ConnectionTable(limits, log)
        self._log = log
        self._listeners: Sequence[socket.socket] = ()
        self._tasks: set[asyncio.Task[None]] = set()
        sslproto.SSLProtocol.max_size = _TLS_BUFFER_BYTES

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections from now on."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._note_loop_error)
        logging.getLogger("uvicorn.error").addFilter(self._log)
        logging.getLogger("asyncio").addFilter(self._log)
        self._tell()
        self._beat()
        self._listeners = sockets or ()
        for listener in self._listeners:
            listener.settimeout(0)
            loop.add_reader(listener, self._accept, listener)
        await super().startup([])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept nothing more, and end what there is."""
        self._rest()
        for task in self._tasks:
            task.cancel()
        await super().shutdown(sockets)
        logging.getLogger("uvicorn.error").removeFilter(self._log)
        logging.getLogger("asyncio").removeFilter(self._log)
        self._log.flush()

    def _rest(self) -> None:
        for listener in self._listeners:
            asyncio.get_running_loop().remove_reader(listener)

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(_ACCEPT_AT_ONCE):
            try:
                accepted, address = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionError):
                return
            except OSError as error:  # no file descriptor or no memory left; what else there is passes by too
                self._log.note(f"cannot-accept-{error.errno}")
                for _ in range(_ROOM_AT_ONCE):
                    self.table.make_room()
                loop = asyncio.get_running_loop()
                loop.remove_reader(listener)
                loop.call_later(_REST_S, self._accept_again, listener)
                return
            accepted.settimeout(0)
            config = self._others.get(listener, self.config)
            tls = None if listener in self._in_clear else config.ssl
            self._take(accepted, Connection(self.table, network_of(address[0])), config, tls)

    def _take(
        self, accepted: socket.socket, connection: Connection, config: uvicorn.Config, tls: ssl.SSLContext | None
    ) -> None:
        self.table.enter(connection)
        connection.enter(Phase.HEAD)
        protocol = _Protocol(connection, config, self.server_state)

        def begun(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if not protocol.is_open:  # cut, refused, or gone in the middle
                connection.ended()
                accepted.close()

        task = asyncio.get_running_loop().create_task(self._shake_hands(accepted, protocol, tls))
        connection.ends_by(task.cancel)
        self._tasks.add(task)
        task.add_done_callback(begun)

    def _accept_again(self, listener: socket.socket) -> None:
        if not self.should_exit and listener.fileno() >= 0:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    async def _shake_hands(self, accepted: socket.socket, protocol: _Protocol, tls: ssl.SSLContext | None) -> None:
        """Leave the connection to its protocol, which hears of it after the handshake."""
        with suppress(asyncio.CancelledError):
            try:
                await asyncio.get_running_loop().connect_accepted_socket(
                    lambda: protocol,
                    accepted,
                    ssl=tls,
                    ssl_handshake_timeout=self.table.limits.head_s if tls else None,
                    ssl_shutdown_timeout=self.table.limits.closing_s if tls else None,
                )
            except OSError:  # ssl.SSLError is one
                self._log.note("no-handshake")

    def _tell(self) -> None:
        self._log.flush()
        asyncio.get_running_loop().call_later(EVERY_S, self._tell)

    def _beat(self) -> None:
        for beat in self.beats:
            beat()
        asyncio.get_running_loop().call_later(_BEAT_S, self._beat)

    def _note_loop_error(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError):  # ssl.SSLError is one
            self._log.note("connection-broken")
        elif isinstance(error, BaseException):
            self._log.note_defect(error)
        else:
            self._log.note("event-loop-error")
