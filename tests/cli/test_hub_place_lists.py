"""``hub place import | export | communes | units``: what they print, and that a preview changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from device.cli import main
from device.clock import SystemClock
from device.hub.folder import HubFolder

LIST = "Tên;Tỉnh;Ghi chú\nChợ Mới;Hà Nôi;x\nTrường Đoàn Kết;Huế;\nTrường Độc Lập;Huế;\n"


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    return HubFolder.create(tmp_path / "hub", SystemClock()).path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "places.csv"
    path.write_text(LIST, "utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], hub: Path, command: str, *words: object) -> tuple[int, str]:
    code = main(["hub", "place", command, str(hub), *map(str, words)])
    told = capsys.readouterr()
    return code, told.out + told.err


def test_a_preview_says_what_would_be_and_the_import_does_it(
    hub: Path, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = run(capsys, hub, "import", file, "--dry-run")
    assert code == 0
    assert told.splitlines() == [
        "Hà Nôi: no province or city of today; did you mean Hà Nội?",
        "passed over: the columns Ghi chú",
        "3 new, 0 to change, 0 as they are; nothing was changed",
    ]
    assert "no place yet" in run(capsys, hub, "list")[1]
    assert run(capsys, hub, "import", file)[1].endswith("3 registered, 0 changed, 0 as they were\n")
    listed = run(capsys, hub, "list")[1].splitlines()
    assert [line.split("  ")[1] for line in listed[1:]] == ["Chợ Mới", "Trường Đoàn Kết", "Trường Độc Lập"]
    file.write_text("name,province,phone\nChợ Mới,Hà Nôi,0912345678\n", "utf-8")
    assert "Chợ Mới: changes phone" in run(capsys, hub, "import", file, "--dry-run")[1]
    out = tmp_path / "out.xlsx"
    assert run(capsys, hub, "export", out) == (0, f"{out}: 3 places\n")
    assert run(capsys, hub, "import", out)[1].endswith("0 registered, 0 changed, 3 as they were\n")
    assert "cannot be written" in run(capsys, hub, "export", tmp_path / "nowhere" / "out.csv")[1]


def test_wrong_lines_are_told_and_nothing_is_done(hub: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(LIST + "Chợ Xa;;\n", "utf-8")
    code, told = run(capsys, hub, "import", file)
    assert (code, f"{file}:5: province: is blank; write one; nothing was changed" in told) == (78, True)
    code, told = run(capsys, hub, "import", file, "--json")
    document = json.loads(told)
    assert (code, document["done"], len(document["added"])) == (78, False, 3)
    assert document["mistakes"] == [{"line": "5", "column": "province", "told": "is blank; write one"}]
    assert "no place yet" in run(capsys, hub, "list")[1]


def test_units_are_suggested_from_the_hubs_own_data_and_the_operators(
    hub: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = run(capsys, hub, "units")[1].splitlines()
    assert (len(lines), lines[0]) == (34, "91  An Giang  tỉnh  2025-07-01")
    file.write_text("code,name,type,province\n00001,Ngô Quyền,phường,Hải Phòng\n", "utf-8")
    assert run(capsys, hub, "communes", file, "--since", "2025-07-01")[0] == 0
    assert run(capsys, hub, "units", "Hải Phòng")[1] == "00001  Ngô Quyền  phường  2025-07-01\n"
