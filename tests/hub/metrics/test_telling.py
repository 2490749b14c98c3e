"""The small server of /metrics, /healthz and /readyz."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http import HTTPStatus

import pytest
import requests
from prometheus_client import CollectorRegistry

from device.clock import SystemClock
from device.hub.metrics.pages import pages
from device.hub.metrics.telling import Answer, Telling
from device.threads import ServiceThread
from tests.support.fakes import FakeClock

LOOPBACK = "127.0.0.1"


class Said:
    """What the pages are made from."""

    alive, reason = True, ""


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def port(said: Said) -> Iterator[int]:
    listener = socket.create_server((LOOPBACK, 0))
    answers = pages(CollectorRegistry(), lambda: said.alive, lambda: said.reason)
    with ServiceThread("telling", Telling([listener], answers, SystemClock()), pytest.fail):
        yield listener.getsockname()[1]


def got(port: int, path: str) -> tuple[int, str]:
    answer = requests.get(f"http://{LOOPBACK}:{port}{path}", headers={"Connection": "close"}, timeout=20)
    return answer.status_code, answer.text


def test_health_and_readiness_are_a_word_each(port: int, said: Said) -> None:
    assert (got(port, "/healthz"), got(port, "/readyz")) == ((200, "alive\n"), (200, "ready\n"))
    said.reason = "database"
    assert (got(port, "/healthz"), got(port, "/readyz?x=1")) == ((200, "alive\n"), (503, "database\n"))
    said.alive = False
    assert got(port, "/healthz") == (503, "hangs\n")
    assert got(port, "/metrics")[0] == HTTPStatus.OK


def test_nothing_else_is_there(port: int) -> None:
    assert got(port, "/v1/count") == (404, "no such page\n")
    answer = requests.post(f"http://{LOOPBACK}:{port}/metrics", headers={"Connection": "close"}, timeout=20)
    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.parametrize("sent", [b"\r\n\r\n", b"GET\r\n\r\n", b"\xff\xfe \x00 \r\n\r\n", b"GET  HTTP\r\n\r\n"])
def test_a_request_that_is_none_is_answered_and_the_next_one_too(port: int, sent: bytes) -> None:
    with socket.create_connection((LOOPBACK, port), 20) as visitor:
        visitor.sendall(sent)
        assert visitor.recv(4096).startswith((b"HTTP/1.1 404", b"HTTP/1.1 405"))
    assert got(port, "/healthz") == (200, "alive\n")


def test_who_says_too_much_or_nothing_for_long_is_parted_with() -> None:
    clock, listener = FakeClock(), socket.create_server((LOOPBACK, 0))
    telling = Telling([listener], lambda _: Answer(b"here"), clock)
    with (
        socket.create_connection(listener.getsockname(), 20) as silent,
        socket.create_connection(listener.getsockname(), 20) as greedy,
    ):
        greedy.sendall(b"x" * 9000)
        greedy.shutdown(socket.SHUT_WR)
        for _ in range(8):
            telling.turn(0.05)
        assert greedy.recv(1) == b""
        clock.advance(5_000)
        telling.turn(0.0)
        assert silent.recv(1) == b""
    telling.finish()


def test_of_too_many_visitors_the_oldest_goes() -> None:
    listener = socket.create_server((LOOPBACK, 0))
    telling = Telling([listener], lambda _: Answer(b"here"), SystemClock())
    first, *others = [socket.create_connection(listener.getsockname(), 20) for _ in range(17)]
    for _ in range(17):
        telling.turn(0.05)
    assert first.recv(1) == b""
    others[-1].sendall(b"GET /healthz HTTP/1.1\r\n\r\n")
    for _ in range(3):
        telling.turn(0.05)
    assert others[-1].recv(4096).endswith(b"here")
    for one in (first, *others):
        one.close()
    telling.finish()
