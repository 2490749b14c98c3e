"""Somebody tries to hold the hub: with connections, bodies, one gate's key, or by taking every file descriptor."""

from __future__ import annotations

import resource
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.enrolment.document import Enrolment
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from device.model import Receipt, SealedRow
from device.uplink.hub import HubClient
from tests.support.fake_outbox import batch_of, chained_rows
from tests.support.fake_server import LOOPBACK, PATIENCE_S
from tests.support.raw_request import signed_head

ELSEWHERE = "127.0.0.2"
FLOOD = 1_013


@dataclass
class Hub:
    """A hub over TLS in a process of its own."""

    folder: HubFolder
    process: HubProcess

    def asks(self, source: str = ELSEWHERE) -> bytes:
        """Ask how it is, from *source*; return the first line of the answer."""
        line = socket.create_connection((LOOPBACK, self.process.port), PATIENCE_S, (source, 0))
        with self.trust.wrap_socket(line, server_hostname=LOOPBACK) as secure:
            secure.sendall(b"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return secure.recv(65_536).partition(b"\r\n")[0]

    def start_anew(self) -> None:
        """Let its log go where a test reads it, not where its fixture was made."""
        self.process.stop()
        self.process.start()

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=self.folder.public_identity().ca)

    def deliver(self, gate: Enrolment, rows: tuple[SealedRow, ...] = ()) -> Receipt:
        uplink = HubClient(self.process.url, gate, SystemClock(), deadline_s=PATIENCE_S)
        rows = rows or chained_rows(gate.device_id, gate.sealing_keys[-1], 5)
        try:
            return uplink.deliver(batch_of(gate.device_id, rows))
        finally:
            uplink.close()

    def unfinished(self, gate: Enrolment) -> socket.socket:
        """Begin an upload of *gate* whose body never ends."""
        body = bytes(100_000)
        head = signed_head(gate, f"{LOOPBACK}:{self.process.port}", "/v1/checkins", body, "gzip")
        raw = socket.create_connection((LOOPBACK, self.process.port), PATIENCE_S)
        line = self.trust.wrap_socket(raw, server_hostname=LOOPBACK)
        line.sendall(head + body[:50_000])
        return line


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    folder = HubFolder.create(tmp_path / "hub", SystemClock())
    with HubProcess(folder.path, tls=True) as process:
        yield Hub(folder, process)


@contextmanager
def flood(hub: Hub, count: int = FLOOD) -> Iterator[list[socket.socket]]:
    """Open connections that say nothing, or the first bytes of a handshake."""
    with ExitStack() as opened:
        lines = []
        for number in range(count):
            lines.append(opened.enter_context(socket.create_connection((LOOPBACK, hub.process.port), PATIENCE_S)))
            with suppress(ConnectionError):
                lines[-1].sendall(b"\x16\x03\x01\x02\x00"[: number % 6])
        yield lines


def test_a_thousand_connections_that_ask_nothing_keep_nobody_out_and_are_told_in_a_few_lines(
    capfd: pytest.CaptureFixture[str], hub: Hub
) -> None:
    hub.start_anew()
    gate = hub.folder.add_gate("Cổng A")
    with flood(hub):
        assert {hub.asks() for _ in range(20)} == {b"HTTP/1.1 200 OK"}
        assert hub.asks(LOOPBACK) == b"HTTP/1.1 200 OK"
        assert hub.deliver(gate) == Receipt(5)
    hub.process.stop()
    err = capfd.readouterr().err
    assert "reason=too-many-of-an-address" in err
    assert len(err.splitlines()) < 10


def test_a_hub_without_file_descriptors_makes_room_and_says_so_once(
    capfd: pytest.CaptureFixture[str], hub: Hub
) -> None:
    hub.start_anew()
    assert hub.asks() == b"HTTP/1.1 200 OK"
    assert hub.process.pid is not None
    _, hard = resource.prlimit(hub.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(hub.process.pid, resource.RLIMIT_NOFILE, (60, hard))
    with flood(hub, 120):
        assert {hub.asks() for _ in range(5)} == {b"HTTP/1.1 200 OK"}
    resource.prlimit(hub.process.pid, resource.RLIMIT_NOFILE, (hard, hard))
    hub.process.stop()
    err = capfd.readouterr().err
    assert "reason=cannot-accept-24" in err
    assert len(err.splitlines()) < 10


def test_one_gates_key_on_forty_lines_keeps_none_of_twenty_others_out(hub: Hub) -> None:
    slow = hub.folder.add_gate("Cổng chậm")
    honest = [hub.folder.add_gate(f"Cổng {number}") for number in range(20)]
    with ExitStack() as opened:
        lines = [opened.enter_context(hub.unfinished(slow)) for _ in range(40)]
        assert [hub.deliver(gate) for gate in honest] == [Receipt(5)] * 20
        ended = 0
        for line in lines[:38]:
            with suppress(ConnectionError):
                assert line.recv(1) == b""
            ended += 1
    assert ended == 38, "two of its requests may be in progress"


def test_a_gate_that_lost_power_in_the_middle_of_two_uploads_is_served_when_it_is_back(hub: Hub) -> None:
    gate = hub.folder.add_gate("Cổng A")
    rows = chained_rows(gate.device_id, gate.sealing_keys[-1], 15)
    with hub.unfinished(gate), hub.unfinished(gate):
        assert [hub.deliver(gate, rows[:count]) for count in (5, 10, 15)] == [Receipt(5), Receipt(10), Receipt(15)]
