"""``--lang`` and the environment: which language a command speaks."""

from __future__ import annotations

import ast
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from device import cli
from device.words import Language, spoken

CLI = Path(cli.__file__).parent
GOOD = "place: {name: Chợ Hoa, province: Huế}\npins: {green: 17, red: 27}\n"
OK, DUNG = "ok", "đúng, không có lỗi"


@pytest.fixture
def site(tmp_path: Path) -> str:
    file = tmp_path / "site.yaml"
    file.write_text(GOOD, "utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("before", "behind", "word"),
    [
        (["--lang", "vi"], [], DUNG),
        ([], ["--lang", "vi"], DUNG),
        (["--lang=vi"], [], DUNG),
        ([], ["--lang=en"], OK),
        (["--lang", "vi"], ["--lang", "en"], OK),
        ([], [], OK),
    ],
)
def test_the_language_may_be_told_before_and_behind_the_command(
    site: str, before: list[str], behind: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*before, "check", *behind, site]) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"{site}: {word}"
    assert spoken() is Language.ENGLISH


@pytest.mark.parametrize(("options", "word"), [([], DUNG), (["--lang", "en"], OK)])
def test_the_language_of_the_environment_is_spoken_unless_another_is_told(
    site: str, options: list[str], word: str
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "LC_ALL"} | {"LANG": "vi_VN.UTF-8"}
    line = [sys.executable, "-m", "device", "check", *options, site]
    told = subprocess.run(line, env=environment | {"PYTHONUTF8": "1"}, capture_output=True, check=True).stdout
    assert told.decode().splitlines()[0] == f"{site}: {word}"


def test_a_service_speaks_english_whatever_the_language_is(tmp_path: Path) -> None:
    bad = tmp_path / "site.yaml"
    bad.write_text("pins: {green: 17}\n", "utf-8")
    said = [
        subprocess.run(
            [sys.executable, "-m", "device", *before, "run", "--config", str(bad)],
            env=os.environ | {"LC_ALL": locale},
            capture_output=True,
            check=False,
        ).stderr
        for before, locale in itertools.product(([], ["--lang", "vi"]), ("C.UTF-8", "vi_VN.UTF-8"))
    ]
    assert len(set(said)) == 1
    assert b"missing; write it" in said[0]


TELLING = {"print", "print_lines", "print_table", "ConfigurationError", "GateScannerError"}
"""What brings a text to a person."""


def test_json_stays_english(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["--lang", "vi", "doctor", "card", "--folder", str(tmp_path), "--rows", "2", "--json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert len(findings) == 4
    assert [one["advice"] for one in findings if not one["advice"].isascii()] == []


def words_told(source: str) -> list[int]:
    """Return the lines where a text with words in it is printed, or raised, that is not said."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TELLING:
            parts = [part for arg in node.args for part in (arg.values if isinstance(arg, ast.JoinedStr) else [arg])]
            texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            if any(letter.isalpha() for text in texts for letter in text):
                found.append(node.lineno)
    return found


def test_a_command_tells_no_words_but_those_that_it_says() -> None:
    english = {f"{name.replace('-', '_')}.py" for name in cli.SERVICES}
    speakers = [path for path in sorted(CLI.glob("*.py")) if path.name not in english]
    assert {path.name: lines for path in speakers if (lines := words_told(path.read_text("utf-8")))} == {}
    assert {name for name in english if not (CLI / name).exists()} == set()


def test_told_words_would_be_seen() -> None:
    source = 'print(f"{a}: b")\nprint("c")\nprint(f"{a}: {b}")\nprint(say("d"))\nprint(f"{say(x)}!", file=f)'
    assert words_told(f'{source}\nraise ConfigurationError(f"{{a}} is e")') == [1, 2, 6]
