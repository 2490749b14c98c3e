"""The webhook: signed as a gate's, no redirect, no web page, no endless answer; every failure is a word."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.errors import AlertUntold
from device.hub.alerts.deadline import Visitor
from device.hub.alerts.message import TEST, Event, What, messages_of
from device.hub.alerts.rules import Found, Rule
from device.hub.alerts.sinks import Sender, why_untold
from device.hub.alerts.webhook import WebhookAddress, WebhookSink
from tests.support.authority import authority
from tests.support.fake_server import PATIENCE_S, RawServer, StageClock, answering, read_request
from tests.support.fake_webhook import DROP, WebhookServer

SECRET = "a-secret-of-two-sides"
AT_MS = 1_767_571_200_000
SENDER = Sender("hub.example.vn", "0011223344556677", "https://hub.example.vn:8443/alerts")
FOUND = Found("Cổng A", "Chợ Mới", "Huế", "gate-1", "place-1", AT_MS - 60_000)
(MESSAGE,) = messages_of([Event.of(What.BEGAN, Rule.SILENT, "gate-1", FOUND, AT_MS)], 5)


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "alerts.secret"
    path.write_text(f"{SECRET}\n")
    path.chmod(0o600)
    return path


def sink_of(url: str, secret_file: Path, ca_file: Path | None = None) -> WebhookSink:
    return WebhookSink(WebhookAddress(url, secret_file, ca_file, PATIENCE_S), SENDER, Visitor(SystemClock()))


def word_of(sink: WebhookSink) -> str:
    with pytest.raises(AlertUntold) as caught:
        sink.tell("hub/1/2", AT_MS, MESSAGE)
    return caught.value.word


def test_a_message_is_signed_and_named_as_a_gates_check_in_is(secret_file: Path) -> None:
    with WebhookServer(SECRET) as server:
        sink_of(f"{server.url}/alerts", secret_file).tell("hub/1/2", AT_MS, MESSAGE)
        sink_of(server.url, secret_file).tell("hub/3/4", AT_MS, TEST)
    document = server.taken["hub/1/2"]
    assert document["alerts"] == [
        {
            "what": "began",
            "rule": "silent",
            "subject": "gate-1",
            "name": "Cổng A",
            "place": "Chợ Mới",
            "province": "Huế",
            "since": "2026-01-04T23:59:00Z",
            "at": "2026-01-05T00:00:00Z",
            "detail": "",
        }
    ]
    assert {name: document[name] for name in ("hub", "kind", "counts", "left_out", "page")} == {
        "hub": "hub.example.vn",
        "kind": "alert",
        "counts": {"silent": {"began": 1, "ended": 0}},
        "left_out": 0,
        "page": "https://hub.example.vn:8443/alerts",
    }
    assert document["text"].startswith("[hub.example.vn] gate silent: Cổng A")
    assert server.taken["hub/3/4"]["kind"] == "test"


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ("HTTP/1.1 500 Internal Server Error", "status-500"),
        ("HTTP/1.1 401 Unauthorized", "status-401"),
        ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/elsewhere", "status-302"),
        ("HTTP/1.1 200 OK\r\nContent-Type: text/html", "web-page"),
        (DROP, "unreachable"),
    ],
)
def test_what_is_no_answer_of_such_a_server_is_a_word_and_no_redirect_is_followed(
    secret_file: Path, answer: str, word: str
) -> None:
    with WebhookServer(SECRET, lambda _n, _d: answer) as server:
        assert word_of(sink_of(server.url, secret_file)) == word
        assert server.connections == 1
    assert why_untold(word) != word


def test_what_the_server_had_already_is_taken_and_how_long_it_wants_to_rest_is_heeded(secret_file: Path) -> None:
    with WebhookServer(SECRET, lambda _n, _d: "HTTP/1.1 409 Conflict") as server:
        sink_of(server.url, secret_file).tell("hub/1/2", AT_MS, MESSAGE)
    for asked, wait_s in (("7", 7), ("999999", 900), ("-1", 0), ("soon", 0)):
        head = f"HTTP/1.1 503 Service Unavailable\nRetry-After: {asked}\nContent-Length: 0"
        with RawServer(answering(head)) as server, pytest.raises(AlertUntold) as caught:
            sink_of(server.url, secret_file).tell("hub/1/2", AT_MS, MESSAGE)
        assert caught.value.wait_s == wait_s


@pytest.mark.parametrize("beginning", ["", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nab"])
def test_a_server_that_hangs_or_drips_is_left_at_the_deadline(secret_file: Path, beginning: str) -> None:
    clock = StageClock(SystemClock())

    def drip(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(beginning.encode())
        clock.stage.set()
        while connection.recv(1024):  # until the other side has gone
            pass

    with RawServer(drip) as server:
        sink = WebhookSink(WebhookAddress(server.url, secret_file, None, 0.2), SENDER, Visitor(clock))
        assert word_of(sink) == "late"


def test_a_server_is_trusted_by_its_named_authority_alone(secret_file: Path, tmp_path: Path) -> None:
    made = authority(tmp_path / "ca")
    with WebhookServer(SECRET, tls=made.context) as server:
        assert word_of(sink_of(server.url, secret_file)) == "untrusted"
        assert server.requests == []
        sink_of(server.url, secret_file, made.ca_file).tell("hub/1/2", AT_MS, MESSAGE)
        assert word_of(sink_of(server.url, secret_file, secret_file)) == "file"
    assert list(server.taken) == ["hub/1/2"]


def test_where_nobody_listens_or_the_secret_cannot_be_used_nothing_is_sent(secret_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert word_of(sink_of(f"http://127.0.0.1:{port}", secret_file)) == "unreachable"
    secret_file.chmod(0o644)
    with WebhookServer(SECRET) as server:
        assert word_of(sink_of(server.url, secret_file)) == "file"
        secret_file.chmod(0o600)
        secret_file.write_text("short")
        assert word_of(sink_of(server.url, secret_file)) == "file"
    assert server.connections == 0


def test_a_sink_that_was_closed_sends_nothing_more(secret_file: Path) -> None:
    with WebhookServer(SECRET) as server:
        sink = sink_of(server.url, secret_file)
        sink.close()
        assert word_of(sink) == "late"
    assert server.requests == []


def test_what_is_told_names_no_secret_and_no_address(secret_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(AlertUntold) as caught:
        sink_of(f"http://127.0.0.1:{port}", secret_file).tell("hub/1/2", AT_MS, MESSAGE)
    told = json.dumps([str(caught.value), repr(caught.value), why_untold(caught.value.word)])
    assert SECRET not in told
    assert str(port) not in told
