"""`hub run` with its desk: one process and two, never on an ingest host, and the links that the commands print."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from device.cli import main
from device.clock import SystemClock
from device.hub.folder import HubFolder
from device.hub.run_plan import RunOptions, plan_of
from device.hub.settings.load import parse_settings
from device.hub.settings.schema import Role
from device.hub.settings.template import NewSettings
from device.hub.web.address import desk_url, desk_urls
from tests.support.browser import Browser
from tests.support.children import surroundings

LOOPBACK = "127.0.0.1"
PASSWORD = "bốn con trâu đi qua cầu"


def free_ports() -> tuple[int, int]:
    with socket.create_server((LOOPBACK, 0)) as one, socket.create_server((LOOPBACK, 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


class Hub:
    """A hub's folder with a desk, and its command line."""

    def __init__(self, folder: Path, url: str | None) -> None:
        self.folder, (self.port, self.desk_port) = folder, free_ports()
        listen, desk = f"{LOOPBACK}:{self.port}", f"{LOOPBACK}:{self.desk_port}"
        settings = NewSettings([LOOPBACK], listen=listen, database=url or "sqlite", desk=desk)
        HubFolder.create(folder, SystemClock(), settings=settings)

    @contextmanager
    def running(self, *options: str) -> Iterator[None]:
        command = [sys.executable, "-P", "-m", "device", "hub", "run", str(self.folder), *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=surroundings()) as hub:
            assert hub.stdout is not None
            said = [hub.stdout.readline().decode() for _ in range(2)]
            try:
                assert said[1] == f"pages for people: https://{LOOPBACK}:{self.desk_port}\n"
                yield
            finally:
                hub.send_signal(signal.SIGTERM)
            assert hub.wait(60) == 0


@pytest.fixture
def hub(tmp_path: Path, database_url: str | None) -> Hub:
    return Hub(tmp_path / "hub", database_url)


def linked(said: str, port: int) -> str:
    found = re.search(rf"  https://{LOOPBACK}:{port}(/link/\S+)", said)
    assert found is not None
    return found[1]


def pages_after_a_link(hub: Hub, capsys: pytest.CaptureFixture[str]) -> list[int]:
    """Log in by a one-time link; return how eight looks at the first page were answered."""
    assert main(["hub", "account", "add", str(hub.folder), "Lan Anh", "--role", "owner"]) == 0
    link = linked(capsys.readouterr().out, hub.desk_port)
    browser = Browser(hub.desk_port)
    assert browser.post(link, {"password": PASSWORD, "again": PASSWORD}).status == 303
    assert browser.post("/log-in", {"name": "Lan Anh", "password": PASSWORD}).location == "/"
    return [browser.get("/").status for _ in range(8)]


