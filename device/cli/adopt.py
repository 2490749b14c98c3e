"""``gate-scanner adopt FOLDER``: take over a site file that somebody has laid on the card's boot partition.

A technician without a network writes ``site.yaml`` in Notepad and copies it to the partition that Windows shows.
Names that Notepad makes (``site.yaml.txt``) and its marks and line ends are understood. The answer lies beside it, in
`ANSWER`, with Windows' line ends: taken over, or every mistake with its line, and then the gate goes on as it was.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Final

from device.cli.argument_types import a_path
from device.cli.arguments import SITE, add_example
from device.cli.check import understood
from device.durable import replace_file, sync_folder
from device.errors import Complaints
from device.settings.load import inspect_text, parse
from device.settings.located import MOST_BYTES, decode

NAMES: Final = frozenset({"site.yaml", "site.yml", "site.yaml.txt", "site.yml.txt"})
ANSWER: Final = "site-answer.txt"
TAKEN: Final = "site-taken.txt"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Take over a site file that was laid on the boot partition, and write the answer beside it. systemd runs this "
        "at every boot. A file with mistakes is left where it is, and the gate goes on as it was."
    )
    exits = "0 taken over, or none is there; 1 it cannot be put in place, 78 it has mistakes"
    add_example(parser, "/boot/firmware", exits)
    parser.add_argument("folder", metavar="FOLDER", type=a_path, help="where the site file may have been laid")
    parser.add_argument(
        "--config", metavar="FILE", type=a_path, default=SITE, help=f"the file it becomes (default: {SITE})"
    )


def run(args: argparse.Namespace) -> int:
    """Return 0 when it was taken over or there is none, 78 when it has mistakes, 1 when it cannot be put in place."""
    try:
        found = sorted(path for path in args.folder.iterdir() if path.name.lower() in NAMES)
    except OSError as error:
        print(f"{args.folder}: {error.strerror}")
        return 0
    if not found:
        return 0
    code, words = _adopt(found, args.config)
    print(words)
    try:
        (args.folder / ANSWER).write_text(f"{words}\n", encoding="utf-8-sig", newline="\r\n")
    except OSError as error:
        print(f"{args.folder / ANSWER}: {error.strerror}")
        return 1
    return code


def _adopt(found: list[Path], target: Path) -> tuple[int, str]:
    """Check the one file and put it in place; return the exit code and the answer."""
    if len(found) > 1:
        return os.EX_CONFIG, f"There are {len(found)} files: {', '.join(path.name for path in found)}. Leave one."
    (dropped,) = found
    try:
        with dropped.open("rb") as file:
            text = decode(file.read(MOST_BYTES + 1), dropped.name)
        parse(text, file=dropped.name, folder=target.parent)  # a policy is no site file
        inspected = inspect_text(text, dropped.name, target.parent)
        _put(target, text)
        dropped.replace(dropped.with_name(TAKEN))
    except Complaints as mistakes:
        return os.EX_CONFIG, f"Not taken over, the gate goes on as before. Correct these lines:\n{mistakes}"
    except OSError as error:
        return 1, f"{dropped.name} could not be taken over: {error.strerror}"
    told = [f"{dropped.name} was taken over; the file is now called {TAKEN}.", *map(str, inspected.warnings)]
    return 0, "\n".join([*told, *understood(inspected.found)])


def _put(target: Path, text: str) -> None:
    """Replace the site file whole or not at all, durably, with its folder's group: the service's."""
    draft = target.with_name(f".{target.name}.adopted")
    replace_file(draft, text.replace("\r\n", "\n").encode("utf-8"))
    folder = target.parent.stat()
    os.chown(draft, folder.st_uid, folder.st_gid)
    draft.chmod(0o640)
    draft.replace(target)
    sync_folder(target.parent)
