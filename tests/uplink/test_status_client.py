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
from device.errors import HubLate, HubNonsense, HubRefused, HubUnreachable, UplinkError, WireError
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
    assert fake.waits == [0.3, 2.0]  # for the visitor, and for the line


def test_the_wait_has_a_limit_whatever_a_policy_says() -> None:
    fake = FakeClock()
    clock = StageClock(fake)

    def silent(connection: socket.socket) -> None:
        read_request(connection)
        clock.stage.set()
        read_until_closed(connection)

    with pytest.raises(HubUnreachable):
        ask(silent, clock, deadline_ms=3_600_000)
    assert set(fake.waits) == {2.0}


class LateClock(FakeClock):
    """The first deadline passes at once; every other wait lasts until its event is set."""

    def __init__(self) -> None:
        super().__init__()
        self.late, self.late_over = False, threading.Event()

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        if not self.late:
            self.late = True
            return False
        found = until.wait(PATIENCE_S)
        if timeout_s == 2.0:
            self.late_over.set()
        return found


def answer_now(connection: socket.socket) -> None:
    body = encode_status(WELL)
    head = JSON.format(status="200 OK", length=len(body)).replace("\n", "\r\n")
    connection.sendall(head.encode() + b"\r\n\r\n" + body)


def test_an_answer_that_is_late_is_waited_for_and_leaves_its_line_to_the_next_question() -> None:
    clock, hold = LateClock(), threading.Event()

    def slow_at_first(connection: socket.socket) -> None:
        while read_request(connection):
            assert hold.wait(PATIENCE_S)
            answer_now(connection)

    with RawServer(slow_at_first) as server:
        client = StatusClient(server.url, GATE, clock)
        with pytest.raises(HubLate):
            client.ask(KEYS, 300)
        hold.set()
        assert clock.late_over.wait(PATIENCE_S)
        assert client.ask(KEYS, 300) == WELL
        client.close()
    assert server.connections == 1


def test_a_question_beside_one_that_is_still_late_has_a_line_of_its_own() -> None:
    clock, hold, first = LateClock(), threading.Event(), threading.Event()

    def deaf_at_first(connection: socket.socket) -> None:
        while read_request(connection):
            if not first.is_set():
                first.set()
                hold.wait(PATIENCE_S)
            answer_now(connection)

    with RawServer(deaf_at_first) as server:
        client = StatusClient(server.url, GATE, clock)
        with pytest.raises(HubLate):
            client.ask(KEYS, 300)
        assert first.wait(PATIENCE_S)
        assert client.ask(KEYS, 300) == WELL
        hold.set()
        assert client.ask(KEYS, 300) == WELL
        client.close()
    assert server.connections == 2


def test_closing_ends_a_question_that_is_late() -> None:
    clock, gone = LateClock(), threading.Event()

    def silent(connection: socket.socket) -> None:
        read_until_closed(connection)
        gone.set()

    with RawServer(silent) as server:
        client = StatusClient(server.url, GATE, clock)
        with pytest.raises(HubLate):
            client.ask(KEYS, 300)
        client.close()
        assert gone.wait(PATIENCE_S)


def test_a_used_line_that_ends_before_the_first_byte_is_replaced_within_the_question() -> None:
    questions = iter(range(10))

    def ends_with_the_second_question(connection: socket.socket) -> None:
        while read_request(connection):
            if next(questions) == 1:
                return
            answer_now(connection)

    with RawServer(ends_with_the_second_question) as server:
        client = StatusClient(server.url, GATE, SystemClock())
        assert [client.ask(KEYS, PATIENT_MS) for _ in range(3)] == [WELL] * 3
        client.close()
    assert server.connections == 2


def test_a_fresh_line_that_ends_so_is_not_tried_again() -> None:
    def reads_and_ends(connection: socket.socket) -> None:
        read_request(connection)

    with RawServer(reads_and_ends) as server:
        client = StatusClient(server.url, GATE, SystemClock())
        with pytest.raises(HubUnreachable, match="cut before an answer came"):
            client.ask(KEYS, PATIENT_MS)
        client.close()
    assert server.connections == 1


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
