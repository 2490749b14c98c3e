"""Fetching bundles over a line that does its worst: bounded in time and memory, and only what was asked for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from device.clock import Clock, SystemClock
from device.crypto.signing import RequestSignature
from device.errors import BundleRefused, HubNonsense, HubRefused, HubUnreachable
from device.uplink.bundles import LEAST_BYTES_A_S, BundleClient
from device.wire import catalogue, state
from device.wire.bundle import BundleKind, Incoming
from device.wire.catalogue import Offer
from device.wire.state_records import StateAnswer
from tests.support.fake_bundles import bundle_bytes
from tests.support.fake_enrolment import ROOT, enrolled
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
from tests.support.gate_states import QUIET
from tests.support.golden_catalogue import LISTED, SAID

GATE = enrolled()
BODY = bundle_bytes(BundleKind.TRUST, 7, b"[]" * 50_000)
OFFER = Offer(BundleKind.TRUST, 7, len(BODY))
JSON = "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: {}"
OCTETS = "HTTP/1.1 200 OK\nContent-Type: application/octet-stream\nContent-Length: {}"


def asking(script: Script, ask: Callable[[BundleClient], object], clock: Clock | None = None) -> object:
    with RawServer(script) as server:
        client = BundleClient(server.url, GATE, clock or SystemClock(), deadline_s=10)
        try:
            return ask(client)
        finally:
            client.close()


def fetch(script: Script, clock: Clock | None = None) -> Incoming:
    incoming = Incoming([ROOT.public])
    asking(script, lambda desk: desk.fetch(OFFER, incoming, lambda: None), clock)
    return incoming


def test_the_catalogue_is_asked_for_with_a_signature_and_read() -> None:
    seen: list[bytes] = []

    def script(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(JSON.format(len(LISTED)).replace("\n", "\r\n").encode() + b"\r\n\r\n" + LISTED)

    assert asking(script, BundleClient.catalogue) == SAID
    head, _, body = seen[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert (first, body) == ("POST /v1/bundles HTTP/1.1", catalogue.encode_question())
    signature = RequestSignature.read(headers)
    assert signature.holds(GATE.key.public, "POST", headers["Host"], "/v1/bundles", "identity")
    assert signature.covers(body)


def test_a_bundle_comes_piece_by_piece() -> None:
    pauses: list[None] = []
    incoming = Incoming([ROOT.public])
    script = answering(OCTETS.format(len(BODY)), BODY)
    asking(script, lambda client: client.fetch(OFFER, incoming, lambda: pauses.append(None)))
    assert incoming.whole().content == b"[]" * 50_000
    assert len(pauses) >= 2


def test_a_download_that_is_not_wanted_is_left_after_its_head_and_the_line_is_cut() -> None:
    gone = threading.Event()

    def endless(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OCTETS.format(10**9).replace("\n", "\r\n").encode() + b"\r\n\r\n" + BODY[:400])
        connection.sendall(b"x" * 100_000)
        read_until_closed(connection)
        gone.set()

    with pytest.raises(BundleRefused, match="longer than its head says"):
        fetch(endless)
    assert gone.wait(PATIENCE_S)


@pytest.mark.parametrize(
    "script",
    [
        answering("HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 2", b"hi"),
        answering(JSON.format(2), b"{}"),
        answering("HTTP/1.1 302 Found\nLocation: http://127.0.0.1/\nContent-Length: 0"),
        answering(OCTETS.format(len(BODY)) + "\nContent-Encoding: gzip", BODY),
    ],
)
def test_a_page_a_redirect_and_what_was_compressed_are_no_download(script: Script) -> None:
    with pytest.raises(HubNonsense):
        fetch(script)


def test_a_download_that_ends_early_is_no_bundle() -> None:
    def short(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OCTETS.format(len(BODY)).replace("\n", "\r\n").encode() + b"\r\n\r\n" + BODY[:5000])

    with pytest.raises((HubUnreachable, BundleRefused)):
        fetch(short).whole()


def test_a_line_that_drips_is_cut_when_the_time_its_size_needs_has_passed() -> None:
    fake = FakeClock()
    clock, gone = StageClock(fake), threading.Event()

    def drip(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OCTETS.format(len(BODY)).replace("\n", "\r\n").encode() + b"\r\n\r\n" + BODY[:300])
        clock.stage.set()
        read_until_closed(connection)
        gone.set()

    with pytest.raises(HubUnreachable, match="no answer within"):
        fetch(drip, clock)
    assert gone.wait(PATIENCE_S)
    assert fake.waits == [10 + len(BODY) / LEAST_BYTES_A_S]


def test_refusals_and_nonsense_are_told_apart() -> None:
    with pytest.raises(HubRefused, match="404"):
        fetch(answering("HTTP/1.1 404 Not Found\nContent-Length: 0"))
    with pytest.raises(HubNonsense, match="no catalogue"):
        asking(answering(JSON.format(2), b"{}"), BundleClient.catalogue)


def test_a_report_is_posted_signed_and_its_answer_read() -> None:
    seen: list[bytes] = []
    body, said = state.encode_state(QUIET, []), state.encode_answer(StateAnswer(frozenset({500_000})))

    def script(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(JSON.format(len(said)).replace("\n", "\r\n").encode() + b"\r\n\r\n" + said)

    assert asking(script, lambda client: client.report(body)) == StateAnswer(frozenset({500_000}))
    head, _, sent = seen[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert (first, sent) == ("POST /v1/state HTTP/1.1", body)
    signature = RequestSignature.read(headers)
    assert signature.holds(GATE.key.public, "POST", headers["Host"], state.PATH, "identity")
    assert signature.covers(body)


def test_what_is_no_answer_to_a_report_and_a_hub_that_has_no_such_page_are_told_apart() -> None:
    body = state.encode_state(QUIET, [])
    with pytest.raises(HubNonsense, match="state report"):
        asking(answering(JSON.format(2), b"{}"), lambda client: client.report(body))
    with pytest.raises(HubRefused) as caught:
        asking(answering(JSON.format(2).replace("200 OK", "404 Not Found"), b"{}"), lambda client: client.report(body))
    assert caught.value.status == 404
