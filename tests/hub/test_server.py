"""The server on real sockets; its limits are tenths of seconds here, and each test waits for what should happen."""

from __future__ import annotations

import socket
import ssl
import threading
from asyncio import sslproto
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import repeat

import pytest

from device.clock import SystemClock
from device.enrolment.document import Enrolment
from device.hub.connections import Limits
from device.hub.folder import HubFolder
from device.hub.shares import AT_ONCE_S
from device.wire import catalogue
from device.wire import time as hub_time
from device.wire.bundle import CONTENT_MOST_BYTES, BundleKind
from device.wire.catalogue import Offer
from tests.support.fake_outbox import sent
from tests.support.fake_server import LOOPBACK, PATIENCE_S, HubThread
from tests.support.raw_request import signed_head

HEALTH = b"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HELLO = b'{"contract":"gate/1","code":"GATE"}'
SOON = Limits(head_s=0.3, body_s=0.3, unread_s=0.3, idle_s=0.3, closing_s=0.3)


@dataclass
class Visitor:
    """Somebody who speaks to a hub in bytes of their own."""

    hub: HubThread
    gate: Enrolment

    @property
    def port(self) -> int:
        return int(self.hub.url.rpartition(":")[2])

    def line(self, source: str = LOOPBACK) -> socket.socket:
        return socket.create_connection((LOOPBACK, self.port), PATIENCE_S, (source, 0))

    def signed(self, path: str, body: bytes) -> bytes:
        return signed_head(self.gate, f"{LOOPBACK}:{self.port}", path, body) + body


Serving = Callable[..., Visitor]


@pytest.fixture
def serving(folder: HubFolder) -> Iterator[Serving]:
    hubs: list[HubThread] = []
    gate = folder.add_gate("Cổng A")

    def serve(limits: Limits = SOON, *, tls: bool = False) -> Visitor:
        hubs.append(HubThread(folder, tls=tls, limits=limits).__enter__())
        return Visitor(hubs[-1], gate)

    yield serve
    for hub in hubs:
        hub.__exit__()


def rest_of(line: socket.socket) -> bytes:
    """Return what comes until the other side ends it."""
    received = b""
    with suppress(ConnectionError):
        while piece := line.recv(65_536):
            received += piece
    return received


