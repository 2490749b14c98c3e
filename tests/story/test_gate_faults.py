"""A fault on a gate, as the hub's list tells it: from the part that fails over the gate's own report to the column."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.cli import main
from device.clock import SystemClock
from device.enrolment import document as enrolment
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from tests.support.databases import both_databases, hub_folder
from tests.support.fake_server import PATIENCE_S
from tests.support.running_gate import running

SITE = "hub: {{url: '{url}', interval: 100ms}}\n"
PICTURES = b"YUV4MPEG2 W640 H480 F10:1 Cmono\n" + (b"FRAME\n" + bytes([128]) * 640 * 480) * 10


class AtTheHub:
    """What the list of gates says of the only one."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capsys = capsys

    def document(self) -> dict[str, object]:
        (gate,) = json.loads(self._say("--json"))["gates"]
        assert isinstance(gate, dict)
        return gate

    def line(self) -> str:
        head, line, *_ = self._say().splitlines()
        assert head.split()[-1] == "trouble"
        return str(line)

    def becomes(self, state: str) -> None:
        clock, never = SystemClock(), threading.Event()
        give_up_s = clock.monotonic_s() + 2 * PATIENCE_S
        while self.document()["state"] != state:
            assert clock.monotonic_s() < give_up_s
            clock.wait(never, 0.1)

    def _say(self, *options: str) -> str:
        self._capsys.readouterr()
        assert main(["hub", "gate", "list", str(self._folder), *options]) == 0
        return self._capsys.readouterr().out


@both_databases
def test_a_camera_out_of_service_stands_in_the_hubs_list_until_it_is_mended(
    tmp_path: Path, database_url: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = hub_folder(tmp_path / "hub", SystemClock(), database_url)
    document, at_the_hub = hub.add_gate("Cổng A"), AtTheHub(hub.path, capsys)
    with HubProcess(hub.path) as server:
        site, camera = SITE.format(url=server.url), tmp_path / "camera.y4m"
        camera.write_bytes(PICTURES[:5])  # the simulated camera cannot be opened
        with running(tmp_path, site, enrolled=False, shown=camera.name) as gate:
            enrolment.write(gate.store / "enrolment.json", document)
            at_the_hub.becomes("trouble")
        assert at_the_hub.document()["troubles"] == ["fault", "camera"]
        assert at_the_hub.line().endswith("out of service, camera lost")
        camera.write_bytes(PICTURES)
        with running(tmp_path, site, enrolled=False, shown=camera.name):
            at_the_hub.becomes("well")
        assert at_the_hub.document()["troubles"] == []
        assert at_the_hub.line().split()[-1] == "0.1.0"  # nothing stands behind the version


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Path]:
    """A gate's store on a card of its own with hardly any room, where root may make one."""
    path = tmp_path / "store"
    path.mkdir()
    if os.geteuid() != 0 or not mounted("size=24m", path):
        pytest.skip("only root can mount a small card")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True, capture_output=True)


def mounted(options: str, path: Path) -> bool:
    mount = ["mount", "-t", "tmpfs", "-o", options, "gate-scanner-test", str(path)]
    return shutil.which("mount") is not None and subprocess.run(mount, check=False, capture_output=True).returncode == 0


def test_a_card_that_is_nearly_full_stands_in_the_hubs_list_until_there_is_room(
    tmp_path: Path, card: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = HubFolder.create(tmp_path / "hub", SystemClock())
    enrolment.write(card / "enrolment.json", hub.add_gate("Cổng A"))
    at_the_hub = AtTheHub(hub.path, capsys)
    with HubProcess(hub.path) as server:
        site = SITE.format(url=server.url)
        with running(tmp_path, site, enrolled=False):
            at_the_hub.becomes("trouble")
        assert at_the_hub.document()["troubles"] == ["disk"]
        assert at_the_hub.line().endswith("card nearly full")
        assert mounted("remount,size=1g", card)
        with running(tmp_path, site, enrolled=False):
            at_the_hub.becomes("well")
        assert at_the_hub.document()["troubles"] == []


def test_a_gate_whose_ledger_cannot_be_opened_says_so_to_its_hub_until_it_can(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = HubFolder.create(tmp_path / "hub", SystemClock())
    document, at_the_hub = hub.add_gate("Cổng A"), AtTheHub(hub.path, capsys)
    with HubProcess(hub.path) as server:
        site = SITE.format(url=server.url)
        with running(tmp_path, site, enrolled=False) as gate:
            (gate.store / "ledger.db").mkdir()  # no file can be there
            enrolment.write(gate.store / "enrolment.json", document)
            at_the_hub.becomes("trouble")
            assert at_the_hub.document()["troubles"] == ["fault", "queue"]
            assert at_the_hub.line().endswith("out of service, ledger unreadable")
            (gate.store / "ledger.db").rmdir()
            at_the_hub.becomes("well")
