"""Two workers: both serve, their counts are one, one that dies is started anew, and all end in order."""

from __future__ import annotations

import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from device.clock import SystemClock
from device.hub.folder import HubFolder
from device.hub.settings.template import NewSettings
from device.uplink.hub import compressed
from device.wire.checkins import encode_batch, head_of
from tests.support.children import python_module, surroundings
from tests.support.fake_outbox import batch_of, chained_rows, sent
from tests.support.postgres import Cluster
from tests.support.running_hub import RunningHub

PATIENCE_S = 60.0
LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    probes = [socket.create_server((LOOPBACK, 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def resident_kb(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
    assert found is not None
    return int(found[1])


class Supervised:
    """A hub of two workers, and what it says."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.port, self.metrics = free_ports(2)
        settings = NewSettings(
            ["localhost", LOOPBACK],
            listen=f"{LOOPBACK}:{self.port}",
            metrics=f"{LOOPBACK}:{self.metrics}",
            database=url or "sqlite",
        )
        self.folder = HubFolder.create(folder, SystemClock(), settings=settings)
        run = [sys.executable, "-P", "-m", "device", "hub", "run", str(folder), "--workers", "2"]
        self.log = folder.with_suffix(".log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                run if url else [*python_module("tests.hub.supervised_child"), str(folder)],
                stdout=subprocess.PIPE,
                stderr=log,
                env=surroundings(),
            )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().decode() in {"serving\n", f"hub on http://{LOOPBACK}:{self.port}\n"}

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


@pytest.fixture
def on_a_server(tmp_path: Path, postgres_hub_url: str) -> Iterator[Supervised]:
    with closing(Supervised(tmp_path / "hub", postgres_hub_url)) as running:
        yield running


HEALTH = 'gate_hub_requests_total{route="/v1/health",status="200"}'


def test_two_workers_serve_and_what_they_counted_is_told_as_one(hub: Supervised) -> None:
    assert len(hub.workers()) == 2
    assert [hub.get("/v1/health").status_code for _ in range(12)] == [200] * 12
    hub.waits_for(lambda: hub.number(HEALTH) == 12)
    assert hub.number("gate_hub_workers") == 2
    assert (hub.get("/readyz", hub.metrics).text, hub.get("/healthz", hub.metrics).text) == ("ready\n", "alive\n")
    assert max(map(resident_kb, hub.workers())) < 150_000


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


def test_on_postgresql_two_workers_take_the_rows_of_two_gates_each_once(on_a_server: Supervised) -> None:
    hub = on_a_server
    gates = [hub.folder.add_gate(name) for name in ("Cổng A", "Cổng B")]
    with closing(hub.folder.open_store()) as store:
        running = RunningHub(hub.folder, f"http://{LOOPBACK}:{hub.port}", store, gates[0])
        for gate in gates:
            rows = chained_rows(gate.device_id, gate.sealing_keys[-1], 6)
            for part in (rows[:3], rows[3:], rows[3:]):
                batch = batch_of(gate.device_id, part)
                body = compressed(encode_batch(batch, gate.key.sign(head_of(batch)), sent()))
                assert running.post(body, gate=gate).json()["cursor"] == part[-1].seq
        assert store.count()["checkins"] == 12
    stored, known = (f'gate_hub_rows_total{{outcome="{outcome}"}}' for outcome in ("stored", "known"))
    hub.waits_for(lambda: (hub.number(stored), hub.number(known)) == (12, 6))
    assert hub.number("gate_hub_sealing_key_days_ahead") == 30
    assert max(map(resident_kb, hub.workers())) < 150_000


def test_readiness_tells_that_the_database_is_gone_and_that_it_is_back(
    on_a_server: Supervised, postgres: Cluster
) -> None:
    hub, workers = on_a_server, on_a_server.workers()
    postgres.stop("immediate")
    try:
        hub.waits_for(lambda: hub.get("/readyz", hub.metrics).text == "database\n")
        assert hub.get("/readyz", hub.metrics).status_code == 503
        assert hub.get("/healthz", hub.metrics).status_code == 200
        answer = hub.get("/v1/health")
        assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True)
    finally:
        postgres.start()
    hub.waits_for(lambda: hub.get("/readyz", hub.metrics).text == "ready\n")
    assert hub.workers() == workers
    hub.waits_for(lambda: hub.number("gate_hub_database_errors_total") >= 1)
