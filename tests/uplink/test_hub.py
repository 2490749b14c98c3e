from __future__ import annotations

import datetime as dt
import gzip
import socket
import struct
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.crypto.signing import RequestSignature, SigningKey
from device.errors import ConfigurationError, HubNonsense, HubRefused, HubRevoked, HubUnreachable
from device.model import Receipt
from device.uplink.hub import HubClient
from device.uplink.url import retry_after
from device.wire import checkins as wire
from device.wire.revocation import Revocation, encode_revocation, revocation_statement
from device.wire.time_fields import HubTime, time_statement
from tests.support.authority import authority
from tests.support.fake_enrolment import ROOT, enrolled
from tests.support.fake_server import (
    PATIENCE_S,
    RawServer,
    Script,
    answering,
    read_request,
)
from tests.support.fakes import FakeClock
from tests.uplink.delivering import BATCH, GATE, GOOD, JSON_HEAD, deliver_to, head, uplink_to


def test_a_batch_is_posted_gzipped_and_signed_and_the_receipt_comes_back() -> None:
    seen: list[bytes] = []

    def script(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(JSON_HEAD.replace("\n", "\r\n").encode() + b"\r\n\r\n" + GOOD)

    assert deliver_to(script) == Receipt(3)
    request, _, body = seen[0].partition(b"\r\n\r\n")
    lines = request.decode().split("\r\n")
    assert lines[0] == "POST /v1/checkins HTTP/1.1"
    assert {"Content-Encoding: gzip", "Accept-Encoding: identity"} <= set(lines)
    headers = dict(line.split(": ", 1) for line in lines[1:])
    assert "Authorization" not in headers
    signature = RequestSignature.read(headers)
    assert signature.device_id == GATE.device_id
    assert signature.holds(GATE.key.public, "POST", headers["Host"], "/v1/checkins", "gzip")
    assert signature.covers(body)
    signed = wire.decode_batch(gzip.decompress(body))
    assert (signed.batch, signed.head_signature) == (BATCH, GATE.key.sign(wire.head_of(BATCH)))


@pytest.mark.parametrize("lie", ["", "another question", "another gate", "another root", "no signature"])
def test_the_hubs_time_counts_only_as_the_roots_answer_to_this_very_batch(
    lie: str, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[int] = []

    def script(connection: socket.socket) -> None:
        _, _, body = read_request(connection).partition(b"\r\n\r\n")
        device_id = "gate-ffffff" if lie == "another gate" else GATE.device_id
        statement = time_statement(device_id, b"old" if lie == "another question" else body, 1_767_225_600_000)
        root = SigningKey.new() if lie == "another root" else ROOT
        answer = wire.encode_receipt(Receipt(3), HubTime(1_767_225_600_000, root.sign(statement)))
        answer = answer.replace(b'"signature"', b'"signed"') if lie == "no signature" else answer
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
        connection.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(answer), answer))

    with RawServer(script) as server:
        uplink = HubClient(server.url, GATE, SystemClock(), deadline_s=PATIENCE_S, told=heard.append)
        assert uplink.deliver(BATCH) == Receipt(3)
        uplink.close()
    assert heard == ([] if lie else [1_767_225_600_000])
    assert caplog.messages == (["event=hub-time state=unsigned"] if lie else [])


def test_a_chunked_receipt_is_read() -> None:
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD)
    assert deliver_to(answering(head(Transfer_Encoding="chunked"), chunked)) == Receipt(3)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_redirect_is_not_followed_and_the_batch_goes_nowhere_else(status: str) -> None:
    with RawServer(answering(JSON_HEAD, GOOD)) as elsewhere:
        with pytest.raises(HubNonsense):
            deliver_to(answering(head(status, Location=elsewhere.url, Content_Length=0)))
        assert elsewhere.connections == 0


@pytest.mark.parametrize("status", ["201 Created", "204 No Content", "206 Partial Content"])
def test_any_other_success_is_nonsense(status: str) -> None:
    with pytest.raises(HubNonsense):
        deliver_to(answering(head(status, Content_Length=0)))


def test_a_captive_portals_page_is_not_an_answer() -> None:
    page = b"<html>Welcome to the free Wi-Fi</html>"
    with pytest.raises(HubNonsense, match="portal"):
        deliver_to(answering(f"HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: {len(page)}", page))


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"{}", b'{"contract":"gate/1","cursor":true,"parked":[]}', wire.encode_receipt(Receipt(3))[:-1]],
)
def test_json_that_is_no_receipt_is_nonsense(body: bytes) -> None:
    with pytest.raises(HubNonsense):
        deliver_to(answering(head(Content_Length=len(body)), body))