def test_a_hub_serves_its_desk_and_a_link_of_the_command_line_opens_it(
    hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    with hub.running():
        assert pages_after_a_link(hub, capsys) == [200] * 8


@pytest.mark.parametrize("database", ["postgresql"])
def test_with_two_workers_a_session_is_known_to_both(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    with hub.running("--workers", "2"):
        assert pages_after_a_link(hub, capsys) == [200] * 8


def test_a_desk_that_cannot_listen_says_where(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server((LOOPBACK, hub.desk_port)):
        assert main(["hub", "run", str(hub.folder)]) == 69
    assert f"desk: {LOOPBACK}:{hub.desk_port}: cannot listen" in capsys.readouterr().err


def test_the_desk_is_open_by_itself_can_be_off_and_is_never_on_an_ingest_host() -> None:
    database = "names: [a.vn, 10.0.0.1]\ndatabase: {url: 'postgresql+psycopg://h@d/g'}\n"
    by_itself, off, ingest, wide = (
        parse_settings(database + more)[0] for more in ("", "desk: off", "role: ingest", "desk: '0.0.0.0:9443'")
    )
    assert str(plan_of(by_itself, RunOptions()).desk) == "127.0.0.1:8443"
    assert str(plan_of(by_itself, RunOptions(role=Role.DESK)).desk) == "127.0.0.1:8443"
    assert [plan_of(one, RunOptions()).desk for one in (off, ingest)] == [None, None]
    assert plan_of(by_itself, RunOptions(role=Role.INGEST)).desk is None
    assert plan_of(None, RunOptions()).desk is None
    assert [desk_url(one) for one in (by_itself, off, ingest, wide, None)] == [
        "https://127.0.0.1:8443",
        None,
        None,
        "https://a.vn:9443",
        None,
    ]


def test_where_the_desk_listens_everywhere_every_name_from_outside_is_a_way_to_it() -> None:
    named, bare = (
        parse_settings(f"names: {names}\ndesk: 0.0.0.0:8443")[0]
        for names in ("[localhost, 192.168.1.9, pi.local, 'fd00::1', 127.0.0.1]", "[localhost, 127.0.0.1]")
    )
    assert desk_urls(named) == ["https://pi.local:8443", "https://192.168.1.9:8443", "https://[fd00::1]:8443"]
    assert desk_urls(bare) == ["https://localhost:8443", "https://127.0.0.1:8443"]


def test_the_first_link_can_be_left_for_later_is_made_once_and_the_address_is_told_each_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, names = str(tmp_path / "hub"), ["--name=pi.local", "--name=127.0.0.1"]
    assert main(["hub", "init", folder, *names, "--desk", "0.0.0.0:9443", "--no-account"]) == 0
    assert "/link/" not in capsys.readouterr().out
    first, again = [
        (main(["hub", "account", "first", folder]), capsys.readouterr().out)[1].splitlines() for _ in range(2)
    ]
    assert first[0] == again[0] == "pages for people: https://pi.local:9443"
    assert first[1] == f"a browser warns until it trusts the hub's own authority: {folder}/tls/ca.pem"
    assert re.fullmatch(r"  https://pi\.local:9443/link/\S+", first[3])
    assert again[2] == f"nobody has used a link yet; a new one: gate-scanner hub account reset {folder} admin"
    assert len(first) == 4
    assert len(again) == 3


def test_a_hub_made_with_its_pages_off_still_makes_the_first_link(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "hub")
    assert main(["hub", "init", folder, "--desk", "off", "--no-account"]) == 0
    capsys.readouterr()
    assert main(["hub", "account", "first", folder]) == 0
    said = capsys.readouterr().out
    assert "write an address for desk: into hub.yaml" in said
    assert "/link/" in said


def test_init_prints_the_first_administrators_link_and_no_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["hub", "init", str(tmp_path / "hub")]) == 0
    said = capsys.readouterr().out
    assert linked(said, 8443)
    assert "admin (administrator) sets the password here, once, within 24 hours:" in said
    assert main(["hub", "account", "list", str(tmp_path / "hub")]) == 0
    assert capsys.readouterr().out == "admin  administrator  waits for its one-time link to be used\n"


def test_accounts_are_added_reset_and_disabled_on_the_command_line(
    hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(hub.folder)
    assert main(["hub", "account", "list", folder]) == 0
    assert "no account; add one: gate-scanner hub account add" in capsys.readouterr().out
    for name, role, code in (("Lan Anh", "owner", 0), ("lan anh", "owner", 1), ("a\u202eb", "owner", 1)):
        assert main(["hub", "account", "add", folder, name, "--role", role]) == code
    told = capsys.readouterr()
    assert "there is an account of this name" in told.err
    assert "cannot be seen" in told.err
    first = linked(told.out, hub.desk_port)
    assert main(["hub", "account", "reset", folder, "LAN ANH"]) == 0
    assert linked(capsys.readouterr().out, hub.desk_port) != first
    assert main(["hub", "account", "disable", folder, "Lan Anh"]) == 0
    assert main(["hub", "account", "list", folder]) == 0
    assert capsys.readouterr().out.endswith("Lan Anh  owner of a place  disabled\n")
    assert main(["hub", "account", "reset", folder, "Bình"]) == 1
    assert main(["hub", "account", "disable", folder, "Bình"]) == 1
    assert "there is no such account" in capsys.readouterr().err


def test_where_the_pages_are_off_the_command_says_how_to_open_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    HubFolder.create(tmp_path / "hub", SystemClock(), settings=NewSettings([LOOPBACK]))
    assert main(["hub", "account", "add", str(tmp_path / "hub"), "Lan Anh", "--role", "owner"]) == 0
    assert "write an address for desk: into hub.yaml" in capsys.readouterr().out
