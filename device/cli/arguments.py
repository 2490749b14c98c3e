"""Arguments that several commands have, and the example under every ``--help``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from device.words import LANGUAGES

SITE: Final = Path("/etc/gate-scanner/site.yaml")
"""Where ``setup.sh install`` puts a gate's site file."""


def add_example(parser: argparse.ArgumentParser, words: str = "") -> None:
    """End the help of *parser* with an example; *words* are what stands after the command's own."""
    parser.epilog = f"example: {parser.prog} {words}".rstrip()


def add_config(parser: argparse.ArgumentParser, *, default: object = SITE) -> None:
    """Declare ``--config``: the installed site file where it is left out.

    Args:
        parser: of the command.
        default: ``None`` for a command that must know whether it was left out; `argparse.SUPPRESS` for a command below
            one that has ``--config`` too, so that it may stand on either side.
    """
    told = f"the gate's site file ({SITE})"
    parser.add_argument("--config", type=Path, default=default, metavar="FILE", help=told)


def add_language(parser: argparse.ArgumentParser, *, default: object = argparse.SUPPRESS) -> None:
    """Declare ``--lang``, which may stand before and behind a command's words; *default* where it stands nowhere."""
    told = "the language of what is told (default: that of LANGUAGE, LC_ALL, LC_MESSAGES, LANG)"
    parser.add_argument("--lang", choices=LANGUAGES, default=default, help=told)


def add_command(commands: Any, name: str, line: str, words: str = "") -> argparse.ArgumentParser:  # noqa: ANN401 - argparse does not name the type
    """Add a command below another.

    Args:
        commands: what `argparse.ArgumentParser.add_subparsers` returned.
        name: its word.
        line: what it does.
        words: of its example, see `add_example`.
    """
    added: argparse.ArgumentParser = commands.add_parser(name, help=line, description=line)
    add_example(added, words)
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
    added = add_command(commands, name, line, f"/var/lib/gate-hub {words}")
    added.add_argument("folder", metavar="DIR", type=Path, help="the hub's folder")
    added.set_defaults(hub_run=run)
    return added
