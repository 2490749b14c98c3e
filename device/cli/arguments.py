"""Arguments that several commands have, and what every ``--help`` ends with: an example, and the exit codes."""

from __future__ import annotations

import argparse
import difflib
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn

from device.cli.argument_types import a_path
from device.errors import shown
from device.words import LANGUAGES, say

SITE: Final = Path("/etc/gate-scanner/site.yaml")
"""Where ``setup.sh install`` puts a gate's site file."""

EXITS: Final = "0 done, 1 not done (it says why), 2 a wrong word"
"""What the codes mean, where a command has none of its own."""

HUB_EXITS: Final = f"{EXITS}, 78 a file or the hub's folder cannot be used"

_MISSING: Final = "the following arguments are required: "
"""What argparse says then."""


class HelpLines(argparse.HelpFormatter):
    """Lays out a help: each line of ours is a paragraph of its own, and no word is broken."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines = textwrap.TextWrapper(width, indent, indent, break_on_hyphens=False, break_long_words=False)
        return "\n".join(map(lines.fill, text.strip().splitlines()))


class CommandParser(argparse.ArgumentParser):
    """A parser whose help has `HelpLines`, and which says where the help is when a word is wrong."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - as argparse has them
        super().__init__(*arguments, **{"formatter_class": HelpLines} | named)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where the help is; all of it where the command below is missing. Exit code 2."""
        missing = message.removeprefix(_MISSING)
        if missing != message:
            message = say("{words}: missing", words=missing)
            if self._subparsers is not None:
                self.print_help(sys.stderr)
                self.exit(2, f"\n{self.prog}: {message}\n")
        self.print_usage(sys.stderr)
        self.exit(
            2, f"{self.prog}: {message}\n" + say("{command} --help tells what it takes", command=self.prog) + "\n"
        )

    def _check_value(self, action: argparse.Action, value: Any) -> None:  # noqa: ANN401 - as argparse has it
        if action.choices is None or value in action.choices:
            return
        words = [str(choice) for choice in action.choices if choice != []]  # what ``nargs="*"`` needs
        near = difflib.get_close_matches(str(value), words, 1)
        wrong = shown(str(value))
        if near:
            raise argparse.ArgumentError(
                action, say("there is no {word}; did you mean {near}?", word=wrong, near=near[0])
            )
        one_of = ", ".join(words)
        raise argparse.ArgumentError(action, say("there is no {word}; write one of {words}", word=wrong, words=one_of))


def add_example(parser: argparse.ArgumentParser, words: str = "", exits: str = EXITS) -> None:
    """End the help of *parser* with an example and its exit codes.

    Args:
        parser: of the command.
        words: what stands after the command's own.
        exits: what its exit codes mean.
    """
    parser.epilog = f"example: {parser.prog} {words}".rstrip() + f"\n\nexit code: {exits}"


def add_config(parser: argparse.ArgumentParser, *, default: object = SITE) -> None:
    """Declare ``--config``: the installed site file where it is left out.

    Args:
        parser: of the command.
        default: ``None`` for a command that must know whether it was left out; `argparse.SUPPRESS` for a command below
            one that has ``--config`` too, so that it may stand on either side.
    """
    told = f"the gate's site file ({SITE})"
    parser.add_argument("--config", type=a_path, default=default, metavar="FILE", help=told)


def add_language(parser: argparse.ArgumentParser, *, default: object = argparse.SUPPRESS) -> None:
    """Declare ``--lang``, which may stand before and behind a command's words; *default* where it stands nowhere."""
    told = "the language of what is told (default: that of LANGUAGE, LC_ALL, LC_MESSAGES, LANG)"
    parser.add_argument("--lang", choices=LANGUAGES, default=default, help=told)


def as_sentence(line: str) -> str:
    """Return a command's line as a sentence."""
    return f"{line[0].upper()}{line[1:]}."


def add_command(
    commands: Any,  # noqa: ANN401 - argparse does not name the type
    name: str,
    line: str,
    words: str = "",
    exits: str = EXITS,
) -> argparse.ArgumentParser:
    """Add a command below another.

    Args:
        commands: what `argparse.ArgumentParser.add_subparsers` returned.
        name: its word.
        line: what it does.
        words: of its example, see `add_example`.
        exits: see there.
    """
    added: argparse.ArgumentParser = commands.add_parser(name, help=line, description=as_sentence(line))
    add_example(added, words, exits)
    add_language(added)
    return added


Run = Callable[[argparse.Namespace], int]


def add_hub_command(commands: Any, name: str, line: str, run: Run, words: str = "") -> argparse.ArgumentParser:  # noqa: ANN401 - same
    """Add a command of the hub: its folder is the first argument, and ``hub_run`` of what was parsed runs it.

    Args:
        commands: as for `add_command`, like *name* and *line*.
        name: its word.
        line: what it does.
        run: called with what was parsed; returns the exit code.
        words: of its example, behind the folder.
    """
    added = add_command(commands, name, line, f"/var/lib/gate-hub {words}", HUB_EXITS)
    added.add_argument("folder", metavar="DIR", type=a_path, help="the hub's folder")
    added.set_defaults(hub_run=run)
    return added