def answer_on(line: socket.socket) -> bytes:
    """Return one answer; the connection stays."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = line.recv(65_536)
        assert piece, "the hub has ended it"
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(int(row.split(b":")[1]) for row in head.split(b"\r\n") if row.lower().startswith(b"content-length"))
    while len(body) < length:
        body += line.recv(65_536)
    return head


def drip(line: socket.socket, drop: bytes = b"a") -> bytes:
    """Send *drop* again and again until the other side ends it; return what it said."""
    line.settimeout(0.02)
    received = b""
    for _ in repeat(None, round(PATIENCE_S / 0.02)):
        try:
            line.sendall(drop)
            piece = line.recv(65_536)
        except TimeoutError:
            continue
        except ConnectionError:
            return received
        if not piece:
            return received
        received += piece
    raise AssertionError("the hub let it go on")


POST = b"POST /v1/enrolment/hello HTTP/1.1\r\nHost: 127.0.0.1\r\n"
NEVER_ENDING = {
    "a request line": (b"GET /", b"a"),
    "a header": (b"GET /v1/health HTTP/1.1\r\nX-A: ", b"a"),
    "headers": (b"GET /v1/health HTTP/1.1\r\n", b"A: b\r\n"),
    "blank lines": (b"", b"\r\n"),
    "a body": (POST + b"Content-Length: 8000\r\n\r\n", b" "),
    "a body nobody wants": (b"POST /v1/checkins HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 800000\r\n\r\n", b" "),
}


@pytest.mark.parametrize("kind", NEVER_ENDING)
def test_what_comes_byte_by_byte_and_never_ends_is_ended(serving: Serving, kind: str) -> None:
    begins, drop = NEVER_ENDING[kind]
    with serving().line() as line:
        line.sendall(begins)
        assert b" 200 " not in drip(line, drop)


def test_who_says_nothing_is_ended(serving: Serving) -> None:
    with serving().line() as line:
        assert rest_of(line) == b""


def test_a_handshake_that_does_not_go_on_is_ended(serving: Serving) -> None:
    visitor = serving(tls=True)
    for part in (0, 1, 100):
        with visitor.line() as line:
            line.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[:part] + bytes(max(0, part - 11)))
            rest_of(line)


def test_a_connection_is_kept_between_requests_and_ended_when_no_other_comes(serving: Serving) -> None:
    with serving().line() as line:
        for _ in range(3):
            line.sendall(HEALTH)
            assert b" 200 " in answer_on(line)
        assert line.recv(1) == b""


def test_idle_connections_are_kept_for_longer_than_a_minute() -> None:
    assert Limits().idle_s == 75


def test_requests_one_after_the_other_without_waiting_are_answered_one_after_the_other(serving: Serving) -> None:
    with serving().line() as line:
        line.sendall(HEALTH * 20)
        assert rest_of(line).count(b"HTTP/1.1 200 ") == 20


HEAD = b"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
WRONG = {
    "a head of 64 KiB": HEAD + b"X-A: " + b"a" * 65_536 + b"\r\n\r\n",
    "5,000 headers": HEAD + b"A: b\r\n" * 5_000 + b"\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "no HTTP at all": bytes(range(256)) + b"\r\n\r\n",
    "two lengths": POST + b"Content-Length: 35\r\nContent-Length: 36\r\n\r\n" + HELLO,
    "a length of words": POST + b"Content-Length: many\r\n\r\n" + HELLO,
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_request_is_answered_400_and_ended(serving: Serving, kind: str) -> None:
    with serving().line() as line:
        with suppress(ConnectionError):
            line.sendall(WRONG[kind])
        answer = rest_of(line)
    assert answer.startswith(b"HTTP/1.1 400 ") or not answer  # reset, while the rest was still being sent


CHUNKED = {
    "chunks of a byte": b"1\r\n \r\n" * 40_000,
    "trailers": b"0\r\n" + b"A: b\r\n" * 40_000 + b"\r\n",
    "a chunk without end": b"ffffffff\r\n" + bytes(100_000),
    "a whole body": b"23\r\n" + HELLO + b"\r\n0\r\n\r\n",
}


def test_a_body_that_does_not_say_how_long_it_is_is_refused_and_not_read(serving: Serving) -> None:
    visitor = serving()
    for body in CHUNKED.values():
        with visitor.line() as line:
            with suppress(ConnectionError):
                line.sendall(POST + b"Transfer-Encoding: Chunked\r\n\r\n" + body)
            answer = rest_of(line)
        assert answer.startswith(b"HTTP/1.1 411 ") or (not answer and len(body) > 100), "reset while it was being sent"


def test_a_head_of_64_kib_is_no_request_behind_another_one_either(serving: Serving) -> None:
    with serving().line() as line:
        with suppress(ConnectionError):
            line.sendall(HEALTH + WRONG["5,000 headers"])
        assert rest_of(line).count(b"HTTP/1.1 200 ") <= 1


def test_an_address_that_is_over_its_share_waits_and_another_and_a_gate_do_not(serving: Serving) -> None:
    visitor = serving()
    question = visitor.signed(hub_time.PATH, hub_time.encode_question(sent()))
    with visitor.line() as gate, visitor.line() as line, visitor.line("127.0.0.2") as other:
        gate.sendall(question)
        assert b" 200 " in answer_on(gate)
        visitor.hub.server.table.shares[False].spend(LOOPBACK, 1_000)
        line.sendall(HEALTH)
        for asked, served in ((question, gate), (HEALTH, other)):
            served.sendall(asked)
            assert b" 200 " in answer_on(served)
        assert rest_of(line) == b"", "it waited for longer than a head may take"


def test_an_address_that_has_worked_off_what_it_owed_is_answered(serving: Serving) -> None:
    visitor = serving()
    visitor.hub.server.table.shares[False].spend(LOOPBACK, AT_ONCE_S + 0.02)
    with visitor.line() as line:
        line.sendall(HEALTH * 2)
        assert rest_of(line).count(b"HTTP/1.1 200 ") == 2


def test_a_body_shorter_than_it_was_said_to_be_is_waited_for_and_ended(serving: Serving) -> None:
    with serving().line() as line:
        line.sendall(POST + b"Content-Length: 36\r\n\r\n" + HELLO)
        assert rest_of(line) == b""


def test_who_asks_before_sending_a_body_is_refused_before_a_byte_of_it(serving: Serving) -> None:
    with serving().line() as line:
        expecting = b"Host: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 35\r\n\r\n"
        line.sendall(b"POST /v1/checkins HTTP/1.1\r\n" + expecting)
        assert answer_on(line).startswith(b"HTTP/1.1 401 ")
    with serving().line() as line:
        line.sendall(b"POST /v1/enrolment/hello HTTP/1.1\r\n" + expecting)
        assert line.recv(65_536).startswith(b"HTTP/1.1 100 ")
        line.sendall(HELLO)
        assert answer_on(line).startswith(b"HTTP/1.1 200 ")


def test_who_does_not_read_a_long_answer_is_ended(serving: Serving, folder: HubFolder) -> None:
    size = CONTENT_MOST_BYTES[BundleKind.WATCH_LIST]
    published = folder.bundles().publish(BundleKind.WATCH_LIST, bytes(size))
    visitor = serving()
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(PATIENCE_S)
        line.connect((LOOPBACK, visitor.port))
        wish = catalogue.encode_bundle_request(Offer(BundleKind.WATCH_LIST, published.version, size))
        line.sendall(visitor.signed(catalogue.CONTENT_PATH, wish))
        assert line.recv(15) == b"HTTP/1.1 200 OK"
        line.settimeout(0.02)
        wait_until_reset(line)
        line.settimeout(PATIENCE_S)
        assert len(rest_of(line)) < size


def wait_until_reset(line: socket.socket) -> None:
    """Return when the other side has ended the connection; nothing is read."""
    clock, never = SystemClock(), threading.Event()
    for _ in repeat(None, round(PATIENCE_S / 0.02)):
        try:
            line.sendall(b"\r\n")
            line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            clock.wait(never, 0.02)
        except BlockingIOError:
            continue
        except OSError:
            return
    raise AssertionError("the hub let it go on")


def test_of_an_address_with_too_many_the_oldest_is_ended_and_another_address_notices_nothing(serving: Serving) -> None:
    visitor = serving(Limits(an_address=3))
    with visitor.line("127.0.0.2") as other:
        lines = [visitor.line() for _ in range(6)]
        assert [rest_of(line) for line in lines[:3]] == [b""] * 3
        for line in [other, *lines[3:]]:
            line.sendall(HEALTH)
            assert b" 200 " in answer_on(line)
            line.close()
        for line in lines[:3]:
            line.close()


def test_a_gates_own_line_stays_whatever_comes_from_its_address(serving: Serving) -> None:
    visitor = serving(Limits(an_address=2))
    question = hub_time.encode_question(sent())
    with visitor.line() as gate:
        gate.sendall(visitor.signed(hub_time.PATH, question))
        assert b" 200 " in answer_on(gate)
        flood = [visitor.line() for _ in range(20)]
        rest_of(flood[0])
        gate.sendall(visitor.signed(hub_time.PATH, question))
        assert b" 200 " in answer_on(gate)
        for line in flood:
            line.close()


def test_a_tls_connection_costs_a_buffer_of_two_records_and_not_of_sixteen(serving: Serving, folder: HubFolder) -> None:
    visitor = serving(tls=True)
    trust = ssl.create_default_context(cadata=folder.public_identity().ca)
    with trust.wrap_socket(visitor.line(), server_hostname=LOOPBACK) as line:
        line.sendall(HEALTH)
        assert b" 200 " in answer_on(line)
    assert sslproto.SSLProtocol.max_size == 32 * 1024
