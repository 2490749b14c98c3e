"""``gate-scanner hub poster``: poster, sign and notice of a registered place as PDF."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from device.cli.argument_types import a_path
from device.cli.arguments import add_hub_command
from device.cli.hub_places import the_place, writing
from device.clock import SystemClock
from device.durable import why_not
from device.errors import ConfigurationError, shown
from device.hub.db.posters import poster_in_use
from device.hub.folder import HubFolder
from device.hub.printing.facts import ENTRANCE, poster_facts, recording_facts
from device.hub.printing.poster import poster
from device.hub.printing.sheet import PAPERS
from device.hub.printing.sign import RecordingFacts, notice, sign
from device.hub.registry.place import read_field
from device.words import say

_SHEETS: Final = ("poster", "sign", "notice")


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type
    """Describe the command's words."""
    line = "write the poster of a place, the sign for its camera, or the notice, as PDF"
    command = add_hub_command(commands, "poster", line, _poster, "'Chợ Mới' --paper a4 --out poster.pdf")
    command.add_argument("place", metavar="PLACE", help="its id, its code or its name")
    command.add_argument("--sheet", choices=_SHEETS, default=_SHEETS[0], help="which (default: poster)")
    command.add_argument("--paper", choices=sorted(PAPERS), default="a4", help="a5, a6: for vehicles (default: a4)")
    command.add_argument("--entrance", default=ENTRANCE, metavar="NAME", help=f"where it hangs (default: {ENTRANCE})")
    command.add_argument("--replace", action="store_true", help="a new poster; the one before is out of date")
    command.add_argument("--out", type=a_path, required=True, metavar="FILE", help="where to write it")


def _poster(arguments: argparse.Namespace) -> int:
    folder = HubFolder(arguments.folder, SystemClock())
    if arguments.sheet == "poster":
        told = _print_poster(folder, arguments)
    else:
        told = _print_facts(notice if arguments.sheet == "notice" else sign, folder, arguments)
    for line in told:
        print(line)
    return 0


def _print_poster(folder: HubFolder, arguments: argparse.Namespace) -> list[str]:
    try:
        entrance = read_field("name", arguments.entrance)
    except ValueError as error:
        raise ConfigurationError(say("{where}: {why}", where="--entrance", why=error)) from None
    with writing(arguments) as (store, connection):
        record = the_place(connection, arguments.place, arguments)
        if record.archived_ms is not None:
            raise ConfigurationError(say("{place}: out of use; what was recorded there stays", place=record.place_id))
        made = poster_in_use(connection, record.place_id, entrance, store.now_ms(), anew=arguments.replace)
    facts = poster_facts(record.place, made, folder.settings)
    _write(arguments.out, poster(facts, arguments.paper))
    told = [
        say("{path}: poster {number} of {entrance}", path=arguments.out, number=made.number, entrance=shown(entrance))
    ]
    if folder.settings is None or folder.settings.people.url is None:
        told.append(say("its code is for apps: hub.yaml has no people.url, an address that people's phones can open"))
    text = facts.payload.decode("ascii")
    told.append(say("in the site file of the gate beside it: place.location_qr: {text}", text=text))
    return told


def _print_facts(
    print_it: Callable[[RecordingFacts, str], bytes], folder: HubFolder, arguments: argparse.Namespace
) -> list[str]:
    with closing(folder.open_store()) as store, store.reading() as connection:
        place = the_place(connection, arguments.place, arguments).place
    facts = recording_facts(place, folder.retention_days, folder.settings)
    if not facts.contact:
        told = say("nobody to ask: write notice.contact in hub.yaml, or who is responsible for the place")
        raise ConfigurationError(told)
    if print_it is notice and not facts.legal_basis:
        raise ConfigurationError(say("no legal basis: write it with gate-scanner hub place edit, --legal-basis"))
    _write(arguments.out, print_it(facts, arguments.paper))
    return [str(arguments.out)]


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        why = why_not(error, path.parent)
        raise ConfigurationError(say("{path}: cannot be written ({why})", path=path, why=why)) from error
