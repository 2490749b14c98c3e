"""``hub poster``: what is printed, what is told, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from device.cli import main
from device.clock import SystemClock
from device.hub.folder import HubFolder

NAME = "Chợ Mới"


@pytest.fixture
def hub(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    folder = HubFolder.create(tmp_path / "hub", SystemClock()).path
    assert main(["hub", "place", "add", str(folder), NAME, "--province", "Huế"]) == 0
    capsys.readouterr()
    return folder


def run(capsys: pytest.CaptureFixture[str], hub: Path, out: Path, *words: str) -> tuple[int, str]:
    code = main(["hub", "poster", str(hub), NAME, "--out", str(out), *words])
    told = capsys.readouterr()
    return code, told.out + told.err


def test_a_poster_is_printed_again_as_it_was_and_replaced_when_asked(
    hub: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again, new = tmp_path / "1.pdf", tmp_path / "2.pdf", tmp_path / "3.pdf"
    code, told = run(capsys, hub, first)
    assert code == 0
    assert f"{first}: poster 1 of Cổng chính" in told
    assert "hub.yaml has no people.url" in told
    assert "place.location_qr: https://tokhaiyte.vn/?page=Group.checkin&groupId=" in told
    assert run(capsys, hub, again)[0] == 0
    assert first.read_bytes() == again.read_bytes()
    assert f"{new}: poster 2 of Cổng chính" in run(capsys, hub, new, "--replace")[1]
    assert first.read_bytes() != new.read_bytes()
    assert f"{new}: poster 1 of Cổng sau" in run(capsys, hub, new, "--entrance", "Cổng  sau", "--paper", "a6")[1]
    assert main(["hub", "place", "list", str(hub), "--json"]) == 0
    posters = json.loads(capsys.readouterr().out)["places"][0]["posters"]
    told_apart = [(one["entrance"], one["number"], one["replaced"] is None) for one in posters]
    assert told_apart == [("Cổng chính", 1, False), ("Cổng chính", 2, True), ("Cổng sau", 1, True)]


def test_with_an_address_for_people_the_code_leads_there(
    hub: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (hub / "hub.yaml").open("a", encoding="utf-8") as file:
        file.write("people: {url: 'https://checkin.example.vn/'}\n")
    told = run(capsys, hub, tmp_path / "poster.pdf")[1]
    assert "place.location_qr: https://checkin.example.vn/p/" in told
    assert "people.url" not in told


def test_sign_and_notice_are_printed_when_the_facts_are_there(
    hub: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sheet.pdf"
    code, told = run(capsys, hub, out, "--sheet", "sign")
    assert (code, "nobody to ask: write notice.contact in hub.yaml" in told) == (78, True)
    assert main(["hub", "place", "edit", str(hub), NAME, "--responsible", "Nguyễn Văn Thử"]) == 0
    assert run(capsys, hub, out, "--sheet", "sign")[0] == 0
    assert out.read_bytes().startswith(b"%PDF")
    code, told = run(capsys, hub, out, "--sheet", "notice")
    assert (code, "no legal basis: write it with" in told) == (78, True)
    assert main(["hub", "place", "edit", str(hub), NAME, "--legal-basis", "Quyết định 12"]) == 0
    assert run(capsys, hub, out, "--sheet", "notice")[0] == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--entrance", " "], "--entrance: is blank; write one"),
        (["--out", "/nowhere/poster.pdf"], "/nowhere/poster.pdf: cannot be written"),
    ],
)
def test_what_cannot_be_printed_is_told_in_a_sentence(
    hub: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    code, said = run(capsys, hub, tmp_path / "poster.pdf", *words)
    assert (code, told in said) == (78, True)


def test_a_place_out_of_use_has_no_poster(hub: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hub", "place", "archive", str(hub), NAME]) == 0
    out = tmp_path / "poster.pdf"
    assert run(capsys, hub, out)[0] == 78
    assert not out.exists()
