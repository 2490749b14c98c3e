"""Two workers: both serve, their counts are one, one that dies is started anew, and all end in order."""

from __future__ import annotations

import os
import re
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from device.clock import SystemClock
from device.hub.folder import HubFolder
from device.hub.settings.template import NewSettings
from tests.support.children import python_module, surroundings

PATIENCE_S = 60.0
LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    probes = [socket.create_server((LOOPBACK, 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class Supervised:
    """A hub of two workers, and what it says."""

    def __init__(self, folder: Path) -> None:
        self.port, self.metrics = free_ports(2)
        settings = NewSettings(
            ["localhost", LOOPBACK], listen=f"{LOOPBACK}:{self.port}", metrics=f"{LOOPBACK}:{self.metrics}"
        )
        HubFolder.create(folder, SystemClock(), settings=settings)
        self.log = folder.with_suffix(".log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*python_module("tests.hub.supervised_child"), str(folder)],
                stdout=subprocess.PIPE,
                stderr=log,
                env=surroundings(),
            )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"serving\n"

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def get(self, path: str, port: int | None = None) -> requests.Response:
        url = f"http://{LOOPBACK}:{port or self.port}{path}"
        return requests.get(url, headers={"Connection": "close"}, timeout=20)

    def number(self, name: str) -> float:
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.get("/metrics", self.metrics).text, re.MULTILINE)
        return float(found[1]) if found else -1.0

    def workers(self) -> set[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii")
        return set(map(int, children.split()))

    def waits_for(self, so: Callable[[], bool]) -> None:
        """Look again at each answer of the metrics until something is so."""
        until_s = time.monotonic() + PATIENCE_S
        while not so():
            assert time.monotonic() < until_s, self.log.read_text()
            self.get("/healthz", self.metrics)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Supervised]:
    with closing(Supervised(tmp_path / "hub")) as running:
        yield running


HEALTH = 'gate_hub_requests_total{route="/v1/health",status="200"}'


def test_two_workers_serve_and_what_they_counted_is_told_as_one(hub: Supervised) -> None:
    assert len(hub.workers()) == 2
    assert [hub.get("/v1/health").status_code for _ in range(12)] == [200] * 12
    hub.waits_for(lambda: hub.number(HEALTH) == 12)
    assert hub.number("gate_hub_workers") == 2
    assert (hub.get("/readyz", hub.metrics).text, hub.get("/healthz", hub.metrics).text) == ("ready\n", "alive\n")
    for worker in hub.workers():
        status = Path(f"/proc/{worker}/status").read_text("ascii")
        resident = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert resident is not None
        assert int(resident[1]) < 150_000


def test_a_worker_that_dies_is_started_anew_and_what_it_has_counted_stays(hub: Supervised) -> None:
    before = hub.workers()
    for _ in range(5):
        hub.get("/v1/health")
    hub.waits_for(lambda: hub.number(HEALTH) == 5)
    killed = min(before)
    os.kill(killed, signal.SIGKILL)
    hub.waits_for(lambda: len(hub.workers() - {killed}) == 2 and hub.number("gate_hub_workers") == 2)
    assert len(hub.workers() & before) == 1
    assert hub.get("/v1/health").status_code == 200
    hub.waits_for(lambda: hub.number(HEALTH) == 6)
    assert hub.number("gate_hub_worker_ends_total") == 1
    assert f"event=worker-ended worker=0 pid={killed} code=-9" in hub.log.read_text()


def test_told_to_end_all_of_them_end_in_order(hub: Supervised) -> None:
    workers = hub.workers()
    hub.process.send_signal(signal.SIGTERM)
    assert hub.process.wait(PATIENCE_S) == 0
    assert hub.log.read_text().count("event=hub-ended") == 2
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_workers_whose_supervisor_is_gone_end_by_themselves(hub: Supervised) -> None:
    descriptors = [os.pidfd_open(worker) for worker in hub.workers()]
    hub.process.kill()
    hub.process.wait(PATIENCE_S)
    with selectors.DefaultSelector() as waiting:
        for descriptor in descriptors:
            waiting.register(descriptor, selectors.EVENT_READ)
        while waiting.get_map():
            ended = waiting.select(PATIENCE_S)
            assert ended
            for key, _ in ended:
                waiting.unregister(key.fd)
                os.close(key.fd)


def test_a_mistake_in_the_folder_ends_all_of_them_with_78(tmp_path: Path) -> None:
    port, metrics = free_ports(2)
    settings = NewSettings(["localhost"], listen=f"{LOOPBACK}:{port}", metrics=f"{LOOPBACK}:{metrics}")
    hub = HubFolder.create(tmp_path / "hub", SystemClock(), settings=settings)
    for key in hub.keys.path.iterdir():
        key.unlink()
    command = [*python_module("tests.hub.supervised_child"), str(hub.path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, env=surroundings(), check=False)
    assert (ended.returncode, ended.stdout) == (os.EX_CONFIG, "")
    assert "the hub's sealing keys are missing" in ended.stderr
    assert "event=workers-given-up reason=configuration code=78" in ended.stderr
