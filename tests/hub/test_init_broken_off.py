"""`hub init` that is killed at any step, and init once more."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from device.clock import DAY_MS, SystemClock, utc_day
from device.errors import ConfigurationError
from device.hub.folder import HubFolder
from tests.support.children import python_module, surroundings
from tests.support.fakes import FakeClock


def test_wherever_it_is_killed_init_once_more_makes_a_whole_hub(tmp_path: Path) -> None:
    command = [*python_module("tests.hub.init_child"), str(tmp_path)]
    done = subprocess.run(command, env=surroundings(), capture_output=True, text=True, check=True, timeout=300)
    tried = json.loads(done.stdout)
    assert tried["steps"] > 100
    assert tried["wrong"] == []


def test_a_hub_that_has_lost_its_token_and_has_gates_is_left_alone(folder: HubFolder) -> None:
    folder.add_gate("Cổng A")
    (folder.path / "operator.token").unlink()
    before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    with pytest.raises(ConfigurationError, match=r"without its operator\.token"):
        HubFolder.create(folder.path, SystemClock())
    assert {path: path.read_bytes() for path in folder.path.rglob("*") if path in before} == before


@pytest.mark.parametrize("lost", ["root.key", "hub.db", "tls/ca.pem", "tls/server.pem"])
def test_what_is_left_of_a_hub_is_left_alone_and_the_missing_file_named(folder: HubFolder, lost: str) -> None:
    (folder.path / "operator.token").unlink()
    (folder.path / lost).unlink()
    (folder.path / "hub.yaml").unlink(missing_ok=True)
    before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    with pytest.raises(ConfigurationError, match=lost):
        HubFolder.create(folder.path, SystemClock())
    assert {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()} == before


def test_what_is_asked_for_the_second_time_counts(tmp_path: Path) -> None:
    HubFolder.create(tmp_path, SystemClock(), ["one.example"], 30)
    (tmp_path / "operator.token").unlink()
    hub = HubFolder.create(tmp_path, SystemClock(), ["two.example"], 10)
    assert hub.retention_days == 10
    assert hub.public_identity().names == {"two.example"}
    with closing(hub.open_store()) as store:
        assert store.gates() == []
    shutil.rmtree(tmp_path / "tls")
    with pytest.raises(ConfigurationError, match="already"):
        HubFolder.create(tmp_path, SystemClock())


def test_one_that_was_broken_off_weeks_ago_makes_the_keys_of_today(tmp_path: Path) -> None:
    clock = FakeClock()
    HubFolder.create(tmp_path, clock)
    (tmp_path / "operator.token").unlink()
    clock.advance(30 * DAY_MS)
    clock.boot_id = "b" * 32
    hub = HubFolder.create(tmp_path, clock)
    assert hub.sealing_keys()[0].day == utc_day(clock.wall_ms)
    assert hub.clock.now().off_ms is None
