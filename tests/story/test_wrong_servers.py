"""Something else answers than the hub, or the line to it is bad: nothing is settled that is not there."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.gate.link_status import LinkState
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from device.hub.serve import listen
from device.wire.checkins import CONTRACT
from tests.story.fleet import FleetGate, at_the_centre, names, patiently
from tests.support.fake_server import (
    LOOPBACK,
    PATIENCE_S,
    HubThread,
    RawServer,
    Script,
    answering,
    read_request,
    read_until_closed,
)
from tests.support.threads import running

ROWS = 120


def receipt(cursor: object, *parked: object) -> Script:
    body = json.dumps({"contract": CONTRACT, "cursor": cursor, "parked": parked}).encode()
    return answering(f"HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: {len(body)}", body)


def page(status: str, *headers: str, body: bytes = b"<html>Wi-Fi</html>") -> Script:
    return answering("\n".join([f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"]), body)


def drip(connection: socket.socket) -> None:
    """Send one byte, and then nothing for ever."""
    read_request(connection)
    connection.sendall(b"H")
    read_until_closed(connection)


def reset(connection: socket.socket) -> None:
    connection.recv(100)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def bomb(connection: socket.socket) -> None:
    read_request(connection)
    head = "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Encoding: gzip\nContent-Length: 99999999\n\n"
    connection.sendall(head.replace("\n", "\r\n").encode())
    connection.sendall(gzip.compress(bytes(10_000_000)))


WRONG = {
    "drip": drip,
    "reset": reset,
    "bomb": bomb,
    "silence": read_until_closed,
    "portal-200": page("200 OK", "Content-Type: text/html"),
    "portal-302": page("302 Found", "Location: http://127.0.0.1:9/login"),
    "redirect-307": page("307 Temporary Redirect", "Location: http://127.0.0.1:9/v1/checkins"),
    "not-http": page("OK 200"),
    "500": page("500 Internal Server Error"),
    "429": page("429 Too Many Requests", "Retry-After: 1000000000"),
    "401": page("401 Unauthorized"),
    "unsigned-403": page("403 Forbidden", "Content-Type: application/json", body=b'{"contract":"gate/1","revoked":{}}'),
    "404": page("404 Not Found"),
    "beyond-the-batch": receipt(ROWS + 1),
    "never-sent": receipt(10**15),
    "parks-what-was-not-sent": receipt(ROWS, [ROWS + 5, "fork"]),
    "no-number": receipt("all"),
    "another-contract": answering(
        "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 40",
        b'{"contract":"gate/9","cursor":120}'.ljust(40),
    ),
}


FIRST = {wrong: 1_000 * number + 1 for number, wrong in enumerate(WRONG)}
"""The first visitor of each story: all gates share one hub, where everybody has a number of their own."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> HubFolder:
    return HubFolder.create(tmp_path_factory.mktemp("hub") / "hub", SystemClock())


@pytest.fixture
def hub_folder(tmp_path: Path) -> HubFolder:
    return HubFolder.create(tmp_path / "hub", SystemClock())


@pytest.fixture
def gate(tmp_path: Path, hub_folder: HubFolder) -> Iterator[FleetGate]:
    with FleetGate(tmp_path / "state", hub_folder.add_gate("Cổng A")) as gate:
        gate.record(*range(1, ROWS + 1))
        yield gate


@pytest.mark.parametrize("wrong", WRONG)
def test_whatever_answers_nothing_is_settled_and_the_hub_gets_all_of_it_afterwards(
    tmp_path: Path, shared: HubFolder, wrong: str
) -> None:
    visitors = range(FIRST[wrong], FIRST[wrong] + ROWS)
    with FleetGate(tmp_path / "state", shared.add_gate(wrong)) as gate:
        gate.record(*visitors)
        epoch = gate.ledger.epoch
        with RawServer(WRONG[wrong]) as server:
            gate.deliver(server.url, lambda _: len(gate.clock.pauses) >= 2, deadline_s=0.3)
        assert (gate.waiting(), gate.ledger.epoch) == (ROWS, epoch)
        assert max(gate.clock.pauses) <= 15 * 60 + 300  # the longest Retry-After that is heeded, and the jitter
        with HubThread(shared) as hub:
            gate.deliver(hub.url)
    stored, alarms, apart = at_the_centre(shared)
    assert stored[-ROWS:] == names(*visitors)
    assert (len(stored) % ROWS, len(set(stored)), alarms, apart) == (0, len(stored), [], 0)


def test_where_the_hubs_name_leads_elsewhere_tls_refuses_and_nothing_of_a_batch_is_sent(
    tmp_path: Path, gate: FleetGate, hub_folder: HubFolder
) -> None:
    other = HubFolder.create(tmp_path / "other", SystemClock())
    with HubProcess(other.path, tls=True) as poisoned:
        gate.deliver(poisoned.url, lambda delivery: delivery.link.error == "nonsense")
        assert gate.waiting() == ROWS
    with HubProcess(hub_folder.path, tls=True) as hub:
        gate.deliver(hub.url)
    assert at_the_centre(other) == ([], [], 0)
    assert at_the_centre(hub_folder)[0] == names(*range(1, ROWS + 1))


def test_a_line_on_which_large_requests_never_arrive_is_used_with_small_ones(
    tmp_path: Path, hub_folder: HubFolder
) -> None:
    """As with a hole in the path's MTU, or a proxy that gives up: 16 KiB of a request pass, then nothing."""
    lengths: list[int] = []

    def narrow(connection: socket.socket) -> None:
        while request := read_request(connection):
            lengths.append(len(request))
            if len(request) > 32 * 1024:
                read_until_closed(connection)
                return
            with socket.create_connection((LOOPBACK, hub_port), timeout=PATIENCE_S) as beyond:
                beyond.sendall(request)
                connection.sendall(read_request(beyond))

    with HubThread(hub_folder) as hub, FleetGate(tmp_path / "state", hub_folder.add_gate("Cổng A")) as gate:
        hub_port = int(hub.url.rpartition(":")[2])
        gate.record(*range(1, 301))
        with RawServer(narrow) as line:
            gate.deliver(line.url, deadline_s=0.6)
    assert max(lengths) > 32 * 1024 > min(lengths)
    assert at_the_centre(hub_folder) == (names(*range(1, 301)), [], 0)


def test_a_hub_that_has_only_ipv6_is_reached(gate: FleetGate, hub_folder: HubFolder) -> None:
    try:
        (listener,) = listen("::1", 0)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with HubThread(hub_folder, listener=listener) as hub:
        gate.deliver(f"http://[::1]:{listener.getsockname()[1]}")
        assert hub.store.count()["checkins"] == ROWS


def test_a_link_that_goes_on_failing_costs_nothing_and_is_told_once(
    gate: FleetGate, caplog: pytest.LogCaptureFixture
) -> None:
    with RawServer(page("503 Service Unavailable")) as server:
        to_server = gate.delivery(server.url)
        with running(to_server.delivery):
            patiently(lambda: len(gate.clock.pauses) >= 12)
    assert to_server.link.state is LinkState.OFFLINE
    assert sum("event=link" in message for message in caplog.messages) == 1
    assert all(pause <= 300 for pause in gate.clock.pauses)
