from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.alerts.alert_hub import AlertHub


@pytest.fixture
def hub(tmp_path: Path, database_url: str | None) -> Iterator[AlertHub]:
    made = AlertHub(tmp_path / "hub", database_url)
    yield made
    made.store.close()
