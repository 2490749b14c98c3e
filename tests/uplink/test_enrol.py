from __future__ import annotations

import json
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.enrolment import pairing
from device.enrolment.code import new_code
from device.enrolment.document import Enrolment
from device.errors import EnrolUnproven, HubUnreachable
from device.hub.folder import HubFolder
from device.strict_json import base64_of
from device.uplink.enrol import GIVE_UP_S, UNPROVEN_PAUSE, Enroller, EnrolmentClient, enrol
from tests.support.fake_server import PATIENCE_S, RawServer, answering, read_request
from tests.support.fakes import FakeClock


def answer(status: str, body: bytes) -> str:
    return f"HTTP/1.1 {status}\nContent-Type: application/json\nContent-Length: {len(body)}"


def hello_of(folder: Path, contract: str) -> bytes:
    """Return a true hub's hello, as one of another contract version might say it."""
    identity = HubFolder.create(folder, SystemClock()).public_identity()
    said = {"hub_key": base64_of(identity.root), "hub_nonce": base64_of(bytes(32)), "ca": identity.ca}
    return json.dumps({"contract": contract, **said}).encode()


def test_a_hub_that_says_it_speaks_another_version_means_upgrade_one_of_the_two(tmp_path: Path) -> None:
    body = b'{"error": "contract: this side speaks gate/9"}'
    with RawServer(answering(answer("409 Conflict", body), body)) as hub:
        with pytest.raises(
            EnrolUnproven, match=r"another version .* than this gate \(gate/1\): upgrade one of the two"
        ):
            enrol(tmp_path, new_code(), EnrolmentClient(hub.url, SystemClock(), PATIENCE_S))
        assert hub.connections == 1


def test_a_hub_that_answers_in_another_version_means_the_same(tmp_path: Path) -> None:
    (tmp_path / "gate").mkdir()
    body = hello_of(tmp_path / "hub", "gate/9")
    with RawServer(answering(answer("200 OK", body), body)) as hub:
        with pytest.raises(EnrolUnproven, match="upgrade one of the two"):
            enrol(tmp_path / "gate", new_code(), EnrolmentClient(hub.url, SystemClock(), PATIENCE_S))
        assert hub.connections == 1


def test_a_conflict_after_a_good_hello_is_about_the_gate_and_not_the_version(tmp_path: Path) -> None:
    (tmp_path / "gate").mkdir()
    hello = hello_of(tmp_path / "hub", "gate/1")

    def script(connection: socket.socket) -> None:
        while request := read_request(connection):
            greeted = pairing.HELLO_PATH.encode() in request.partition(b"\r\n")[0]
            status, body = ("200 OK", hello) if greeted else ("409 Conflict", b"{}")
            connection.sendall(answer(status, body).replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)

    with RawServer(script) as hub, pytest.raises(EnrolUnproven, match="--again"):
        enrol(tmp_path / "gate", new_code(), EnrolmentClient(hub.url, SystemClock(), PATIENCE_S))


def test_a_code_is_given_up_twenty_minutes_after_the_first_try_and_the_log_says_what_to_do(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, tries_s = FakeClock(), list[float]()

    class Passing(FakeClock):
        def wait(self, until: threading.Event, timeout_s: float) -> bool:
            clock.advance(round(timeout_s * 1000))
            return until.is_set()

        def monotonic_s(self) -> float:
            return clock.monotonic_s()

    def unreachable() -> Enrolment:
        tries_s.append(clock.monotonic_s())
        raise HubUnreachable("nobody there")

    Enroller(unreachable, Passing(), lambda: 1.0).run()
    assert GIVE_UP_S - 300 < tries_s[-1] - tries_s[0] < GIVE_UP_S
    assert len(tries_s) < 20
    assert caplog.text.count("event=enrolment-given-up") == 1
    assert "make a new one there" in caplog.text


def test_after_a_refusal_that_nobody_proved_the_gate_goes_on_and_slowly(caplog: pytest.LogCaptureFixture) -> None:
    waited_s, told = list[float](), list[str]()

    class Passing(FakeClock):
        def wait(self, until: threading.Event, timeout_s: float) -> bool:
            waited_s.append(timeout_s)
            if len(waited_s) == 3:
                enroller.close()
            return until.is_set()

    def refused() -> Enrolment:
        raise EnrolUnproven("answered 403")

    enroller = Enroller(refused, Passing(), lambda: 0.0, told.append)
    enroller.run()
    assert waited_s == [UNPROVEN_PAUSE.total_seconds()] * 3
    assert told == ["answered 403"]
    assert caplog.text.count("event=enrolment-waits") == 1


def test_what_a_busy_hub_asks_for_is_waited_and_it_is_no_portal(tmp_path: Path) -> None:
    head = answer("429 Too Many Requests", b"{}") + "\nRetry-After: 40"
    client, waited_s = EnrolmentClient("", SystemClock(), PATIENCE_S), list[float]()

    class Passing(FakeClock):
        def wait(self, until: threading.Event, timeout_s: float) -> bool:
            waited_s.append(timeout_s)
            enroller.close()
            return until.is_set()

    with RawServer(answering(head, b"{}")) as hub:
        client = replace(client, url=hub.url)
        enroller = Enroller(lambda: enrol(tmp_path, new_code(), client), Passing(), lambda: 0.0)
        enroller.run()
    assert waited_s == [40.0]