@pytest.mark.parametrize("receipt", [Receipt(4), Receipt(10**15), Receipt(3, ((9, "fork"),))])
def test_an_answer_that_settles_what_was_never_sent_is_nonsense(receipt: Receipt) -> None:
    body = wire.encode_receipt(receipt)
    with pytest.raises(HubNonsense):
        deliver_to(answering(head(Content_Length=len(body)), body))


def test_a_cookie_is_not_kept() -> None:
    seen: list[bytes] = []

    def script(connection: socket.socket) -> None:
        while request := read_request(connection):
            seen.append(request)
            connection.sendall(
                (JSON_HEAD + "\nSet-Cookie: a=b; Path=/").replace("\n", "\r\n").encode() + b"\r\n\r\n" + GOOD
            )

    with RawServer(script) as server, uplink_to(server.url) as uplink:
        uplink.deliver(BATCH)
        uplink.deliver(BATCH)
    assert b"\r\nCookie:" not in seen[1]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 429, 500, 503])
def test_an_error_status_is_a_refusal(status: int) -> None:
    with pytest.raises(HubRefused) as caught:
        deliver_to(answering(head(f"{status} No", Content_Length=2), b"no"))
    assert (caught.value.status, caught.value.retry_after) == (status, None)


def test_a_refusal_carries_how_long_to_wait_but_never_more_than_a_quarter_of_an_hour() -> None:
    with pytest.raises(HubRefused) as caught:
        deliver_to(answering(head("429 Slow down", Content_Length=0, Retry_After="1000000000")))
    assert caught.value.retry_after == dt.timedelta(minutes=15)


WALL_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        (" 7 ", 7),
        ("900", 900),
        ("901", 900),
        ("9" * 20, 900),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60),
        ("Thu, 01 Jan 2026 00:01:00", 60),
        ("Wed, 31 Dec 2025 23:59:00 GMT", 0),
        ("Fri, 01 Jan 2049 00:00:00 GMT", 900),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(text: str, seconds: int) -> None:
    assert retry_after(text, WALL_MS) == dt.timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", [None, "", "soon", "1e9", "-5", "1.5", "9" * 30, "Thu, 99 Jan 2026 00:00:00 GMT", "٣", "Thu, 01 Jan 99999"]
)
def test_retry_after_that_makes_no_sense_counts_as_not_said(text: str | None) -> None:
    assert retry_after(text, WALL_MS) is None


def test_a_connection_reset_in_the_middle_is_unreachable() -> None:
    def reset(connection: socket.socket) -> None:
        read_request(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with pytest.raises(HubUnreachable):
        deliver_to(reset)


@pytest.mark.parametrize(
    "answer", [b"", b"\0\1\2", b"SSH-2.0-x\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" * 200]
)
def test_what_does_not_speak_http_is_unreachable(answer: bytes) -> None:
    def script(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer)

    with pytest.raises((HubUnreachable, HubNonsense)):
        deliver_to(script)


def test_an_answer_cut_short_is_unreachable() -> None:
    def script(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(JSON_HEAD.replace("\n", "\r\n").encode() + b"\r\n\r\n" + GOOD[:5])

    with pytest.raises(HubUnreachable):
        deliver_to(script)


def test_a_hub_that_is_not_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with uplink_to(f"http://127.0.0.1:{port}") as uplink, pytest.raises(HubUnreachable, match="Refused"):
        uplink.deliver(BATCH)


def withdrawn(device_id: str = GATE.device_id, key: SigningKey = GATE.key, root: SigningKey = ROOT) -> bytes:
    signature = root.sign(revocation_statement(device_id, key.public))
    return encode_revocation(Revocation(device_id, key.public, signature))


def answer_with(status: str, body: bytes) -> Script:
    return answering(head(status, Content_Length=len(body)), body)


def test_the_hubs_signed_word_revokes_this_gate() -> None:
    with pytest.raises(HubRevoked) as caught:
        deliver_to(answer_with("403 Forbidden", withdrawn()))
    assert caught.value.statement == withdrawn()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"contract":"gate/1","revoked":true}',
        b'{"contract":"gate/1","revoked":{"device":"gate-0a1b2c","key":"","signature":""}}',
        withdrawn(device_id="gate-ffffff"),
        withdrawn(key=SigningKey.new()),
        withdrawn(root=SigningKey.new()),
        withdrawn(root=GATE.key),
    ],
    ids=["empty", "bare", "true", "unsigned", "another device", "another key", "another root", "its own key"],
)
def test_a_403_that_the_root_has_not_signed_for_this_gate_is_weather(body: bytes) -> None:
    with pytest.raises(HubRefused) as caught:
        deliver_to(answer_with("403 Forbidden", body))
    assert not isinstance(caught.value, HubRevoked)


@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized", "410 Gone", "500 Oops"])
def test_the_signed_word_with_another_status_revokes_nobody(status: str) -> None:
    with pytest.raises((HubRefused, HubNonsense)) as caught:
        deliver_to(answer_with(status, withdrawn()))
    assert not isinstance(caught.value, HubRevoked)


