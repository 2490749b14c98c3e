from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from device.hub.db.database import HubDatabase
from tests.support.databases import hub_folder
from tests.support.fakes import FakeClock
from tests.support.supervised import Supervised

WEDNESDAY_NOON_MS = 1_769_576_400_000
"""2026-01-28 12:00 in Vietnam."""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(wall_ms=WEDNESDAY_NOON_MS)


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock, database_url: str | None) -> Iterator[HubDatabase]:
    with closing(hub_folder(tmp_path / "hub", clock, database_url).open_store()) as opened:
        yield opened


@pytest.fixture
def hub(store: HubDatabase) -> Supervised:
    return Supervised(store)
