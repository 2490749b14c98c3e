"""A line between a gate and its hub on which things go wrong: answers lost after the commit, connections reset, deaths.

It understands as much of HTTP as is needed to tell one request from the next. What happens to a request is decided by
the caller, by its number, so that a run can be repeated.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import Final, Self

from device.clock import Clock
from device.hub.serve import LOOPBACK

_PATIENCE_S: Final = 30.0
_RESET_AT_CLOSE: Final = struct.pack("ii", 1, 0)


class Mishap(StrEnum):
    """What becomes of one request."""

    NONE = "none"
    ANSWER_LOST = "answer-lost"
    """The hub has committed and answered; the gate never hears it."""
    RESET = "reset"
    """Half of the request has reached the hub when the connection is reset on both sides."""
    HUB_KILLED = "hub-killed"
    """The hub dies while it works on the request."""
    GATE_KILLED = "gate-killed"
    """The gate dies when the hub has answered."""


class BadLine:
    """Passes requests on to a hub on loopback, as `mishap_of` says; each connection on a thread.

    Args:
        hub_port: of the hub.
        mishap_of: decides about a request by its number, from 0.
        kill_hub: kills the hub and starts it again on its port; called while the hub works on a request, with the mean
            time in seconds that it took to answer so far.
        kill_gate: kills the gate.
        clock: measures the hub's answers.

    Attributes:
        requests: how many came.
        mishaps: how often each happened.
        settled_bytes: sent in both directions, headers too, for requests whose answer arrived.
    """

    def __init__(
        self,
        hub_port: int,
        mishap_of: Callable[[int], Mishap],
        kill_hub: Callable[[float], None],
        kill_gate: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._hub = (LOOPBACK, hub_port)
        self._mishap_of = mishap_of
        self._kill_hub = kill_hub
        self._kill_gate = kill_gate
        self._clock = clock
        self._lock = threading.Lock()
        self._answer_s = self._answers = 0.0
        self._listener = socket.create_server((LOOPBACK, 0))
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._thread = threading.Thread(target=self._accept, name="bad-line", daemon=True)
        self.url = f"http://{LOOPBACK}:{self._listener.getsockname()[1]}"
        self.requests = 0
        self.mishaps: Counter[Mishap] = Counter()
        self.settled_bytes = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(_PATIENCE_S)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[connection], name="bad-line", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while request := read_message(connection):
                with self._lock:
                    number, self.requests = self.requests, self.requests + 1
                    mishap = self._mishap_of(number)
                    self.mishaps[mishap] += 1
                if not self._pass_on(connection, request, mishap):
                    return

    def _pass_on(self, connection: socket.socket, request: bytes, mishap: Mishap) -> bool:
        """Let one request have its fate; whether the connection lives on."""
        began_s = self._clock.monotonic_s()
        with socket.create_connection(self._hub, timeout=_PATIENCE_S) as hub:
            if mishap is Mishap.RESET:
                hub.sendall(request[: len(request) // 2])
                for side in (hub, connection):
                    side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
                return False
            hub.sendall(request)
            if mishap is Mishap.HUB_KILLED:
                self._kill_hub(self._answer_s / max(1.0, self._answers))
                return False
            answer = read_message(hub)
        with self._lock:
            self._answer_s += self._clock.monotonic_s() - began_s
            self._answers += 1
        if mishap is Mishap.GATE_KILLED:
            self._kill_gate()
        if mishap is not Mishap.NONE or not answer:
            return False
        connection.sendall(answer)
        self.settled_bytes += len(request) + len(answer)
        return True


def read_message(connection: socket.socket) -> bytes:
    """Read one request or answer whole, by its Content-Length; nothing when the other side has gone."""
    received = bytearray()
    while b"\r\n\r\n" not in received:
        piece = connection.recv(1 << 18)
        if not piece:
            return b""
        received += piece
    head, _, _ = bytes(received).partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
    whole = len(head) + 4 + int(fields.get(b"content-length", b"0"))
    while len(received) < whole:
        piece = connection.recv(1 << 18)
        if not piece:
            return b""
        received += piece
    return bytes(received)
