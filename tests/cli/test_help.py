"""Every ``--help``: an example that works, and lines that fit."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator

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
def test_no_line_of_a_help_is_wider_than_100(prog: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    lines = EVERY[prog].format_help().splitlines()
    assert [line for line in lines if len(line) > 100] == []
