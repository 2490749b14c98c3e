"""``hub publish`` and the root that signs it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from device.cli import main
from device.clock import SystemClock
from device.hub.folder import HubFolder
from device.wire.bundle import BundleKind


def test_a_people_list_is_published_for_the_gates_that_are_named_and_a_policy_for_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = HubFolder.create(tmp_path / "hub", SystemClock())
    one, other = hub.add_gate("Cổng A"), hub.add_gate("Cổng B")
    people = tmp_path / "people.csv"
    people.write_text("citizen_number\n051090001234\n")
    publish = ["hub", "publish", str(hub.path)]
    assert main([*publish, "roster", str(people), "--gate", "Cổng A"]) == 0
    assert f"roster for {one.device_id} (Cổng A) alone: 1 number (none before)" in capsys.readouterr().out
    assert BundleKind.ROSTER in hub.bundles().catalogue(one.device_id).offers
    assert BundleKind.ROSTER not in hub.bundles().catalogue(other.device_id).offers
    assert main([*publish, "roster", str(people), "--gate", "Cổng C"]) == 1
    assert main([*publish, "policy", str(people), "--gate", "Cổng A"]) == 2
    assert main([*publish, "roster", str(people)]) == 0
    assert BundleKind.ROSTER in hub.bundles().catalogue(other.device_id).offers
    assert hub.bundles().catalogue(one.device_id) == hub.bundles().catalogue(other.device_id)


def test_publishing_a_people_list_says_how_many_are_in_it_and_were_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, people = HubFolder.create(tmp_path / "hub", SystemClock()), tmp_path / "people.csv"
    publish = ["hub", "publish", str(hub.path), "roster", str(people)]
    people.write_text("Họ tên;Số CCCD\nThử;051090001234\nMẫu;051194005678\n")
    assert main(publish) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        "passed over columns: Họ tên",
        "roster: 2 numbers (none before)",
    ]
    people.write_text("cccd\n051090001234\n051090001234\n")
    assert main(publish) == 0
    told = capsys.readouterr().out
    assert "a number that stands further up already, counted once, in rows: 3\nroster: 1 number (before 2)" in told


def test_a_people_list_that_no_published_policy_asks_is_told_so_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, people, policy = HubFolder.create(tmp_path / "hub", SystemClock()), tmp_path / "a.csv", tmp_path / "p.yaml"
    people.write_text("cccd\n051090001234\n")
    publish = ["hub", "publish", str(hub.path)]
    assert main([*publish, "watch-list", str(people)]) == 0
    told = capsys.readouterr().out
    assert "do not look at the watch-list yet, for no policy is published here" in told
    assert f"gate-scanner hub publish {hub.path} policy FILE" in told
    policy.write_text("version: market-1\nvalid_from: 2026-01-01\nroster: {}\n", "utf-8")
    assert main([*publish, "policy", str(policy)]) == 0
    told = capsys.readouterr().out
    assert f"no roster is published for all gates: gate-scanner hub publish {hub.path} roster FILE" in told
    assert "watch-list" not in told
    assert main([*publish, "watch-list", str(people)]) == 0
    assert "the watch-list, for policy market-1, published here, has no watch_list" in capsys.readouterr().out
    assert main([*publish, "roster", str(people)]) == 0
    assert "gates with" not in capsys.readouterr().out
    assert main([*publish, "policy", str(policy)]) == 0
    assert "is published for all gates" not in capsys.readouterr().out


def test_a_policy_that_begins_later_is_told_so_where_it_is_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, policy = HubFolder.create(tmp_path / "hub", SystemClock()), tmp_path / "policy.yaml"
    for year, later in (("2020", False), ("9000", True)):
        policy.write_text(f"version: market-1\nvalid_from: {year}-01-01\n", "utf-8")
        assert main(["hub", "publish", str(hub.path), "policy", str(policy)]) == 0
        told = capsys.readouterr().out
        assert f"in force from {year}-01-01 00:00+07:00" in told
        assert ("NOT IN FORCE YET: until 9000-01-01 00:00+07:00 gates" in told) == later


@pytest.mark.parametrize("written", ["", "citizen_number\n", "citizen_number;x\n;\n"])
def test_a_list_of_nobody_is_published_only_when_that_is_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], written: str
) -> None:
    hub, people = HubFolder.create(tmp_path / "hub", SystemClock()), tmp_path / "people.csv"
    people.write_text(written)
    publish = ["hub", "publish", str(hub.path), "watch-list", str(people)]
    assert main(publish) == 78
    assert "people.csv: nobody is in it; write --empty if that is meant" in capsys.readouterr().err
    assert hub.bundles().head(BundleKind.WATCH_LIST) is None
    assert main([*publish, "--empty"]) == 0
    assert "watch-list: 0 numbers (none before)" in capsys.readouterr().out


def test_what_is_known_of_people_is_forgotten_only_when_that_is_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, people = HubFolder.create(tmp_path / "hub", SystemClock()), tmp_path / "people.jsonl"
    people.write_text("\n")
    assert main(["hub", "status", str(hub.path), str(people)]) == 78
    assert "people.jsonl: nobody is in it; write --empty" in capsys.readouterr().err
    assert main(["hub", "status", str(hub.path), str(people), "--empty"]) == 0
    assert "0 people" in capsys.readouterr().out


def test_publishing_says_the_version_and_a_mistake_names_its_line_and_signs_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, policy, people = tmp_path / "hub", tmp_path / "policy.yaml", tmp_path / "people.csv"
    HubFolder.create(folder, SystemClock())
    policy.write_text("version: market-1\nvalid_from: soon\n", "utf-8")
    assert main(["hub", "publish", str(folder), "policy", str(policy)]) == 78
    assert "policy.yaml:2:13: valid_from" in capsys.readouterr().err
    assert not (folder / "bundles").exists()
    policy.write_text("version: market-1\nvalid_from: 2026-01-01\n", "utf-8")
    assert main(["hub", "publish", str(folder), "policy", str(policy), "--days", "30"]) == 0
    assert re.match(r"policy version \d+, 41 bytes; gates warn after \d{4}-", capsys.readouterr().out)
    people.write_text("citizen_number\n051090001234\n", "utf-8")
    assert main(["hub", "publish", str(folder), "watch-list", str(people)]) == 0
    assert "keep" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(["hub", "publish", str(folder), "policy", str(policy), "--days", "0"])
    assert ended.value.code == 2


def test_a_new_root_takes_the_place_of_the_old_one_and_the_command_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = HubFolder.create(tmp_path / "hub", SystemClock())
    before = hub.public_identity().root
    assert main(["hub", "root", str(tmp_path / "hub")]) == 0
    assert "start the hub anew" in capsys.readouterr().out
    assert hub.public_identity().root != before
    assert len(hub.bundles().catalogue().succession) == 1
