"""What the commands of the hub refuse, in Vietnamese."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from device.cli import main
from device.hub.backup import in_use
from tests.support.hub_folders import as_before
from tests.support.languages import ENGLISH

Damage = Callable[[Path], object]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "hub"
    assert main(["hub", "init", str(folder)]) == 0
    return folder


@pytest.fixture
def hub(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "hub"))


def spoilt(name: str, by: bytes = b"{}") -> Damage:
    """Return what spoils a file of a hub, or makes it."""

    def spoil(hub: Path) -> None:
        (hub / name).parent.mkdir(exist_ok=True)
        (hub / name).write_bytes(by)

    return spoil


def removed(*names: str) -> Damage:
    """Return what removes files of a hub; none where none is named."""

    def remove(hub: Path) -> None:
        for path in [path for name in names for path in hub.glob(name)]:
            path.unlink()

    return remove


def before(damage: Damage) -> Damage:
    """Return what damages a hub from before there was hub.yaml."""

    def spoil(hub: Path) -> None:
        as_before(hub)
        damage(hub)

    return spoil


LISTED, CODE = ["gate", "list", "DIR"], ["code", "DIR", "A"]
STATUS, EXPIRE, INIT = ["status", "DIR", "FILE"], ["expire", "DIR"], ["init", "DIR"]
REFUSED: dict[str, tuple[Damage, list[str], str]] = {
    "database damaged": (spoilt("hub.db", b"none" * 4096), LISTED, "cơ sở dữ liệu của hub bị hỏng"),
    "database missing": (removed("hub.db"), LISTED, "thiếu cơ sở dữ liệu của hub"),
    "database blank": (spoilt("hub.db", b""), LISTED, "cơ sở dữ liệu của hub trống không"),
    "no sealing keys": (removed("keys/*"), CODE, "thiếu khoá niêm phong của hub"),
    "no key": (spoilt("keys/2026-01-01.json"), CODE, "không phải khoá của hub này"),
    "no root": (spoilt("root.key"), ["publish", "DIR", "roster", "FILE"], "không phải khoá gốc của hub"),
    "no root for a code": (spoilt("root.key"), CODE, "không phải khoá gốc của hub"),
    "no authority": (
        spoilt("tls/ca.key"),
        ["certificate", "DIR"],
        "không dùng được chứng thư gốc",
    ),
    "no certificate": (removed("tls/server.pem"), CODE, "có chứng thư không dùng được (không có"),
    "no name": (removed(), ["certificate", "DIR", "--name", "a b"], "hãy ghi tên máy chủ như hub.example.vn"),
    "no setting": (before(spoilt("hub.json")), EXPIRE, "phải là số nguyên từ 1 đến"),
    "long retention": (before(spoilt("hub.json", b'{"retention_days": 9999}')), EXPIRE, "nhiều nhất 3650"),
    "setting missing": (removed("hub.yaml"), EXPIRE, "thiếu tệp này"),
    "no JSON": (
        before(spoilt("hub.json", b"{")),
        EXPIRE,
        'không phải JSON đúng quy ước; hãy ghi: {"retention_days": 21}',
    ),
    "another day": (removed(), [*EXPIRE, "--today", "2020-01-01"], "không phải 2020-01-01; hãy chỉnh đồng hồ trước"),
    "clock unwritable": (
        lambda hub: (hub / ".clock.json.new").mkdir(),
        ["clock", "DIR", "--accept"],
        "clock.json: không ghi được (đây là thư mục)",
    ),
    "clock unreadable": (spoilt("clock.json"), CODE, "nếu đồng hồ đúng, hãy xoá tệp này"),
    "no status key": (spoilt("status.key"), STATUS, "không phải khoá; hãy xoá tệp này"),
    "status key unreadable": (lambda hub: (hub / "status.key").mkdir(), STATUS, "không dùng được (đây là thư mục"),
    "part of a hub": (removed("root.key", "operator.token"), INIT, "phần còn lại của một hub: thiếu root.key"),
    "succession": (
        spoilt("bundles/succession.json"),
        ["root", "DIR"],
        "không dùng được (succession: phải là danh sách)",
    ),
    "a bundle": (spoilt("bundles/roster.bundle"), ["root", "DIR"], "không dùng được; hãy publish lại"),
    "backup damaged": (
        spoilt("hub.db", b"none" * 4096),
        ["restore", "OTHER", "DIR"],
        "bị hỏng; chưa thay đổi gì. gate-scanner hub restore DIR BACKUP đặt",
    ),
}


def refusal(words: list[str], hub: Path, capsys: pytest.CaptureFixture[str], language: str) -> str:
    folder = hub.parent
    given = {"DIR": str(hub), "OTHER": str(folder / "other"), "FILE": str(folder / "people.jsonl")}
    (folder / "people.jsonl").write_text('{"citizen_number": "051090001234"}\n')
    capsys.readouterr()
    assert main(["--lang", language, "hub", *(given.get(word, word) for word in words)]) == 78
    return capsys.readouterr().err.replace(str(folder), "…")


@pytest.mark.parametrize(("damage", "words", "told"), REFUSED.values(), ids=REFUSED)
def test_a_command_refuses_in_vietnamese_without_a_word_of_english(
    hub: Path, damage: Damage, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(hub)
    said = refusal(words, hub, capsys, "vi")
    assert told in said
    assert not ENGLISH.search(said)
    assert ENGLISH.search(refusal(words, hub, capsys, "en"))


def test_a_hub_that_runs_is_not_restored_in_vietnamese_either(hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup = shutil.copytree(hub, hub.with_name("backup"))
    with in_use(hub, alone=False):
        said = refusal(["restore", "DIR", str(backup)], hub, capsys, "vi")
    assert said == "…/hub: hub đang chạy ở đây: systemctl stop gate-hub\n"


def test_a_wrong_list_is_told_by_its_lines_in_vietnamese(hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = hub.with_name("list.csv")
    file.write_text("Họ tên,CCCD\nThử,51090001234\nMẫu,\nMẫu,212345678\nMẫu,x\n", "utf-8")
    lines = refusal(["publish", "DIR", "roster", str(file)], hub, capsys, "vi").splitlines()
    assert [line.partition(": ")[0] for line in lines] == [f"…/list.csv:{number}" for number in (2, 3, 4, 5)]
    assert "Excel đã bỏ mất số 0 ở đầu" in lines[0]
    assert [line for line in lines if ENGLISH.search(line)] == []
