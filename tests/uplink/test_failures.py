from __future__ import annotations

import socket
import ssl
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.errors import HubNonsense, HubUnreachable, UplinkError
from device.uplink.connection import pinned, unverified
from device.uplink.request import DeadlineClient
from tests.support.authority import authority
from tests.support.fake_server import LOOPBACK, PATIENCE_S, RawServer, Script, answering, read_request


def failure_at(url: str, trust: ssl.SSLContext | None) -> UplinkError:
    """Return what a request to *url* fails with."""
    client = DeadlineClient(url, SystemClock(), PATIENCE_S, trust)
    try:
        with pytest.raises(UplinkError) as caught:
            client.post("/v1/checkins", b"{}")
    finally:
        client.close()
    return caught.value


def failure_of_tls(script: Script, trust: ssl.SSLContext) -> UplinkError:
    """Return what a request over TLS fails with at a server that speaks none by itself."""
    with RawServer(script) as server:
        return failure_at(server.url.replace("http:", "https:"), trust)


def cut(connection: socket.socket) -> None:
    connection.recv(1)


def reset(connection: socket.socket) -> None:
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def cut_in_a_record(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"\x16\x03\x03\x00\x7a\x02")  # a handshake record of 122 bytes, of which one comes


def end_by_alert(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")  # fatal, handshake_failure


def plain_http(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize(
    ("script", "words"),
    [
        (cut, "the line was cut"),
        (reset, "the line was cut"),
        (cut_in_a_record, "the line was cut"),
        (end_by_alert, "TLS failed (SSLV3_ALERT_HANDSHAKE_FAILURE)"),
        (plain_http, "does not speak TLS"),
    ],
)
def test_a_handshake_that_fails_before_a_certificate_is_told_in_its_own_words(
    tmp_path: Path,
    script: Script,
    words: str,
    verified: bool,  # noqa: FBT001 - one of two
) -> None:
    trust = pinned(authority(tmp_path / "ca").ca_file.read_text()) if verified else unverified()
    failure = failure_of_tls(script, trust)
    assert words in str(failure)
    assert "trusted" not in str(failure)
    assert isinstance(failure, HubUnreachable) is words.startswith("the line")


def test_a_server_of_old_tls_is_told_as_that(tmp_path: Path) -> None:
    trusted = authority(tmp_path / "ca")
    trusted.context.maximum_version = ssl.TLSVersion.TLSv1_2
    trust = pinned(trusted.ca_file.read_text())
    trust.minimum_version = ssl.TLSVersion.TLSv1_3
    with RawServer(answering(""), trusted.context) as server:
        assert "no version of TLS in common" in str(failure_at(server.url, trust))


def of_another_authority(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return authority(folder / "one").context, pinned(authority(folder / "two").ca_file.read_text())


def of_another_address(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    made = authority(folder / "one", "127.0.0.9")
    return made.context, pinned(made.ca_file.read_text())


def expired(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    made = authority(folder / "one", days=-1)
    return made.context, pinned(made.ca_file.read_text())


def not_yet_valid(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    made = authority(folder / "one", days=30, from_days=1)
    return made.context, pinned(made.ca_file.read_text())


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (of_another_authority, "is not trusted: check hub.url and hub.ca_file"),
        (of_another_address, "is for another name or address: check hub.url"),
        (expired, "has expired by this machine's clock"),
        (not_yet_valid, "is not valid yet by this machine's clock"),
    ],
)
def test_a_certificate_that_was_judged_is_told_with_what_is_wrong_with_it(
    tmp_path: Path, made: Callable[[Path], tuple[ssl.SSLContext, ssl.SSLContext]], words: str
) -> None:
    context, trust = made(tmp_path)
    with RawServer(answering(""), context) as server:
        failure = failure_at(server.url, trust)
    assert isinstance(failure, HubNonsense)
    assert words in str(failure)


def no_http(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"\x15\x03\x01\x00\x02\x02\x16 SECRET\r\n\r\n")


def half_an_answer(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{")


def bad_chunk(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nSECRET\r\n"
    )


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (lambda connection: read_request(connection) and None, "cut before an answer came"),
        (reset, "cut before an answer came"),
        (no_http, "does not speak HTTP"),
        (half_an_answer, "cut short"),
        (bad_chunk, "cut short or garbled"),
    ],
)
def test_a_line_or_an_answer_that_breaks_is_told_in_its_own_words(script: Script, words: str) -> None:
    with RawServer(script) as server:
        failure = failure_at(server.url, None)
    assert isinstance(failure, HubUnreachable)
    assert words in str(failure)
    assert "SECRET" not in str(failure)


def test_where_nothing_listens_the_key_the_port_and_the_server_are_named() -> None:
    with socket.create_server((LOOPBACK, 0)) as gone:
        port = gone.getsockname()[1]
    assert "nothing listens there" in str(failure_at(f"http://{LOOPBACK}:{port}", None))


def test_a_name_that_nobody_knows_is_told_as_that() -> None:
    assert "name is not known" in str(failure_at("https://hub.invalid", None))


def test_where_there_is_no_network_the_network_is_named() -> None:
    """In a network namespace of its own, where only the way is missing."""
    code = (
        "import ctypes, sys\n"
        "sys.exit(9) if ctypes.CDLL(None).unshare(0x50000000) else None\n"  # CLONE_NEWUSER | CLONE_NEWNET
        "from device.clock import SystemClock\n"
        "from device.uplink.request import DeadlineClient\n"
        "try: DeadlineClient('https://192.0.2.1', SystemClock(), 20, None).post('/', b'')\n"
        "except Exception as error: print(error)\n"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if child.returncode == 9:
        pytest.skip("this machine makes no network namespaces")
    assert child.stdout.strip() == "there is no way to the server from here: check the network"
