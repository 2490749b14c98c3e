"""The command ``gate-scanner``: one module a command, loaded only when it is asked for.

What a command raises on purpose (`device.errors`) is said here, on standard error, and becomes the exit code.
"""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Container, Mapping, Sequence
from itertools import pairwise
from types import ModuleType

from device import __version__
from device.cli.arguments import EXITS, CommandParser, add_example, add_language, as_sentence
from device.cli.beside import leave_to_the_hub
from device.errors import ConfigurationError, GateScannerError, PinUnavailable, shown
from device.words import LANGUAGES, Language, language_of, speaking

COMMANDS = {
    "run": "the headless service",
    "check": "check a site file or a policy: exit 0, or 78 and every mistake with its line",
    "adopt": "take over a site file that was laid on the boot partition, and write the answer beside it",
    "demo": "show the whole gate working, without a Pi",
    "enrol": "make this gate known to its hub, with a code",
    "lone": "make a gate without a hub work, and read who came",
    "webhook": "prepare this gate for a server that is not ours",
    "queue": "what waits for the hub, what it refused",
    "hub": "the central server",
    "recognise": "say what each code on standard input is, and what this gate would answer",
    "status": "how the running gate stands: exit 0 when it is well, 1 when it is not",
    "doctor": "measure this machine: is its SD card honest, how long does a check-in take",
    "lights": "play cues on the lamps and the buzzer, and say what each means",
    "why": "say which rules the running gate asked for its last answers",
    "trust": "make a trust list of signers' certificates",
    "completion": "print the completion script of bash, zsh or fish",
    "tell-mistakes": "let the lamps say that the site file has mistakes, until it has none",
    "safe-pins": "put every output to its safe level and end",
}
"""Each command and its one line; ``device.cli.NAME`` offers ``add_arguments`` and ``run``."""
SERVICES = {"run", "tell-mistakes", "safe-pins"}
"""Commands that speak to the journal only, in English; others do so where systemd runs them (`language_of`)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 good, 1 failed, 2 usage, 69 no pins, 78 configuration."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 still gets every line
    parsed, module = parse(sys.argv[1:] if arguments is None else arguments)
    with speaking(_language(parsed)):
        return _run(module, parsed)


def parse(words: Sequence[str]) -> tuple[argparse.Namespace, ModuleType]:
    """Return the words of a command, read, and its module; what is wrong with them ends the process with 2."""
    asked = next((word for word in words if word in COMMANDS), None)
    if asked == "hub":
        leave_to_the_hub(words)
    with speaking(_wanted(words, asked)):  # what is wrong with a word is told in it too
        parser, modules = _parser(COMMANDS, {asked})
        parsed = parser.parse_args(words)
    return parsed, modules[parsed.command]


def _wanted(words: Sequence[str], command: str | None) -> Language:
    """Return the language of a command whose words are not read yet; English where none can be told."""
    if command in SERVICES:
        return Language.ENGLISH
    joined = " ".join(words).replace("--lang=", "--lang ").split()
    told = [word for before, word in pairwise(joined) if before == "--lang" and word in LANGUAGES]
    return Language(told[-1]) if told else language_of(os.environ)


def _language(parsed: argparse.Namespace) -> Language:
    """Return the language of a command: as ``--lang`` says, else of the environment; English for services and JSON."""
    if parsed.command in SERVICES or getattr(parsed, "serves", False) or getattr(parsed, "json", False):
        return Language.ENGLISH
    return language_of(os.environ) if parsed.lang is None else Language(parsed.lang)


def _run(module: ModuleType, parsed: argparse.Namespace) -> int:
    try:
        code = module.run(parsed)
    except ConfigurationError as error:
        return _failed(error, os.EX_CONFIG)
    except PinUnavailable as error:
        return _failed(error, os.EX_UNAVAILABLE)
    except GateScannerError as error:
        return _failed(error, 1)
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130
    assert isinstance(code, int)
    return code


def _failed(error: GateScannerError, code: int) -> int:
    for line in str(error).splitlines():
        print(shown(line, len(line)), file=sys.stderr)
    return code


def whole_parser() -> argparse.ArgumentParser:
    """Return the parser of every command that can be imported here, each with its arguments."""
    here = {name: line for name, line in COMMANDS.items() if _is_here(name)}
    return _parser(here, here)[0]


def _parser(
    commands: Mapping[str, str], wanted: Container[str | None]
) -> tuple[argparse.ArgumentParser, dict[str, ModuleType]]:
    """Make the parser; only the *wanted* commands are imported and have their arguments."""
    parser = CommandParser(prog="gate-scanner", description="The gate at a venue entrance.")
    add_example(parser, "status", f"{EXITS}, 69 no pins, 78 a file has mistakes; `COMMAND --help` tells each one's")
    parser.add_argument("--version", action="version", version=f"gate-scanner {__version__}")
    add_language(parser, default=None)
    added = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    modules = {}
    for name, line in commands.items():
        command = added.add_parser(name, help=line, description=as_sentence(line))
        if name in wanted:
            modules[name] = _module(name)
            modules[name].add_arguments(command)
            if name not in SERVICES:
                add_language(command)
    return parser, modules


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"device.cli.{name.replace('-', '_')}")


def _is_here(name: str) -> bool:
    """Return whether a command's packages are installed: a gate has not what a hub needs."""
    try:
        _module(name).add_arguments(argparse.ArgumentParser())
    except (ImportError, SystemExit):  # the latter when it has told a person which package is missing
        return False
    return True
