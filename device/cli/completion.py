"""``gate-scanner completion bash|zsh|fish``: completion scripts, made by shtab from the commands' own declarations.

``setup.sh install`` puts bash's where bash looks. By hand::

    bash    source <(gate-scanner completion bash)
    zsh     gate-scanner completion zsh > ~/.zfunc/_gate-scanner     (a folder of $fpath)
    fish    gate-scanner completion fish > ~/.config/fish/completions/gate-scanner.fish
"""

from __future__ import annotations

import argparse

from device.cli.argument_types import a_path
from device.cli.arguments import add_example

SHELLS = ("bash", "zsh", "fish")
_FOLDERS = {"DIR", "FOLDER"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Print the completion script of bash, zsh or fish: source <(gate-scanner completion bash). "
        "setup.sh install has already put bash's in its place."
    )
    add_example(parser, "bash", "0 done, 2 a wrong word")
    parser.add_argument("shell", choices=SHELLS, help="which shell")


def run(args: argparse.Namespace) -> int:
    """Print the script; 0."""
    from device.cli import whole_parser  # noqa: PLC0415 - the package imports its commands, not the other way round

    print(script(whole_parser(), args.shell))
    return 0


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script of one of `SHELLS` for a whole parser, whose arguments it marks for shtab."""
    import shtab  # noqa: PLC0415 - no other command needs it

    _mark(parser, shtab.FILE, shtab.DIRECTORY)
    return str(shtab.complete(parser, shell))


def _mark(parser: argparse.ArgumentParser, file: object, folder: object) -> None:
    """Say which arguments are paths, of every command below *parser* too."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no other list of them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - nor a public name for this
            for inner in action.choices.values():
                _mark(inner, file, folder)
        elif action.type is a_path:
            action.complete = folder if action.metavar in _FOLDERS else file  # type: ignore[attr-defined]
        elif action.choices is not None:
            action.choices = [choice for choice in action.choices if choice != []]
