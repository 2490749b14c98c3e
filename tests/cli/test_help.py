"""Every ``--help``: an example that works, and lines that fit."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from device import cli


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield *parser* and every one below it."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from parsers(inner)


WHOLE = cli.whole_parser()
EXAMPLE = re.compile(r"^(?:example: | +(?:sudo )?)(gate-scanner .+?)(?: <.*|  .*)?$", re.MULTILINE)
"""The command alone: without what the shell does, and what is said beside it."""
EVERY = {parser.prog: parser for parser in parsers(WHOLE)}


@pytest.mark.parametrize("prog", EVERY)
def test_every_help_ends_with_an_example_that_the_command_takes(prog: str) -> None:
    told = EXAMPLE.findall(EVERY[prog].epilog or "")
    assert told
    for example in told:
        assert f"{example} ".startswith(f"{prog} ")
        WHOLE.parse_args(shlex.split(example)[1:])


@pytest.mark.parametrize("prog", EVERY)
def test_every_help_says_what_for_in_a_sentence_and_what_its_exit_codes_mean(prog: str) -> None:
    described, ending = EVERY[prog].description or "", (EVERY[prog].epilog or "").splitlines()[-1]
    assert described[:1].isupper()
    assert described.endswith((".", "…"))
    assert "``" not in described
    assert "==" not in described
    assert re.match(r"exit code: 0 .+", ending)


@pytest.mark.parametrize("prog", EVERY)
def test_a_help_is_laid_out_for_a_terminal_of_80(prog: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    told = EVERY[prog].format_help()
    assert [line for line in told.splitlines() if len(line) > 80] == []
    assert re.search(r"^example: gate-scanner", told, re.MULTILINE)


@pytest.mark.parametrize("words", [[], ["hub"], ["hub", "gate"], ["queue"], ["trust"]], ids=" ".join)
def test_a_command_without_the_one_below_it_lists_those_there_are(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "positional arguments:" in told
    assert told.endswith(": missing\n")


def test_a_word_too_many_is_named_in_a_few_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["check", "a", "b"])
    told = capsys.readouterr().err
    assert "unrecognized arguments: b\n" in told
    assert "positional arguments:" not in told


def test_a_word_that_is_nearly_right_is_answered_with_the_right_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["stauts"])
    assert "there is no stauts; did you mean status?\n" in capsys.readouterr().err


def test_a_blank_path_is_refused_and_not_taken_for_the_folder_one_stands_in() -> None:
    for parser in EVERY.values():
        for action in parser._actions:
            assert action.type is not Path
    for words in (["check", ""], ["hub", "init", " "], ["demo", "--images", ""], ["run", "--config", ""]):
        with pytest.raises(SystemExit) as ended:
            cli.main(words)
        assert ended.value.code == 2


NUMBERS = [
    ["demo", "--rounds", "0"],
    ["demo", "--rounds", "-1"],
    ["demo", "--seed", "-1"],
    ["why", "--last", "0"],
    ["queue", "list", "--most", "0"],
    ["queue", "retry", "9" * 5_000],
    ["hub", "run", "/nowhere", "--port", "65536"],
    ["doctor", "card", "--rows", "1"],
    ["doctor", "service", "--seconds", "1.5"],
]


@pytest.mark.parametrize("words", NUMBERS, ids=lambda words: " ".join(words)[:40])
def test_a_number_out_of_its_bounds_is_refused_in_words_that_name_them(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert re.search(r"must be a whole number from \d+ to \d+\n", told) or "expected one argument" in told


@pytest.mark.parametrize("prog", EVERY)
def test_no_line_of_a_help_is_wider_than_100(prog: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    lines = EVERY[prog].format_help().splitlines()
    assert [line for line in lines if len(line) > 100] == []
