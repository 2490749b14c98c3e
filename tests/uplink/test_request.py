from __future__ import annotations

import gzip
import socket
import threading

import pytest

from device.clock import SystemClock
from device.errors import HubNonsense, HubUnreachable
from device.model import Receipt
from tests.support.fake_server import (
    PATIENCE_S,
    RawServer,
    Script,
    StageClock,
    answering,
    read_request,
    read_until_closed,
)
from tests.support.fakes import FakeClock
from tests.uplink.delivering import BATCH, GOOD, JSON_HEAD, deliver_to, head, uplink_to


def test_one_connection_serves_many_batches() -> None:
    with RawServer(answering(JSON_HEAD, GOOD)) as server, uplink_to(server.url) as uplink:
        for _ in range(3):
            uplink.deliver(BATCH)
        assert server.connections == 1


def test_a_connection_the_server_has_closed_is_made_anew() -> None:
    def once(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall((JSON_HEAD + "\nConnection: close").replace("\n", "\r\n").encode() + b"\r\n\r\n" + GOOD)

    with RawServer(once) as server, uplink_to(server.url) as uplink:
        assert [uplink.deliver(BATCH).cursor for _ in range(3)] == [3, 3, 3]
        assert server.connections == 3


def drip_nothing(connection: socket.socket) -> None:
    read_request(connection)


def drip_headers(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: a")


def drip_body(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(JSON_HEAD.replace("\n", "\r\n").encode() + b"\r\n\r\n{")


def drip_body_of_a_closing_connection(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{")


def drip_continue(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 3)


@pytest.mark.parametrize(
    "beginning", [drip_nothing, drip_headers, drip_body, drip_body_of_a_closing_connection, drip_continue]
)
def test_a_server_that_drips_is_cut_off_at_the_deadline(beginning: Script) -> None:
    clock = StageClock(FakeClock())
    gone = threading.Event()

    def drip(connection: socket.socket) -> None:
        beginning(connection)
        clock.stage.set()
        read_until_closed(connection)
        gone.set()

    with RawServer(drip) as server, uplink_to(server.url, clock) as uplink:
        with pytest.raises(HubUnreachable, match="within 20 s"):
            uplink.deliver(BATCH)
        assert gone.wait(PATIENCE_S)


def test_a_tls_handshake_that_never_ends_is_cut_off_at_the_deadline() -> None:
    clock = StageClock(FakeClock())
    gone = threading.Event()

    def silent(connection: socket.socket) -> None:
        connection.recv(1)
        clock.stage.set()
        read_until_closed(connection)
        gone.set()

    with RawServer(silent) as server, uplink_to(server.url.replace("http:", "https:"), clock) as uplink:
        with pytest.raises(HubUnreachable, match="within 20 s"):
            uplink.deliver(BATCH)
        assert gone.wait(PATIENCE_S)


def test_after_a_server_that_dripped_the_next_batch_is_delivered() -> None:
    clock = StageClock(FakeClock())
    first = threading.Event()

    def script(connection: socket.socket) -> None:
        if not first.is_set():
            first.set()
            drip_body(connection)
            clock.stage.set()
            read_until_closed(connection)
        answering(JSON_HEAD, GOOD)(connection)

    with RawServer(script) as server, uplink_to(server.url, clock) as uplink:
        with pytest.raises(HubUnreachable):
            uplink.deliver(BATCH)
        uplink._client._clock = SystemClock()
        assert uplink.deliver(BATCH) == Receipt(3)


def test_closing_ends_a_running_request_from_another_thread() -> None:
    reached = threading.Event()

    def silent(connection: socket.socket) -> None:
        read_request(connection)
        reached.set()
        read_until_closed(connection)

    caught: list[Exception] = []
    with RawServer(silent) as server, uplink_to(server.url) as uplink:

        def run() -> None:
            try:
                uplink.deliver(BATCH)
            except HubUnreachable as error:
                caught.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        assert reached.wait(PATIENCE_S)
        uplink.close()
        thread.join(PATIENCE_S / 2)
        assert not thread.is_alive()
    assert [str(error) for error in caught] == ["the uplink was closed"]


def test_a_closed_uplink_sends_nothing_more() -> None:
    with RawServer(answering(JSON_HEAD, GOOD)) as server, uplink_to(server.url) as uplink:
        uplink.deliver(BATCH)
        uplink.close()
        uplink.close()
        with pytest.raises(HubUnreachable):
            uplink.deliver(BATCH)
        assert server.connections == 1


class Flood:
    """Sends *head* and then the same piece until the other side has had enough."""

    def __init__(self, start: str, piece: bytes) -> None:
        self._start = start
        self._piece = piece
        self.sent = 0

    def __call__(self, connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(self._start.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        while self.sent < 256 * 1024 * 1024:
            connection.sendall(self._piece)
            self.sent += len(self._piece)


BOMB = gzip.compress(bytes(1024 * 1024)) * 200


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (head(Content_Encoding="gzip"), BOMB),
        (head("302 Found", Location="/elsewhere", Content_Encoding="gzip"), BOMB),
        (head("307 Temporary Redirect", Location="/elsewhere"), bytes(65_536)),
        (head(), bytes(65_536)),
        (head(Content_Length=10**12), bytes(65_536)),
        (head(Transfer_Encoding="chunked"), b"10000\r\n" + bytes(65_536) + b"\r\n"),
    ],
)
def test_a_flood_or_a_bomb_is_nonsense_after_a_few_kilobytes(start: str, piece: bytes) -> None:
    flood = Flood(start, piece)
    with pytest.raises(HubNonsense):
        deliver_to(flood)
    assert flood.sent < 32 * 1024 * 1024  # what the kernel's buffers take; a reader would have taken it all
