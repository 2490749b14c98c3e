"""Whether a process is ready, in a word."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from device.errors import ConfigurationError
from device.hub.db.database import HubDatabase
from device.hub.db.schema import VERSIONS
from device.hub.folder import HubFolder
from device.hub.metrics.standing import READY, Standing
from tests.support.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def folder(tmp_path: Path, clock: FakeClock) -> HubFolder:
    return HubFolder.create(tmp_path / "hub", clock)


@pytest.fixture
def standing(folder: HubFolder, store: HubDatabase, clock: FakeClock) -> Standing:
    return Standing(folder, store, lambda: 7, None, clock)


def gauges(standing: Standing) -> dict[str, float]:
    return {name: value for name, _, value in standing.gauges()}


def test_a_hub_with_its_database_and_keys_is_ready(standing: Standing) -> None:
    assert standing.reason() == READY
    told = gauges(standing)
    assert (told["ready"], told["open_connections"], told["sealing_key_days_ahead"]) == (1.0, 7, 30)
    assert 10e6 < told["resident_bytes"] < 2e9
    assert "maintenance_age_seconds" not in told


def test_a_loop_that_does_not_turn_is_said_and_one_that_does_again_is_ready(
    standing: Standing, clock: FakeClock
) -> None:
    clock.advance(31_000)
    assert (standing.reason(), standing.is_alive) == ("hangs", False)
    standing.beat()
    assert (standing.reason(), standing.is_alive) == (READY, True)


def test_a_database_that_does_not_answer_is_said(standing: Standing, folder: HubFolder, store: HubDatabase) -> None:
    store.close()
    (folder.path / "hub.db").write_bytes(b"none" * 4096)
    assert standing.reason() == "database"
    assert gauges(standing)["ready"] == 0.0
    assert standing.alarms() == []


def test_a_database_that_somebody_has_migrated_is_said_and_looked_at_again(
    standing: Standing, store: HubDatabase, clock: FakeClock
) -> None:
    assert standing.reason() == READY
    for version, told in (("9999", "schema"), (VERSIONS[-1], READY)):
        with store.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
        clock.advance(60_000)
        standing.beat()
        assert standing.reason() == told


def test_keys_that_are_used_up_are_said(standing: Standing, folder: HubFolder, clock: FakeClock) -> None:
    assert standing.reason() == READY
    clock.advance(31 * 86_400_000)
    standing.beat()
    assert standing.reason() == "keys"
    folder.keys.make_ahead(clock.reading().wall_ms)
    assert standing.reason() == READY


def test_a_folder_without_keys_is_said(standing: Standing, folder: HubFolder) -> None:
    for path in folder.keys.path.iterdir():
        path.unlink()
    with pytest.raises(ConfigurationError):
        folder.sealing_keys()
    assert standing.reason() == "keys"
    assert gauges(standing)["sealing_key_days_ahead"] == -1
