"""Answers ``GET /healthz``, ``/readyz`` and ``/metrics`` in clear, on a listener of its own: never where gates come.

It is small enough to turn in one thread beside whatever else a process waits for, and holds a bounded number of
visitors for a bounded time, since a monitor of the network may be anybody.
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Final

from device.clock import Clock

_MOST_VISITORS: Final = 16
_MOST_BYTES: Final = 8 * 1024
_VISIT_S: Final = 5.0
_TURN_S: Final = 0.5
TEXT: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer.

    Attributes:
        body: of it.
        status: of HTTP.
        kind: its content type.
    """

    body: bytes
    status: int = HTTPStatus.OK
    kind: str = TEXT


@dataclass(eq=False, slots=True)
class _Visitor:
    connection: socket.socket
    until_s: float
    received: bytearray = field(default_factory=bytearray)
    answer: bytes = b""


class Telling:
    """Work for a `device.threads.ServiceThread`, or turn by turn in a loop of somebody else's.

    Args:
        listeners: where it answers; closed by `finish`.
        answers: gives the answer of a path, ``None`` for one that is none.
        clock: for how long somebody may take.

    Attributes:
        selector: of all that is waited for; what else is registered there has something to call as its data.
    """

    def __init__(
        self, listeners: Sequence[socket.socket], answers: Callable[[str], Answer | None], clock: Clock
    ) -> None:
        self.selector = selectors.DefaultSelector()
        self._listeners = listeners
        self._answers = answers
        self._clock = clock
        self._visitors: dict[_Visitor, None] = {}
        self._closed = threading.Event()
        self._waker, self._woken = socket.socketpair()
        for end in (self._waker, self._woken):
            end.settimeout(0)
        self.selector.register(self._woken, selectors.EVENT_READ, self._wake_up)
        for listener in listeners:
            listener.settimeout(0)
            self.selector.register(listener, selectors.EVENT_READ, partial(self._accept, listener))

    @property
    def wakes(self) -> int:
        """The descriptor that ends a turn when a byte is written to it, by a signal say."""
        return self._waker.fileno()

    def run(self) -> None:
        """Answer until closed."""
        while not self._closed.is_set():
            self.turn(_TURN_S)
        self.finish()

    def close(self) -> None:
        """Let `run` end; any thread, any number of times."""
        self._closed.set()
        with suppress(OSError):
            self._waker.send(b"\0")

    def turn(self, most_s: float) -> None:
        """Wait for something, at most so long, and deal with it."""
        for key, _ in self.selector.select(most_s):
            key.data()
        now_s = self._clock.monotonic_s()
        for visitor in [visitor for visitor in self._visitors if visitor.until_s <= now_s]:
            self._part(visitor)

    def finish(self) -> None:
        """Close everything, in the process that has it too."""
        for visitor in list(self._visitors):
            self._part(visitor)
        for one in (*self._listeners, self._waker, self._woken):
            one.close()
        self.selector.close()

    def let_go(self) -> None:
        """Close this process's hold on everything after a fork; it goes on in the other one.

        Nothing is unregistered: what is waited for there is the same as here.
        """
        self.selector.close()
        for one in (*(visitor.connection for visitor in self._visitors), *self._listeners, self._waker, self._woken):
            one.close()

    def _wake_up(self) -> None:
        with suppress(OSError):
            self._woken.recv(4096)

    def _accept(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.settimeout(0)
        while len(self._visitors) >= _MOST_VISITORS:
            self._part(next(iter(self._visitors)))
        visitor = _Visitor(connection, self._clock.monotonic_s() + _VISIT_S)
        self._visitors[visitor] = None
        self.selector.register(connection, selectors.EVENT_READ, partial(self._read, visitor))

    def _read(self, visitor: _Visitor) -> None:
        try:
            piece = visitor.connection.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        visitor.received += piece
        if not piece or len(visitor.received) > _MOST_BYTES:
            self._part(visitor)
        elif b"\r\n\r\n" in visitor.received:
            visitor.answer = self._answer_to(bytes(visitor.received))
            self.selector.modify(visitor.connection, selectors.EVENT_WRITE, partial(self._write, visitor))

    def _answer_to(self, request: bytes) -> bytes:
        method, _, rest = request.split(b"\r\n", 1)[0].decode("latin-1").partition(" ")
        path = rest.partition(" ")[0].partition("?")[0]
        if method == "GET":
            found = self._answers(path) or Answer(b"no such page\n", HTTPStatus.NOT_FOUND)
        else:
            found = Answer(b"only GET\n", HTTPStatus.METHOD_NOT_ALLOWED)
        head = (
            f"HTTP/1.1 {found.status:d} {HTTPStatus(found.status).phrase}\r\nContent-Type: {found.kind}\r\n"
            f"Content-Length: {len(found.body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        return head.encode("ascii") + found.body

    def _write(self, visitor: _Visitor) -> None:
        try:
            sent = visitor.connection.send(visitor.answer)
        except BlockingIOError:
            return
        except OSError:
            sent = len(visitor.answer)
        visitor.answer = visitor.answer[sent:]
        if not visitor.answer:
            self._part(visitor)

    def _part(self, visitor: _Visitor) -> None:
        if visitor in self._visitors:
            del self._visitors[visitor]
            self.selector.unregister(visitor.connection)
            visitor.connection.close()
