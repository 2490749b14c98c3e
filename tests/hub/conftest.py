from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.hub.db.database import HubDatabase
from device.hub.folder import HubFolder
from tests.support.databases import hub_folder
from tests.support.fake_server import HubThread
from tests.support.running_hub import RunningHub


@pytest.fixture
def database() -> str:
    """Where the hub's database is: ``sqlite``, unless a module is of `both_databases`."""
    return "sqlite"


@pytest.fixture
def url(database: str, request: pytest.FixtureRequest) -> str | None:
    """The URL of a database on a server that has tables; ``None``: a file."""
    found: str | None = request.getfixturevalue("postgres_hub_url") if database == "postgresql" else None
    return found


@pytest.fixture
def folder(tmp_path: Path, url: str | None) -> HubFolder:
    return hub_folder(tmp_path / "hub", SystemClock(), url)


@pytest.fixture
def hub(folder: HubFolder) -> Iterator[RunningHub]:
    gate = folder.add_gate("Cổng A")
    with HubThread(folder) as server:
        yield RunningHub(folder, server.url, server.store, gate)


@pytest.fixture
def store(folder: HubFolder) -> Iterator[HubDatabase]:
    opened = folder.open_store()
    yield opened
    opened.close()
