"""``gate-scanner adopt FOLDER``: a site file that came on the card's boot partition."""

from __future__ import annotations

import argparse
import os
import stat
from pathlib import Path

import pytest

from device.cli import adopt

GOOD = "place: {name: Chợ Hoa, province: Huế}\npins: {green: 17, red: 27}\n"


@pytest.fixture
def boot(tmp_path: Path) -> Path:
    (tmp_path / "boot").mkdir()
    (tmp_path / "etc").mkdir()
    return tmp_path / "boot"


def adopted(boot: Path) -> int:
    parser = argparse.ArgumentParser()
    adopt.add_arguments(parser)
    return adopt.run(parser.parse_args([str(boot), "--config", str(site(boot))]))


def site(boot: Path) -> Path:
    return boot.parent / "etc" / "site.yaml"


def answer(boot: Path) -> str:
    return (boot / adopt.ANSWER).read_text(encoding="utf-8-sig")


def test_where_nothing_was_laid_nothing_happens(boot: Path) -> None:
    assert adopted(boot) == 0
    assert list(boot.iterdir()) == []
    assert not site(boot).exists()


@pytest.mark.parametrize("name", ["site.yaml", "SITE.YML", "Site.yaml.txt"])
def test_what_notepad_writes_becomes_the_site_file(boot: Path, name: str) -> None:
    (boot / name).write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert adopted(boot) == 0
    assert site(boot).read_bytes() == GOOD.encode()
    assert stat.S_IMODE(site(boot).stat().st_mode) == 0o640
    assert sorted(path.name for path in boot.iterdir()) == [adopt.ANSWER, adopt.TAKEN]
    told = answer(boot).splitlines()
    assert told[0] == f"Đã nhận {name}; tệp này nay có tên {adopt.TAKEN}."
    assert told[1] == "địa điểm: Chợ Hoa (other), Huế; hướng của cổng: in"
    assert told[told.index("In English:") + 1 :][:2] == [
        f"{name} was taken over; the file is now called {adopt.TAKEN}.",
        "place: Chợ Hoa (other), Huế; the gate leads in",
    ]
    assert (boot / adopt.ANSWER).read_bytes().endswith(b"\r\n")


def test_a_folder_that_is_not_there_is_told_and_no_success(boot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert adopted(boot / "nowhere") == 1
    assert capsys.readouterr().out == f"{boot / 'nowhere'}: No such file or directory\n"


def test_it_is_taken_once(boot: Path) -> None:
    (boot / "site.yaml").write_text(GOOD, "utf-8")
    adopted(boot)
    site(boot).write_text("edited since\n")
    assert adopted(boot) == 0
    assert site(boot).read_text() == "edited since\n"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"pin: {}\n", "site.yaml:1:1: pin: unknown key; did you mean pins?"),
        (b"\xff\xfep\0", "this is UTF-16; save it as UTF-8"),
        (GOOD.encode() + b"policy: {file: none.yaml}\n", "site.yaml:3:16: policy.file: there is no file "),
        (
            GOOD.encode() + b"hub: {url: 'https://hub.vidu.vn', ca_file: ca.pem}\n",
            "site.yaml:3:44: hub.ca_file: there ",
        ),
        (GOOD.encode() + b"store: {folder: data}\n", "site.yaml:3:17: store.folder: write it in full"),
        (
            GOOD.replace("Chợ", "Trường THPT").replace("Hoa,", "Hoa Phượng,").encode(),
            "site.yaml:1:15: place.name: this is",
        ),
    ],
)
def test_mistakes_are_answered_with_their_lines_and_the_old_file_stays(boot: Path, content: bytes, line: str) -> None:
    site(boot).write_text("as it was\n")
    (boot / "site.yaml").write_bytes(content)
    assert adopted(boot) == 78
    assert site(boot).read_text() == "as it was\n"
    assert (boot / "site.yaml").read_bytes() == content
    assert "the gate goes on as before" in answer(boot)
    assert line in answer(boot)


def test_two_files_are_not_chosen_between(boot: Path) -> None:
    for name in ("site.yaml", "site.yaml.txt"):
        (boot / name).write_text(GOOD, "utf-8")
    assert adopted(boot) == 78
    assert answer(boot).splitlines()[0] == "Có 2 tệp: site.yaml, site.yaml.txt. Chỉ để lại một tệp."
    assert answer(boot).splitlines()[-1] == "There are 2 files: site.yaml, site.yaml.txt. Leave one."
    assert not site(boot).exists()


def test_the_answer_is_in_vietnamese_and_english_and_the_journal_gets_english(
    boot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (boot / "site.yaml").write_text(
        "place: {name: Chợ Hoa, province: Huế}\npins: {green: 17, red: 27, relay: x}\n", "utf-8"
    )
    assert adopted(boot) == 78
    english = [
        "Not taken over, the gate goes on as before. Correct these lines:",
        "site.yaml:2:35: pins.relay: write a BCM number from 0 to 27 (got 'x')",
    ]
    vietnamese = [
        "Chưa nhận, máy quét vẫn chạy như cũ. Hãy sửa các dòng sau:",
        "site.yaml:2:35: pins.relay: viết số chân BCM từ 0 đến 27 (đang ghi 'x')",
    ]
    assert answer(boot).splitlines() == [*vietnamese, "", "In English:", *english]
    assert capsys.readouterr().out.splitlines() == english


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_partition_that_cannot_be_written_is_told(boot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (boot / "site.yaml").write_text(GOOD, "utf-8")
    boot.chmod(0o555)
    assert adopted(boot) == 1
    assert "could not be taken over" in capsys.readouterr().out
