"""``gate-scanner lone (init | export) --key FILE``: a gate without a hub, and who came, read with that file.

``export`` prints one JSON object a check-in, as ``hub checkins --unseal`` does.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from device.cli.argument_types import a_path
from device.cli.arguments import EXITS, add_command, add_config, add_example
from device.cli.owner import not_the_owner
from device.cli.unsealed import printable, unsealed_document
from device.clock import utc_text
from device.crypto.sealing import unseal
from device.enrolment.lone import make_lone, read_private
from device.errors import ConfigurationError, WireError
from device.model import Place, SealedRow
from device.settings.choices import SyncKind
from device.settings.load import load
from device.store.reading import LedgerReader
from device.store.schema import FILE_NAME
from device.words import say, say_many

_KEY = "/media/stick/gate.key"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Make a gate without a hub work, and read who came. The key on the stick is the one thing that reads it: "
        "without the stick nobody can, and with it and the card anybody."
    )
    exits = f"{EXITS}, 78 the site file or a key cannot be used"
    add_example(parser, f"init --key {_KEY}", exits)
    add_config(parser)
    commands = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    line = "make its name and its keys; the file, on a stick, is what reads who came"
    init = add_command(commands, "init", line, f"--key {_KEY}", exits)
    export = add_command(commands, "export", "print who came, one JSON object a line", f"--key {_KEY}", exits)
    for below in (init, export):
        below.add_argument(
            "--key", type=a_path, required=True, metavar="FILE", help="the private key, off the card; init: - prints it"
        )
        add_config(below, default=argparse.SUPPRESS)
    line = "a copy of the gate's state folder, on any machine; left out, the folder of the site file"
    export.add_argument("--store", type=a_path, metavar="DIR", help=line)


def run(arguments: argparse.Namespace) -> int:
    """Run one of the two: 0 done, 1 not possible as this user, 78 the site file or a key cannot be used."""
    if arguments.what == "export":
        store = arguments.store or load(arguments.config).store.folder
        return _export(store, read_private(arguments.key))
    site = load(arguments.config)
    if site.hub is not None or site.sync.kind is not SyncKind.HUB:
        told = say("{file}: this gate has somebody to report to (hub, or sync.webhook)", file=arguments.config)
        raise ConfigurationError(told)
    folder = site.store.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if why := not_the_owner(folder):
        print(why, file=sys.stderr)
        return 1
    made = make_lone(folder, None if str(arguments.key) == "-" else arguments.key, _print_now)
    for line in (
        say("{gate} works alone: check-ins stay here, sealed; the gate starts by itself", gate=made.device_id),
        say(
            "{file}: whoever has this key and the card reads who came. Take it away, and keep a copy",
            file=arguments.key,
        ),
        say("to read: {command}", command="gate-scanner lone export --key FILE"),
    ):
        print(line, file=sys.stderr)  # with --key - the key alone goes to standard output
    return 0


def _print_now(line: str) -> None:
    print(line, flush=True)


def _export(store: Path, private: bytes) -> int:
    """Print every check-in; 1 when there is no ledger, or some do not open with this key."""
    closed = 0
    if not (store / FILE_NAME).exists():
        nothing = say("{file}: there is none; nothing was recorded yet, or it was removed", file=store / FILE_NAME)
        print(nothing if store.is_dir() else say("{folder}: there is no such folder", folder=store), file=sys.stderr)
        return 1
    with LedgerReader(store) as ledger:
        places = ledger.places()
        for row in ledger.rows():
            told = _document(row, places)
            try:
                told["unsealed"] = unsealed_document(unseal(private, ledger.device_id, ledger.epoch, row))
            except WireError:
                closed += 1
                told["unsealed"] = None
            print(printable(json.dumps(told, ensure_ascii=False)))
    if closed:
        many = say_many(
            "{count} check-in does not open with this key", "{count} check-ins do not open with this key", closed
        )
        print(many, file=sys.stderr)
    return 1 if closed else 0


def _document(row: SealedRow, places: dict[str, Place]) -> dict[str, Any]:
    place = places.get(row.place_id)
    return {
        "seq": row.seq,
        "at": utc_text(row.at.wall_ms),
        "clock": row.at.state.value,
        "direction": row.direction.value,
        "counted": row.counted,
        "place": row.place_id if place is None else place.name,
    }