def test_a_portals_page_with_403_is_weather() -> None:
    page = b"<html>pay first</html>"
    with pytest.raises(HubRefused) as caught:
        deliver_to(answering(f"HTTP/1.1 403 No\nContent-Type: text/html\nContent-Length: {len(page)}", page))
    assert not isinstance(caught.value, HubRevoked)


def test_only_the_authority_of_the_enrolment_is_trusted(tmp_path: Path) -> None:
    ours, other = authority(tmp_path / "ours"), authority(tmp_path / "other")
    gate = enrolled(ca=ours.ca_file.read_text())
    for server_side, good in ((ours, True), (other, False)):
        with RawServer(answering(JSON_HEAD, GOOD), server_side.context) as server:
            uplink = HubClient(server.url, gate, SystemClock(), deadline_s=PATIENCE_S)
            if good:
                assert uplink.deliver(BATCH) == Receipt(3)
            else:
                with pytest.raises(HubNonsense, match="certificate"):
                    uplink.deliver(BATCH)
            uplink.close()


def test_an_enrolment_with_a_broken_authority_says_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match="enrol the gate again"):
        HubClient("https://hub.example.vn", enrolled(ca="no certificate"), FakeClock())


def test_a_hub_with_the_authority_of_the_site_file_is_trusted(tmp_path: Path) -> None:
    ours = authority(tmp_path / "ours")
    with RawServer(answering(JSON_HEAD, GOOD), ours.context) as server:
        with uplink_to(server.url, ca_file=ours.ca_file) as uplink:
            assert [uplink.deliver(BATCH).cursor for _ in range(2)] == [3, 3]
        assert server.connections == 1


@pytest.mark.parametrize("wrong", ["unknown authority", "another authority", "another host", "expired"])
def test_a_certificate_that_is_not_the_hubs_gets_no_request(tmp_path: Path, wrong: str) -> None:
    host = "127.0.0.2" if wrong == "another host" else "127.0.0.1"
    server_side = authority(tmp_path / "server", host, days=-1 if wrong == "expired" else 30)
    trusted = authority(tmp_path / "other").ca_file if wrong == "another authority" else server_side.ca_file
    requests_seen: list[bytes] = []

    def script(connection: socket.socket) -> None:
        requests_seen.append(read_request(connection))

    with RawServer(script, server_side.context) as server:
        ca_file = None if wrong == "unknown authority" else trusted
        with uplink_to(server.url, ca_file=ca_file) as uplink, pytest.raises(HubNonsense, match="certificate"):
            uplink.deliver(BATCH)
    assert not any(requests_seen)


def test_proxies_and_passwords_of_the_environment_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    with RawServer(answering(JSON_HEAD, GOOD)) as proxy, RawServer(answering(JSON_HEAD, GOOD)) as server:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.setenv("NETRC", str(netrc))
        with uplink_to(server.url) as uplink:
            uplink.deliver(BATCH)
        assert (proxy.connections, server.connections) == (0, 1)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hub.example.vn",
        "ftp://hub.example.vn",
        "http://hub.example.vn",
        "http://10.0.0.1",
        "http://127.0.0.1.example.vn",
        "https://user:password@hub.example.vn",
        "https://hub.example.vn/?a=b",
        "https://hub.example.vn:99999",
        "https://[::1",
    ],
)
def test_an_address_that_must_not_be_used_names_the_key_and_repeats_nothing(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^hub\.url: ") as caught:
        HubClient(url, GATE, FakeClock())
    assert "password" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://hub.example.vn", "http://127.0.0.1:8400/", "http://[::1]:1", "http://localhost"]
)
def test_https_anywhere_and_http_to_this_machine_are_allowed(url: str) -> None:
    HubClient(url, GATE, FakeClock()).close()


def test_a_missing_authority_file_names_the_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^hub\.ca_file: "):
        HubClient("https://hub.example.vn", GATE, FakeClock(), ca_file=tmp_path / "none.pem")
    (tmp_path / "empty.pem").touch()  # the usual authorities would be trusted instead
    with pytest.raises(ConfigurationError, match=r"^hub\.ca_file: .*empty\.pem holds no certificates"):
        HubClient("https://hub.example.vn", GATE, FakeClock(), ca_file=tmp_path / "empty.pem")


def test_no_descriptor_is_left_behind_by_many_failures() -> None:
    def short(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 500 No\r\nContent-Length: 5\r\n\r\n")

    descriptors = Path("/proc/self/fd")
    with RawServer(short) as server, uplink_to(server.url) as uplink:
        before = len(list(descriptors.iterdir()))
        for _ in range(20):
            with pytest.raises(HubRefused):
                uplink.deliver(BATCH)
        assert len(list(descriptors.iterdir())) <= before + 4  # the newest connection, seen from both sides
