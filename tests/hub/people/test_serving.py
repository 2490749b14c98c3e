"""`hub run` with people's listener: the code of a printed poster is read, and opened as a phone would open it."""

from __future__ import annotations

import http.client
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pypdfium2
import pytest

from device.cli import main
from device.clock import SystemClock
from device.decoder import stream_reader
from device.hub.folder import HubFolder
from device.hub.run_plan import RunOptions, plan_of
from device.hub.settings.load import parse_settings
from device.hub.settings.schema import Role
from device.hub.settings.template import NewSettings
from tests.hub.people.certificates import write_certificate
from tests.support.children import surroundings

LOOPBACK = "127.0.0.1"
PLACE = "Trường THPT Hoa Phượng"
OF_PEOPLE = "people:\n  url: {url}\n  listen: 127.0.0.1:{port}\n"
OWN = "  certificate: people.pem\n  key: people.key\n"
PROXY = "  behind_proxy: {address: 127.0.0.1}\n"


def free_ports() -> list[int]:
    with ExitStack() as held:
        servers = [held.enter_context(socket.create_server((LOOPBACK, 0))) for _ in range(3)]
        return [server.getsockname()[1] for server in servers]


class Hub:
    """A hub's folder, with an address for people's phones."""

    def __init__(self, folder: Path, how: str) -> None:
        self.folder, (self.gates, self.desk, self.port) = folder, free_ports()
        self.url = f"https://{LOOPBACK}:{self.port}" if how == OWN else "https://checkin.example.vn/hub"
        listen, desk = f"{LOOPBACK}:{self.gates}", f"{LOOPBACK}:{self.desk}"
        settings = NewSettings([LOOPBACK], listen=listen, desk=desk)
        HubFolder.create(folder, SystemClock(), settings=settings)
        with (folder / "hub.yaml").open("a") as file:
            file.write(OF_PEOPLE.format(url=self.url, port=self.port) + how)

    @contextmanager
    def running(self) -> Iterator[None]:
        command = [sys.executable, "-P", "-m", "device", "hub", "run", str(self.folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=surroundings()) as hub:
            assert hub.stdout is not None
            said = [hub.stdout.readline().decode() for _ in range(3)]
            try:
                assert said[2] == f"phones of people who come: {LOOPBACK}:{self.port}\n"
                yield
            finally:
                hub.send_signal(signal.SIGTERM)
            assert hub.wait(60) == 0

    def poster(self, folder: Path) -> str:
        """Register a place, print its poster, and return what our own decoder reads from the paper."""
        add = ["hub", "place", "add", str(self.folder), PLACE, "--province", "Hải Phòng"]
        paper = folder / "poster.pdf"
        assert main(add) == 0
        assert main(["hub", "poster", str(self.folder), PLACE, "--out", str(paper)]) == 0
        pdf = pypdfium2.PdfDocument(paper.read_bytes())
        try:
            plane = pdf[0].render(scale=150 / 72, grayscale=True).to_numpy().copy()
        finally:
            pdf.close()
        read = stream_reader()
        found = next(symbols for symbols in (read(plane) for _ in range(4)) if symbols)
        return found[0].decode("ascii")


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


def opened(connection: http.client.HTTPConnection, path: str, **headers: str) -> tuple[int, str]:
    try:
        connection.request("GET", path, headers={"Connection": "close", **headers})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_a_phone_that_reads_the_printed_code_opens_the_page_of_its_place(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "hub", OWN)
    certificate, _ = write_certificate(hub.folder, (LOOPBACK,), now_s=SystemClock().reading().wall_ms / 1000)
    code = urlsplit(hub.poster(tmp_path))
    assert f"{code.scheme}://{code.netloc}" == hub.url
    with hub.running():
        phone = http.client.HTTPSConnection(code.netloc, timeout=30, context=trusting(certificate))
        status, page = opened(phone, code.path)
        assert (status, f"<h1><bdi>{PLACE}</bdi></h1>" in page) == (200, True)
        desk = http.client.HTTPSConnection(code.netloc, timeout=30, context=trusting(certificate))
        assert opened(desk, "/log-in")[0] == 404
        with socket.create_connection((LOOPBACK, hub.port), timeout=30) as plain:
            plain.sendall(f"GET {code.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert not plain.recv(100).startswith(b"HTTP/")


def test_behind_a_proxy_the_same_page_is_there_in_clear_below_the_path_of_its_address(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "hub", PROXY)
    code = urlsplit(hub.poster(tmp_path))
    assert code.path.startswith("/hub/p/")
    with hub.running():
        for path in (code.path, code.path.removeprefix("/hub")):
            proxy = http.client.HTTPConnection(LOOPBACK, hub.port, timeout=30)
            status, page = opened(proxy, path, Host="checkin.example.vn")
            assert (status, PLACE in page) == (200, True)


def test_without_a_certificate_that_can_be_read_gates_and_desk_go_on_and_phones_hear_nothing(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "hub", OWN)
    with hub.running():
        assert opened(http.client.HTTPConnection(LOOPBACK, hub.gates, timeout=30), "/v1/health")[0] == 200
        ca = trusting(hub.folder / "tls/ca.pem")
        desk = http.client.HTTPSConnection(LOOPBACK, hub.desk, timeout=30, context=ca)
        assert opened(desk, "/log-in")[0] == 200
        phone = http.client.HTTPSConnection(LOOPBACK, hub.port, timeout=30, context=ca)
        with pytest.raises(ssl.SSLError):
            opened(phone, "/p/" + "0" * 24)


def test_a_listener_that_cannot_be_opened_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub = Hub(tmp_path / "hub", PROXY)
    with socket.create_server((LOOPBACK, hub.port)):
        assert main(["hub", "run", str(hub.folder)]) == 69
    assert f"people.listen: {LOOPBACK}:{hub.port}: cannot listen" in capsys.readouterr().err


def test_an_ingest_host_has_no_listener_for_people() -> None:
    settings, _ = parse_settings(
        "names: [a.vn]\ndatabase: {url: 'postgresql+psycopg://h@d/g'}\n"
        + OF_PEOPLE.format(url="https://a.vn", port=8444)
        + PROXY
    )
    assert str(plan_of(settings, RunOptions()).people) == "127.0.0.1:8444"
    assert plan_of(settings, RunOptions(role=Role.INGEST)).people is None
    assert plan_of(None, RunOptions()).people is None
