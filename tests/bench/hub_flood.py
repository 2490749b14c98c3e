"""Clients that take connections of a hub and ask for nothing; somebody at another address asks meanwhile."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count, cycle, islice
from typing import Final

HOST: Final = "127.0.0.1"
ELSEWHERE: Final = "127.0.0.2"
_PATIENCE_S: Final = 20.0
_AGAIN: Final = 20
"""Connections that are opened anew between two questions: who was cut comes again."""


def asked_s(port: int, trust: ssl.SSLContext, source: str = ELSEWHERE) -> float:
    """Ask the hub how it is, on a connection of its own; return how long it took."""
    began_s = time.perf_counter()
    line = socket.create_connection((HOST, port), _PATIENCE_S, (source, 0))
    with trust.wrap_socket(line, server_hostname=HOST) as secure:
        secure.sendall(b"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := secure.recv(65_536):
            answer += piece
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise ConnectionError(answer[:40])
    return time.perf_counter() - began_s


def client_hello(trust: ssl.SSLContext) -> bytes:
    """Return the first message of a handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with suppress(ssl.SSLWantReadError):
        trust.wrap_bio(incoming, outgoing, server_hostname=HOST).do_handshake()
    return outgoing.read()


def _silent(_: socket.socket, __: ssl.SSLContext) -> None:
    """Say nothing."""


def _half_hello(line: socket.socket, trust: ssl.SSLContext) -> None:
    """Say half of a handshake's first message."""
    hello = client_hello(trust)
    line.sendall(hello[: len(hello) // 2])


def _whole_hello(line: socket.socket, trust: ssl.SSLContext) -> None:
    """Begin a handshake, and never answer."""
    line.sendall(client_hello(trust))


KINDS: Final = (_silent, _half_hello, _whole_hello)
HEADS: Final = (
    b"GET /v1/health HTTP/1.1\r\nHost: x\r\nX-A: ",
    b"POST /v1/enrolment/hello HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\n\r\n{",
    b"POST /v1/enrolment/proof HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
)
"""What is said after a whole handshake by every tenth: a head, a body and chunks that never end."""


@contextmanager
def flood(port: int, trust: ssl.SSLContext, clients: int) -> Iterator[Iterator[None]]:
    """Open *clients* connections of one address; each step of what is yielded opens some of them anew, the oldest."""
    lines: list[socket.socket] = []
    kinds, heads, number = cycle(KINDS), cycle(HEADS), count()

    def open_one() -> None:
        line = socket.create_connection((HOST, port), _PATIENCE_S)
        lines.append(line)
        with suppress(OSError):
            if next(number) % 10:
                next(kinds)(line, trust)
            else:
                lines[-1] = trust.wrap_socket(line, server_hostname=HOST)
                lines[-1].sendall(next(heads))

    def renewals() -> Iterator[None]:
        while True:
            for old in list(islice(lines, _AGAIN)):
                old.close()
                lines.remove(old)
                open_one()
            yield

    try:
        for _ in range(clients):
            open_one()
        yield renewals()
    finally:
        for line in lines:
            line.close()
