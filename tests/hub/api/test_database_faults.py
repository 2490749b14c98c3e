"""The hub's database on a server has a fault: what a gate is answered, what the operator is told, and what is kept."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from device.clock import SystemClock
from device.model import Receipt
from device.uplink.hub import compressed
from device.wire import checkins as wire
from tests.support.databases import hub_folder, make_tables
from tests.support.fake_outbox import batch_of, chained_rows, sent
from tests.support.fake_server import HubThread
from tests.support.postgres import Cluster
from tests.support.running_hub import RunningHub

Fault = Callable[[Cluster, str], AbstractContextManager[None]]
TRIES = 5


@pytest.fixture
def database() -> str:
    return "postgresql"


@contextmanager
def away(postgres: Cluster, _: str) -> Iterator[None]:
    postgres.stop()
    yield
    postgres.start()


@contextmanager
def killed(postgres: Cluster, _: str) -> Iterator[None]:
    postgres.stop("immediate")
    yield
    postgres.start()


@contextmanager
def read_only(postgres: Cluster, name: str) -> Iterator[None]:
    postgres.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    hang_up(postgres, name)
    yield
    postgres.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")  # and nobody hangs up


@contextmanager
def migrated(postgres: Cluster, name: str) -> Iterator[None]:
    with postgres.connect(name) as connection, connection.transaction():
        connection.execute("LOCK TABLE ledgers IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def shut(postgres: Cluster, name: str) -> Iterator[None]:
    postgres.execute(f"ALTER DATABASE {name} CONNECTION LIMIT 0")
    postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    hang_up(postgres, name)
    yield
    postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true CONNECTION LIMIT -1")


def hang_up(postgres: Cluster, name: str) -> None:
    postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


def a_batch(hub: RunningHub) -> bytes:
    batch = batch_of(hub.gate.device_id, chained_rows(hub.gate.device_id, hub.key, 5))
    return compressed(wire.encode_batch(batch, hub.gate.key.sign(wire.head_of(batch)), sent()))


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [message for message in caplog.messages if message.startswith("event=database-failed")]


@pytest.mark.parametrize(
    ("fault", "tries", "told"),
    [
        (away, TRIES, "the database's server does not answer"),
        (killed, TRIES, "the database's server does not answer"),
        (shut, TRIES, "the database's server does not answer"),
        (read_only, TRIES, "the database is read-only (25006)"),
        (migrated, 1, "the database's server took too long (55P03); see what holds its tables"),
    ],
    ids=["away", "killed", "shut", "read-only", "migrated"],
)
def test_a_gate_is_told_to_come_again_the_operator_why_once_and_nothing_is_started_anew(
    hub: RunningHub,
    postgres: Cluster,
    postgres_hub_url: str,
    caplog: pytest.LogCaptureFixture,
    *,
    fault: Fault,
    tries: int,
    told: str,
) -> None:
    body = a_batch(hub)
    with caplog.at_level(logging.ERROR), fault(postgres, make_url(postgres_hub_url).database or ""):
        answers = [hub.post(body) for _ in range(tries)]
    assert [(one.status_code, one.headers["Retry-After"]) for one in answers] == [(503, "5")] * tries
    assert [one.json() for one in answers] == [{"error": "the database does not answer"}] * tries
    assert len(reasons(caplog)) == 1
    assert told in reasons(caplog)[0]
    again = hub.post(body)
    assert (again.status_code, wire.decode_receipt(again.content)) == (200, Receipt(5))
    assert hub.get("/v1/count").json() == {"checkins": 5, "counted": 5, "expired": 0, "quarantined": 0}


@pytest.fixture
def small_disk(postgres: Cluster) -> Iterator[str]:
    """A tablespace on a file system of its own, where root may make one."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    place = postgres.folder / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40m,mode=0777", "gate-scanner-test", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this root may not mount")
    (place / "data").mkdir()
    shutil.chown(place / "data", "postgres")
    try:
        postgres.execute(f"CREATE TABLESPACE small LOCATION '{place}/data'")
        yield "small"
        postgres.execute("DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True, capture_output=True)


def test_a_server_whose_disk_is_full_takes_nothing_and_goes_on_when_there_is_room(
    postgres: Cluster, small_disk: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name = postgres.new_database(small_disk)
    make_tables(postgres.url(name))
    folder = hub_folder(tmp_path / "hub", SystemClock(), postgres.url(name))
    with HubThread(folder) as server, caplog.at_level(logging.ERROR):
        hub = RunningHub(folder, server.url, server.store, folder.add_gate("Cổng A"))
        body, filler = a_batch(hub), postgres.folder / "small/somebody-elses.log"
        room = os.statvfs(filler.parent)
        filler.write_bytes(bytes(room.f_bavail * room.f_frsize))
        assert hub.post(body).status_code == 503
        assert "there is no room on the disk of the database's server (53100); make some" in reasons(caplog)[0]
        filler.unlink()
        assert wire.decode_receipt(hub.post(body).content) == Receipt(5)
    postgres.drop(name)
