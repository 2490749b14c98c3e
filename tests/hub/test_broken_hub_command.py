"""A hub that lacks its database, its keys or its folder: each command says so in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.cli import main

EVERY_COMMAND = [["run"], ["checkins"], ["gate", "list"], ["code"], ["gate", "add"]]


def said_by(words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line with which a command refuses a hub that is not usable."""
    more = {"code": ["Cổng B"], "add": ["Cổng B", "--out", str(folder.parent / "enrolment.json")]}
    capsys.readouterr()
    assert main(["hub", *words, str(folder), *more.get(words[-1], [])]) == 78
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


@pytest.mark.parametrize("words", EVERY_COMMAND)
def test_a_hub_without_its_database_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    hub = tmp_path / "hub"
    main(["hub", "init", str(hub)])
    (hub / "hub.db").write_bytes(b"not a database" * 1000)
    assert "damaged" in said_by(words, hub, capsys)
    (hub / "hub.db").unlink()
    assert "missing" in said_by(words, hub, capsys)
    assert not (hub / "hub.db").exists()
    assert not (tmp_path / "enrolment.json").exists()


def test_damage_that_shows_only_in_a_query_is_one_line_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub = tmp_path / "hub"
    main(["hub", "init", str(hub)])
    database = hub / "hub.db"
    pages = database.read_bytes()
    database.write_bytes(pages[:4096] + b"\x1b" * (len(pages) - 4096))  # the first page says which tables there are
    assert "damaged" in said_by(["checkins"], hub, capsys)


@pytest.mark.parametrize("words", [["run"], ["code"], ["gate", "add"]])
def test_a_hub_without_sealing_keys_enrols_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    hub = tmp_path / "hub"
    main(["hub", "init", str(hub)])
    for key in (hub / "keys").iterdir():
        key.unlink()
    assert "sealing keys are missing" in said_by(words, hub, capsys)
    assert not (tmp_path / "enrolment.json").exists()


@pytest.mark.parametrize("words", EVERY_COMMAND)
def test_a_folder_that_cannot_be_looked_into_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert "cannot be read" in said_by(words, tmp_path / ("x" * 300), capsys)
