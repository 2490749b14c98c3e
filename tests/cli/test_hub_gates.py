"""Names of gates: what is no name is refused wherever one is given, and no two gates have the same."""

from __future__ import annotations

import argparse
import errno
import os
from contextlib import closing
from pathlib import Path

import pytest

from device.cli import hub as hub_command
from device.cli import main
from device.clock import SystemClock
from device.errors import ConfigurationError
from device.hub.folder import HubFolder


@pytest.fixture
def hub(tmp_path: Path) -> str:
    HubFolder.create(tmp_path / "hub", SystemClock())
    return str(tmp_path / "hub")


def names_in(hub: str) -> list[str]:
    with closing(HubFolder(Path(hub), SystemClock()).open_store()) as store:
        return [gate.name for gate in store.gates()]


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    return capsys.readouterr().err


NO_NAMES = {
    "": "is blank",
    " \t ": "is blank",
    "\N{NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE}": "is blank",
    "a\N{ESCAPE}[31mb": "cannot be seen (U+001B)",
    "a\N{ZERO WIDTH SPACE}b": "cannot be seen (U+200B)",
    "a\N{RIGHT-TO-LEFT OVERRIDE}b": "cannot be seen (U+202E)",
    "x" * 101: "has 101 letters; write at most 100",
}
GIVEN = [
    ["hub", "code", "DIR", "NAME"],
    ["hub", "code", "DIR", "NAME", "--again"],
    ["hub", "revoke", "DIR", "NAME"],
    ["hub", "gate", "add", "DIR", "NAME", "--out", "/nowhere/x.json"],
    ["hub", "publish", "DIR", "roster", "people.csv", "--gate", "NAME"],
    ["hub", "checkins", "DIR", "--gate", "NAME"],
]


@pytest.mark.parametrize("words", GIVEN, ids=" ".join)
def test_what_is_no_name_is_refused_wherever_one_is_given(
    words: list[str], hub: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, why in NO_NAMES.items():
        given = [{"DIR": hub, "NAME": name}.get(word, word) for word in words]
        assert why in refused(given, capsys)
    assert names_in(hub) == []


def test_a_name_is_kept_and_found_with_one_blank_and_in_one_form_of_its_accents(hub: str, tmp_path: Path) -> None:
    typed = "  Cô\N{COMBINING HOOK ABOVE}ng\N{NO-BREAK SPACE} chính\n"
    assert main(["hub", "gate", "add", hub, typed, "--out", str(tmp_path / "a.json")]) == 0
    assert names_in(hub) == ["Cổng chính"]
    assert main(["hub", "revoke", hub, "Cổng chính"]) == 0


def test_no_second_gate_gets_a_name_that_is_taken(hub: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "b.json"
    assert main(["hub", "gate", "add", hub, "A", "--out", str(tmp_path / "a.json")]) == 0
    assert main(["hub", "gate", "add", hub, "A", "--out", str(out)]) == 1
    assert main(["hub", "code", hub, "A"]) == 1
    assert capsys.readouterr().err.count("A: there is such a gate") == 2
    assert names_in(hub) == ["A"]
    assert not out.exists()


def test_a_device_id_is_no_name_for_a_gate(hub: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add = ["hub", "gate", "add", hub, "gate-0123456789ab", "--out", str(tmp_path / "a.json")]
    assert "looks like a gate's device id" in refused(add, capsys)
    assert main(["hub", "code", hub, "gate-0123456789ab"]) == 2
    assert "is a device id" in capsys.readouterr().err


def test_who_names_a_gate_that_is_not_there_is_told_where_to_look(hub: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hub", "revoke", hub, "Cổng B"]) == 1
    assert capsys.readouterr().err == f"Cổng B: there is no such gate; see: gate-scanner hub gate list {hub}\n"


def test_a_hub_without_gates_says_how_to_make_one(hub: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hub", "gate", "list", hub]) == 0
    assert capsys.readouterr().out == f"no gate yet; for each: gate-scanner hub code {hub} 'Main entrance'\n"


def test_checkins_of_which_none_has_arrived_are_said_beside_the_listing(
    hub: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["hub", "checkins", hub, "--place", "Chợ"]) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "nothing has arrived that is asked for here\n")


def test_times_that_leave_nothing_between_them_are_refused(hub: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hub", "checkins", hub, "--from", "2026-11-30T00:00", "--until", "2026-11-29T00:00"]) == 2
    assert "they leave no time between them" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["hub", "revoke", "DIR", "Cổng B"], "Cổng B: không có máy quét này; xem: gate-scanner hub gate list DIR\n"),
        (
            ["hub", "gate", "list", "/nowhere"],
            "/nowhere: không phải thư mục của hub; để tạo: gate-scanner hub init /nowhere\n",
        ),
        (["hub", "backup", "DIR", "/nowhere/a"], "/nowhere: không có thư mục này\n"),
    ],
    ids=["revoke", "list", "backup"],
)
def test_a_hub_refuses_in_vietnamese(words: list[str], told: str, hub: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([{"DIR": hub}.get(word, word) for word in [*words, "--lang", "vi"]]) in (1, 78)
    assert capsys.readouterr().err == told.replace("DIR", hub)


def test_a_wrong_word_is_refused_in_vietnamese(hub: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "để trống; hãy ghi tên" in refused(["--lang", "vi", "hub", "code", hub, " "], capsys)
    assert "có phải ý bạn là status?" in refused(["stauts", "--lang=vi"], capsys)


def test_a_folder_of_another_user_is_told_with_whose_it_is_and_how_to_call_the_command(tmp_path: Path) -> None:
    folder = Path("/")
    if os.geteuid() == 0:
        folder = tmp_path
        os.chown(folder, 65_534, 65_534)

    def refuse(_arguments: argparse.Namespace) -> int:
        raise ConfigurationError("it cannot be read") from PermissionError(
            errno.EACCES, "Permission denied", str(folder)
        )

    with pytest.raises(ConfigurationError, match=r"belongs to \S+; run the same again as that user: sudo -u \S+ "):
        hub_command.run(argparse.Namespace(folder=folder, hub_run=refuse))
