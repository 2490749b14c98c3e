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
def folder(tmp_path: Path, database_url: str | None) -> HubFolder:
    return hub_folder(tmp_path / "hub", SystemClock(), database_url)


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
