"""``gate-scanner adopt FOLDER``: take over a site file that somebody has laid on the card's boot partition.

A technician without a network writes ``site.yaml`` in Notepad and copies it to the partition that Windows shows.
Names that Notepad makes (``site.yaml.txt``) and its marks and line ends are understood. The answer lies beside it, in
`ANSWER`, with Windows' line ends: taken over, or every mistake with its line, and then the gate goes on as it was.
Who reads it there has no terminal that says a language, so it is in all that we have, Vietnamese first.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from device.app.accounts import Installed
from device.app.preflight import check_for_gate
from device.cli.argument_types import a_path
from device.cli.arguments import SITE, add_example
from device.cli.check import understood
from device.durable import replace_file, sync_folder
from device.errors import Complaints
from device.settings.load import Inspected, inspect_text, parse
from device.settings.located import MOST_BYTES, decode
from device.settings.schema import Site
from device.words import Language, say, speaking, why_of

NAMES: Final = frozenset({"site.yaml", "site.yml", "site.yaml.txt", "site.yml.txt"})
ANSWER: Final = "site-answer.txt"
TAKEN: Final = "site-taken.txt"
Answer = Callable[[], str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Take over a site file that was laid on the boot partition, and write the answer beside it. systemd runs this "
        "at every boot. A file with mistakes is left where it is, and the gate goes on as it was."
    )
    exits = "0 taken over, or none is there; 1 it cannot be put in place, or no such folder; 78 it has mistakes"
    add_example(parser, "/boot/firmware", exits)
    parser.add_argument("folder", metavar="FOLDER", type=a_path, help="where the site file may have been laid")
    parser.add_argument(
        "--config", metavar="FILE", type=a_path, default=SITE, help=f"the file it becomes (default: {SITE})"
    )


def run(args: argparse.Namespace) -> int:
    """Return 0: taken over, or there is none; 1: it cannot be put in place, or there is no folder; 78: mistakes."""
    try:
        found = sorted(path for path in args.folder.iterdir() if path.name.lower() in NAMES)
    except OSError as error:
        print(f"{args.folder}: {why_of(error)}")
        return 1
    if not found:
        return 0
    code, answer = _adopt(found, args.config)
    print(answer())
    try:
        (args.folder / ANSWER).write_text(in_both(answer), encoding="utf-8-sig", newline="\r\n")
    except OSError as error:
        print(f"{args.folder / ANSWER}: {why_of(error)}")
        return 1
    return code


def in_both(answer: Answer) -> str:
    """Return an answer in Vietnamese and, below, in English."""
    texts = []
    for language in (Language.VIETNAMESE, Language.ENGLISH):
        with speaking(language):
            texts.append(answer())
    return f"{texts[0]}\n\nIn English:\n{texts[1]}\n"


def _adopt(found: list[Path], target: Path) -> tuple[int, Answer]:
    """Check the one file and put it in place; return the exit code and what says the answer in the language spoken."""
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        return os.EX_CONFIG, lambda: say("There are {count} files: {names}. Leave one.", count=len(found), names=names)
    (dropped,) = found
    name = dropped.name
    raw = b""
    try:
        with dropped.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        text = decode(raw, name)
        _inspected(raw, name, target)
        _put(target, text)
        dropped.replace(dropped.with_name(TAKEN))
    except Complaints:
        return os.EX_CONFIG, lambda: _mistakes(raw, name, target)
    except OSError as error:
        failed = error
        return 1, lambda: say("{name} could not be taken over: {why}", name=name, why=why_of(failed))
    return 0, lambda: _taken(_inspected(raw, name, target), name)


def _inspected(raw: bytes, name: str, target: Path) -> Inspected:
    """Check a dropped file; raises `Complaints` in the language spoken."""
    text = decode(raw, name)
    parse(text, file=name, folder=target.parent)  # a policy is no site file
    inspected = inspect_text(text, name, target.parent)
    if isinstance(inspected.found, Site):
        check_for_gate(inspected.found, inspected.located, Installed.here())
    return inspected


def _mistakes(raw: bytes, name: str, target: Path) -> str:
    told = say("Not taken over, the gate goes on as before. Correct these lines:")
    try:
        _inspected(raw, name, target)
    except Complaints as mistakes:
        return f"{told}\n{mistakes}"
    return told


def _taken(inspected: Inspected, name: str) -> str:
    told = say("{name} was taken over; the file is now called {taken}.", name=name, taken=TAKEN)
    return "\n".join([told, *map(str, inspected.warnings), *understood(inspected.found)])


def _put(target: Path, text: str) -> None:
    """Replace the site file whole or not at all, durably, with its folder's group: the service's."""
    draft = target.with_name(f".{target.name}.adopted")
    replace_file(draft, text.replace("\r\n", "\n").encode("utf-8"))
    folder = target.parent.stat()
    os.chown(draft, folder.st_uid, folder.st_gid)
    draft.chmod(0o640)
    draft.replace(target)
    sync_folder(target.parent)
