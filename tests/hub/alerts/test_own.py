"""What is wrong with the hub itself."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from device.clock import DAY_MS
from device.hub.alerts.own import KEY_DAYS, LEAST_FREE_BYTES, OWN_TO_DO, OWN_WORDS, judged_hub
from device.hub.alerts.rules import Limits, Rule
from device.hub.backup import back_up
from device.hub.backup_terms import Part, backed_up_ms, note_made
from tests.hub.alerts.alert_hub import AlertHub
from tests.support.databases import both_databases, make_tables

NO_BACKUPS = Limits(backup_ms=None)


def wrong(hub: AlertHub, limits: Limits = NO_BACKUPS) -> set[str]:
    found = {subject for _, subject in judged_hub(hub.folder, hub.store, limits, hub.store.now_ms()).wrong}
    if shutil.disk_usage(hub.folder.path).free < LEAST_FREE_BYTES:
        assert "disk" in found
    return found - {"disk"}


@both_databases
def test_a_new_hub_is_well_and_keys_that_nobody_makes_are_told(hub: AlertHub) -> None:
    assert wrong(hub) == set()
    hub.clock.advance((30 - KEY_DAYS + 1) * DAY_MS)
    assert "keys" in wrong(hub)


def test_partitions_that_nobody_makes_are_told(tmp_path: Path, postgres_url: str) -> None:
    make_tables(postgres_url)  # its own: partitions of other tests' days would stay
    with closing((hub := AlertHub(tmp_path / "hub", postgres_url)).store):
        hub.store.make_partitions(pair.day for pair in hub.folder.keys.pairs())
        hub.clock.advance(40 * DAY_MS)
        found = judged_hub(hub.folder, hub.store, NO_BACKUPS, hub.store.now_ms()).wrong
        assert found[Rule.HUB, "partitions"].detail == "0"


def test_a_clock_in_doubt_is_told_and_no_keys_are_missed_meanwhile(hub: AlertHub) -> None:
    hub.store.clock.watch()
    hub.clock.wall_ms += 400 * DAY_MS
    assert wrong(hub) == {"clock"}


def test_the_older_of_the_backups_of_database_and_keys_counts(tmp_path: Path) -> None:
    birth = tmp_path / "operator.token"
    birth.touch()
    note_made(tmp_path, Part.DATABASE, 5_000)
    assert backed_up_ms(tmp_path, birth) == 5_000
    note_made(tmp_path, Part.KEYS, 3_000)
    assert backed_up_ms(tmp_path, birth) == 3_000
    note_made(tmp_path, Part.ALL, 9_000)
    assert backed_up_ms(tmp_path, birth) == 9_000


def test_a_backup_that_is_too_old_is_told_until_one_is_made(hub: AlertHub, tmp_path: Path) -> None:
    limits = replace(NO_BACKUPS, backup_ms=8 * DAY_MS)
    note_made(hub.folder.path, Part.ALL, hub.clock.wall_ms - 9 * DAY_MS)
    assert wrong(hub, limits) == {"backup"}
    back_up(hub.folder, tmp_path / "stick")
    assert wrong(hub, limits) == set()
    assert not list((tmp_path / "stick").glob(".*"))


@pytest.mark.parametrize("word", OWN_WORDS)
def test_each_says_what_to_do(word: str) -> None:
    assert OWN_TO_DO[word]
