"""A database that is read-only, as who starts a hub and who watches it are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url

from device.clock import SystemClock
from device.errors import ConfigurationError
from device.hub.db.database import HubDatabase
from device.hub.db.read_only import disk_is_read_only
from device.hub.folder import HubFolder
from device.hub.metrics.standing import READY, Standing
from tests.support.databases import hub_folder
from tests.support.postgres import Cluster
from tests.support.tmpfs import read_only, tmpfs


def a_standing(folder: HubFolder, store: HubDatabase) -> Standing:
    return Standing(folder, store, lambda: 0, None, SystemClock())


def test_a_hub_on_a_read_only_disk_says_so_at_its_start(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "card") as card:
        folder = hub_folder(card / "hub", SystemClock(), None)
        with read_only(card), pytest.raises(ConfigurationError, match="is read-only"):
            folder.open_store()
        folder.open_store().close()


def test_a_hub_is_not_ready_while_its_disk_is_read_only(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "card") as card:
        folder = hub_folder(card / "hub", SystemClock(), None)
        store = folder.open_store()
        standing = a_standing(folder, store)
        assert standing.reason() == READY
        store.close()
        with read_only(card):
            assert standing.reason() == "read-only"
            assert disk_is_read_only(card)
        assert standing.reason() == READY
        store.close()


def test_a_hub_is_not_ready_while_its_server_is_read_only(
    tmp_path: Path, postgres: Cluster, postgres_hub_url: str
) -> None:
    folder = hub_folder(tmp_path / "hub", SystemClock(), postgres_hub_url)
    store, name = folder.open_store(), make_url(postgres_hub_url).database
    standing = a_standing(folder, store)
    for value, told in (("on", "read-only"), ("off", READY)):
        postgres.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {value}")
        postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        assert standing.reason() == told
    postgres.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    store.close()


def test_what_is_not_there_is_not_called_read_only(tmp_path: Path) -> None:
    assert not disk_is_read_only(tmp_path / "nothing")
