"""``hub place``: what a person registers, sees and changes on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from device.cli import main
from device.clock import SystemClock
from device.hub.folder import HubFolder
from device.words import LANGUAGES

NAME = "Trường THPT Hoa Phượng"


@pytest.fixture
def hub(tmp_path: Path) -> HubFolder:
    return HubFolder.create(tmp_path / "hub", SystemClock())


@pytest.fixture
def place(hub: HubFolder, capsys: pytest.CaptureFixture[str]) -> str:
    """Its id."""
    words = ["--province", "Hải Phòng", "--kind", "school", "--opening-hours", "T2-T6 7h-17h"]
    assert main(["hub", "place", "add", str(hub.path), NAME, *words]) == 0
    return capsys.readouterr().out.strip()


def listed(hub: HubFolder, capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, str | None]]:
    capsys.readouterr()
    assert main(["hub", "place", "list", str(hub.path), "--json", *words]) == 0
    found: list[dict[str, str | None]] = json.loads(capsys.readouterr().out)["places"]
    return found


def test_a_place_is_registered_changed_archived_and_used_again(
    hub: HubFolder, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["hub", "place", "edit", str(hub.path), NAME, "--phone", "0912 345 678"]) == 0
    (found,) = listed(hub, capsys)
    assert {key: found[key] for key in ("id", "name", "kind", "phone", "opening_hours", "time_zone", "archived")} == {
        "id": place,
        "name": NAME,
        "kind": "school",
        "phone": "0912 345 678",
        "opening_hours": "mon-fri 07:00-17:00",
        "time_zone": "Asia/Ho_Chi_Minh",
        "archived": None,
    }
    assert main(["hub", "place", "archive", str(hub.path), place]) == 0
    assert listed(hub, capsys) == []
    (found,) = listed(hub, capsys, "--archived")
    assert found["archived"] is not None
    assert main(["hub", "place", "archive", str(hub.path), place, "--undo"]) == 0
    assert len(listed(hub, capsys)) == 1


def test_a_place_that_is_there_is_not_registered_again(
    hub: HubFolder, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["hub", "place", "add", str(hub.path), NAME.upper(), "--province", "hải phòng"]) == 78
    assert f"this place is registered already: {place}" in capsys.readouterr().err
    assert len(listed(hub, capsys)) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["add", "A"], "--province: is blank; write one"),
        (["add", "A" * 10_000, "--province", "Huế"], "NAME: write at most 200 characters, not 10000"),
        (["add", "A", "--province", "Huế", "--time-zone", "Asia/Hue"], "--time-zone: there is no such time zone"),
        (["edit", "Chợ", "--phone", "1234567"], "Chợ: there is no such place; see: gate-scanner hub place list"),
    ],
)
def test_what_cannot_be_registered_is_told_in_a_sentence(
    hub: HubFolder, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    command, *rest = words
    assert main(["hub", "place", command, str(hub.path), *rest]) == 78
    assert told in capsys.readouterr().err
    assert listed(hub, capsys, "--archived") == []


def test_a_gate_is_assigned_and_shown_beside_what_it_says(
    hub: HubFolder, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    gate = hub.add_gate("Cổng A")
    for language in LANGUAGES:
        assert main(["hub", "place", "assign", str(hub.path), "Cổng A", place, "--lang", language]) == 0
        assert main(["hub", "place", "gates", str(hub.path), "--lang", language]) == 0
        assert capsys.readouterr().out.splitlines()[1].split("  ")[-3:] == [NAME, "-", "-"]
    assert main(["hub", "place", "gates", str(hub.path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["gates"][0] == {
        "device_id": gate.device_id,
        "gate": "Cổng A",
        "assigned": place,
        "reported": None,
        "matched": None,
    }
    assert main(["hub", "place", "assign", str(hub.path), "Cổng B", place]) == 1
    assert "Cổng B: there is no such gate" in capsys.readouterr().err
