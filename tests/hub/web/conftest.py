from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.web.desk_thread import DeskThread
from tests.support.databases import hub_folder
from tests.support.fakes import FakeClock


@pytest.fixture
def desk(tmp_path: Path, database_url: str | None) -> Iterator[DeskThread]:
    clock = FakeClock()
    with DeskThread(hub_folder(tmp_path / "hub", clock, database_url), clock) as running:
        yield running
