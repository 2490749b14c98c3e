"""The question on the wire: signed, in the body only, cut off at its deadline, and proof against any answer."""

from __future__ import annotations

import logging
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.clock import Clock, SystemClock
from device.crypto.signing import RequestSignature
from device.errors import HubNonsense, HubRefused, HubUnreachable, UplinkError, WireError
from device.model import HealthColour, Status
from device.uplink.hub import StatusClient
from device.wire import checkins as wire
from device.wire.status import decode_question, decode_status, encode_question, encode_status
from tests.support.fake_enrolment import enrolled
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

GOLDEN = Path(__file__).parents[1] / "golden" / "wire"
GATE = enrolled()
NUMBER = "051090001234"
KEYS = (f"citizen:{NUMBER}",)
PATIENT_MS = 2_000
JSON = "HTTP/1.1 {status}\nContent-Type: application/json\nContent-Length: {length}"
WELL = Status(declared=True, health=HealthColour.GREEN, doses=2)


def ask(script: Script, clock: Clock | None = None, deadline_ms: int = PATIENT_MS) -> Status:
    with RawServer(script) as server:
        client = StatusClient(server.url, GATE, clock or SystemClock())
        try:
            return client.ask(KEYS, deadline_ms)
        finally:
            client.close()


def said(body: bytes, status: str = "200 OK") -> Script:
    return answering(JSON.format(status=status, length=len(body)), body)


def test_the_examples_made_by_hand_are_read_and_written() -> None:
    question, status = ((GOLDEN / f"{name}.json").read_bytes().strip() for name in ("status-question", "status"))
    keys = (f"citizen:{NUMBER}", "insurance:5120001234")
    assert (decode_question(question), encode_question(keys)) == (keys, question)
    assert (decode_status(status), encode_status(WELL)) == (WELL, status)


def test_a_question_is_signed_and_its_number_stands_in_the_body_alone() -> None:
    seen: list[bytes] = []
    body = encode_status(WELL)

    def script(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(JSON.format(status="200 OK", length=len(body)).replace("\n", "\r\n").encode())
        connection.sendall(b"\r\n\r\n" + body)

    assert ask(script) == WELL
    head, _, sent = seen[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert first == "POST /v1/status HTTP/1.1"
    assert NUMBER not in head.decode()
    assert decode_question(sent) == KEYS
    signature = RequestSignature.read(headers)
    assert signature.holds(GATE.key.public, "POST", headers["Host"], "/v1/status", "identity")
    assert signature.covers(sent)


def drip_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: a")


def drip_body(connection: socket.socket) -> None:
    connection.sendall(JSON.format(status="200 OK", length=90).replace("\n", "\r\n").encode() + b"\r\n\r\n{")


@pytest.mark.parametrize("beginning", [lambda _: None, drip_head, drip_body])
def test_a_hub_that_drips_is_cut_off_at_the_deadline_of_the_policy(beginning: Script) -> None:
    fake = FakeClock()
    clock, gone = StageClock(fake), threading.Event()

    def drip(connection: socket.socket) -> None:
        read_request(connection)
        beginning(connection)
        clock.stage.set()
        read_until_closed(connection)
        gone.set()

    with RawServer(drip) as server:
        client = StatusClient(server.url, GATE, clock)
        with pytest.raises(HubUnreachable, match=r"within 0\.3 s"):
            client.ask(KEYS, 300)
        assert gone.wait(PATIENCE_S)
        client.close()
    assert fake.waits == [0.3]


def test_the_wait_has_a_limit_whatever_a_policy_says() -> None:
    fake = FakeClock()
    clock = StageClock(fake)

    def silent(connection: socket.socket) -> None:
        read_request(connection)
        clock.stage.set()
        read_until_closed(connection)

    with pytest.raises(HubUnreachable):
        ask(silent, clock, deadline_ms=3_600_000)
    assert fake.waits == [2.0]


HUGE = b'{"contract":"gate/1","status":{"declared":true,"x":"' + b"a" * wire.RECEIPT_MOST_BYTES + b'"}}'


@pytest.mark.parametrize(
    "body",
    [
        HUGE,
        b"",
        b"null",
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"contract":"gate/2","status":{}}',
        b'{"contract":"gate/1"}',
        b'{"contract":"gate/1","status":[]}',
        b'{"contract":"gate/1","status":{"health":"purple"}}',
        b'{"contract":"gate/1","status":{"health":1}}',
        b'{"contract":"gate/1","status":{"declared":"yes"}}',
        b'{"contract":"gate/1","status":{"declared":1}}',
        b'{"contract":"gate/1","status":{"doses":-1}}',
        b'{"contract":"gate/1","status":{"doses":1e300}}',
        b'{"contract":"gate/1","status":{"doses":NaN}}',
        b'{"contract":"gate/1","status":{"doses":true}}',
        b'{"contract":"gate/1","status":{"doses":100}}',
        b'{"contract":"gate/1","status":{"declared":true,"declared":false}}',
    ],
)
def test_an_answer_that_is_huge_or_nonsense_is_no_status(body: bytes) -> None:
    with pytest.raises(HubNonsense):
        ask(said(body))


def test_a_page_a_redirect_and_a_refusal_are_no_status() -> None:
    with pytest.raises(HubNonsense):
        ask(answering("HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 2", b"hi"))
    with pytest.raises(HubNonsense):
        ask(answering("HTTP/1.1 302 Found\nLocation: http://127.0.0.1/\nContent-Length: 0"))
    with pytest.raises(HubRefused):
        ask(said(b"{}", "503 Service Unavailable"))


def test_a_hub_that_is_not_there_is_unreachable_and_no_error_names_the_person(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    errors: list[UplinkError] = []
    echo = f'{{"contract":"gate/1","status":{{"health":"{NUMBER}"}}}}'.encode()
    for script in (lambda connection: connection.close(), said(echo), said(echo, "500 Broken")):
        with pytest.raises(UplinkError) as caught:
            ask(script)
        errors.append(caught.value)
    assert NUMBER not in " ".join(map(str, errors)) + caplog.text


def test_an_answer_may_say_more_or_less_than_we_know() -> None:
    assert decode_status(b'{"contract":"gate/1","status":{"colour_of_hat":"red"},"page":2}') == Status()


@pytest.mark.parametrize(
    "keys",
    [
        "[]",
        '"citizen:051090001234"',
        '["051090001234"]',
        '["citizen:51090001234"]',
        '["citizen:051090001234\\n"]',
        '["name:AN:1990-01-01"]',
        '["citizen:051090001234","citizen:051090001235"]',
        '["national:"]',
    ],
)
def test_a_question_that_breaks_the_contract_is_refused(keys: str) -> None:
    with pytest.raises(WireError) as caught:
        decode_question(f'{{"contract":"gate/1","keys":{keys}}}'.encode())
    assert "0510" not in str(caught.value)


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_reading_gives_an_object_or_a_wire_error(body: bytes) -> None:
    for read in (decode_status, decode_question):
        with suppress(WireError):
            assert read(body) is not None
