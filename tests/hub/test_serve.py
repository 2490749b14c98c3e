from __future__ import annotations

import http.client
import os
import resource
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from device.cli import main
from device.errors import ConfigurationError
from device.hub.child_process import HubProcess
from device.hub.connections import Limits
from device.hub.folder import HubFolder
from device.hub.keyring.keys import KeyFolder
from device.hub.serve import LOOPBACK, listen, serve, within_descriptors


def test_a_hub_says_where_it_is_when_it_listens_and_ends_well_when_told(folder: HubFolder, tmp_path: Path) -> None:
    (tmp_path / "device.py").write_text("raise SystemExit('not this one')")
    with socket.create_server((LOOPBACK, 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-P", "-m", "device", "hub", "run", str(folder.path), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=tmp_path) as hub:
        assert hub.stdout is not None
        assert hub.stdout.readline() == f"hub on http://127.0.0.1:{port}\n".encode()
        response = requests.get(f"http://127.0.0.1:{port}/v1/health", headers={"Connection": "close"}, timeout=20)
        hub.send_signal(signal.SIGTERM)
        assert hub.wait(20) == 0
    assert response.status_code == 200


def test_a_spoilt_server_key_is_said_before_the_hub_says_it_is_there(folder: HubFolder) -> None:
    folder.certificate_files[1].write_text("")
    said: list[str] = []
    with pytest.raises(ConfigurationError, match=r"server\.key"):
        serve(folder, listen(LOOPBACK, 0), tls=True, ready=lambda: said.append("ready"))
    assert said == []


def test_an_answer_does_not_wait_for_the_acknowledgement_of_its_own_head() -> None:
    (listener,) = listen(LOOPBACK, 0)
    with listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_a_hub_says_something_after_a_handshake_so_that_no_client_waits_to_ask(folder: HubFolder) -> None:
    trust = ssl.create_default_context(cadata=folder.public_identity().ca)
    with HubProcess(folder.path, tls=True) as hub:
        line = http.client.HTTPSConnection(LOOPBACK, hub.port, timeout=20, context=trust)
        line.request("GET", "/v1/health")
        assert line.getresponse().read()
        assert isinstance(line.sock, ssl.SSLSocket)
        assert line.sock.version() == "TLSv1.3"
        assert line.sock.session is not None
        assert line.sock.session.has_ticket
        line.close()


class BrokenKeys(KeyFolder):
    """Key pairs that have a defect when the maintenance comes to make those of the next days."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.asked = 0

    def make_ahead(self, now_ms: int) -> None:
        self.asked += 1
        if self.asked > 1:  # once, before it serves, they are well
            raise ZeroDivisionError
        super().make_ahead(now_ms)


def test_a_defect_in_the_maintenance_ends_the_hub_with_its_reason(
    folder: HubFolder, caplog: pytest.LogCaptureFixture
) -> None:
    folder.keys = BrokenKeys(folder.keys.path)
    assert serve(folder, listen(LOOPBACK, 0)) == os.EX_SOFTWARE
    assert "event=thread-failed thread=maintenance reason=ZeroDivisionError" in caplog.text


def test_a_gate_that_lost_power_is_found_out_within_a_minute() -> None:
    (listener,) = listen(LOOPBACK, 0)
    with listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            idle_s, every_s, times = (
                connection.getsockopt(socket.IPPROTO_TCP, option)
                for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            )
            assert idle_s + every_s * times == 60
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000


def test_the_hub_raises_its_limit_of_open_files_and_keeps_its_connections_below_it(folder: HubFolder) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with HubProcess(folder.path) as hub:
        assert hub.pid is not None
        assert resource.prlimit(hub.pid, resource.RLIMIT_NOFILE)[0] == min(hard, 65_536)
    assert within_descriptors(Limits(), 65_536) == Limits()
    assert within_descriptors(Limits(), 1_024).in_all == 768
    assert within_descriptors(Limits(), 1_024).strangers == 384


@pytest.mark.parametrize("number", ["0", "7", "1025", "-1"])
def test_an_address_gets_a_number_of_connections_that_makes_sense(folder: HubFolder, number: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["hub", "run", str(folder.path), "--address-connections", number])
