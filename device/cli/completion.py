"""``gate-scanner completion bash``: what bash completes after ``gate-scanner``, from the commands' own declarations.

``setup.sh install`` puts it where bash looks; by hand: ``source <(gate-scanner completion bash)``.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_SCRIPT = """\
# bash completion for gate-scanner, made by: gate-scanner completion bash
_gate_scanner() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} path='' words='' values='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path ${{COMP_WORDS[i]}}" in
{paths}
    esac
  done
  case $path in
{words}
  esac
  case "$path $before" in
{values}
  esac
  if [[ $values == files || ($words == *' files' && $word != -*) ]]; then
    compopt -o filenames 2>/dev/null || true
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -W "${{values:-${{words% files}}}}" -- "$word")
  fi
}}
complete -F _gate_scanner gate-scanner
"""


@dataclass(slots=True)
class _Command:
    """What may follow one command: its words, its options' values, whether it takes files."""

    words: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    files: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("shell", choices=["bash"], help="which shell")


def run(_args: argparse.Namespace) -> int:
    """Print the script."""
    from device.cli import whole_parser  # noqa: PLC0415 - the package imports its commands, not the other way round

    print(script(whole_parser()), end="")
    return 0


def script(parser: argparse.ArgumentParser) -> str:
    """Return the bash script for a whole parser."""
    commands = dict(_commands(parser, ""))
    return _SCRIPT.format(
        paths=_cases((path, f"path={shlex.quote(path)}") for path in commands if path),
        words=_cases((path, f"words={shlex.quote(_words(command))}") for path, command in commands.items()),
        values=_cases(
            (f"{path} {option}", f"values={shlex.quote(values)}")
            for path, command in commands.items()
            for option, values in command.values.items()
        ),
    )


def _cases(pairs: Iterator[tuple[str, str]]) -> str:
    return "\n".join(f"    {shlex.quote(pattern)}) {then} ;;" for pattern, then in pairs)


def _words(command: _Command) -> str:
    return " ".join(command.words) + (" files" if command.files else "")


def _commands(parser: argparse.ArgumentParser, path: str) -> Iterator[tuple[str, _Command]]:
    """Yield each command below *parser* by its words (`` hub gate``), itself first."""
    command = _Command()
    below: Mapping[str, argparse.ArgumentParser] = {}
    for action in parser._actions:  # noqa: SLF001 - argparse has no other list of them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - nor a public name for this
            below = action.choices
            command.words += below
        elif action.option_strings:
            command.words += action.option_strings
            if action.nargs != 0:
                command.values |= dict.fromkeys(action.option_strings, _values(action))
        elif action.choices:
            command.words += [str(choice) for choice in action.choices if choice != []]
        else:
            command.files = command.files or action.type is Path
    yield path, command
    for name, inner in below.items():
        yield from _commands(inner, f"{path} {name}")


def _values(action: argparse.Action) -> str:
    """Return what an option takes: its choices, files, or a word that nobody can guess."""
    if action.choices:
        return " ".join(map(str, action.choices))
    return "files" if action.type is Path else " "
