"""``gate-scanner hub checkins | audit``: what arrived, who came where that may be read, and who has read it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from device.cli import hub_gates, hub_keys
from device.cli.argument_types import a_day
from device.cli.arguments import add_hub_command
from device.cli.hub_gate_names import a_gate_name
from device.cli.table import print_table
from device.cli.unsealed import printable, unsealed_document
from device.clock import SystemClock, utc_text
from device.crypto.sealed_body import Body
from device.errors import shown
from device.hub.chosen import Chosen
from device.hub.db.database import HubDatabase
from device.hub.db.destroyed_keys import destroyed_keys
from device.hub.db.queries import Arrived, Quarantined, arrived_document, places_known, quarantined_document
from device.hub.folder import HubFolder
from device.hub.publishing.people_file import first_of
from device.hub.unsealing import unsealed, unsealed_apart
from device.policy.rules import VIETNAM
from device.words import say, say_many

_LEFT_OUT = {"boot", "monotonic", "wall", "key", "place_name"}


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type
    """Describe the commands' words."""
    line = "list what arrived, one JSON object a line"
    checkins = add_hub_command(
        commands, "checkins", line, _checkins, "--gate 'Main entrance' --day 2026-11-29 --unseal --reason 'case 7'"
    )
    checkins.add_argument("--unseal", action="store_true", help="open the seals; this is recorded")
    checkins.add_argument(
        "--quarantined", action="store_true", help="list instead the rows that do not follow the others of their gate"
    )
    checkins.add_argument("--reason", default="", help="why they are opened; needed with --unseal")
    checkins.add_argument(
        "--gate",
        metavar="NAME",
        type=a_gate_name,
        action="append",
        default=[],
        help="only of this gate (name or id); may come again",
    )
    checkins.add_argument("--place", metavar="NAME", default="", help="only at this place, by its name or id")
    day = checkins.add_argument_group("when, in Vietnam's time; what may have been then is listed")
    day.add_argument("--day", type=a_day, metavar="DATE", help="only of this day: 2026-11-29")
    day.add_argument("--from", dest="begins", type=_time, metavar="TIME", help="from here on: 2026-11-29T07:00")
    day.add_argument("--until", type=_time, metavar="TIME", help="and before")
    line = "list who has opened seals, when and why, and which keys were destroyed"
    add_hub_command(commands, "audit", line, _audit)


def _time(text: str) -> int:
    """Read a time of Vietnam, or of the zone it names, as Unix milliseconds."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(say("write a time like 2026-11-29T07:00")) from None
    return round((time if time.tzinfo else time.replace(tzinfo=VIETNAM)).timestamp() * 1000)


def _checkins(arguments: argparse.Namespace) -> int:
    if arguments.reason and not arguments.unseal:
        print(say("--reason is for --unseal: without it nobody's data is read"), file=sys.stderr)
        return 2
    if arguments.unseal and not arguments.reason.strip():
        print(say("--unseal needs --reason: who reads who came must say why"), file=sys.stderr)
        return 2
    chosen = _chosen(arguments)
    if chosen.from_ms is not None and chosen.until_ms is not None and chosen.from_ms >= chosen.until_ms:
        print(say("--day, --from, --until: they leave no time between them"), file=sys.stderr)
        return 2
    folder = HubFolder(arguments.folder, SystemClock())
    gates = hub_gates.gates_called(folder, arguments.gate)
    if gates is None:
        return 1
    chosen = replace(chosen, devices=frozenset(gate.device_id for gate in gates))
    told = False
    with closing(folder.open_store()) as store:
        if chosen.place and _is_unknown(chosen, store):
            return 1
        for line, body in _listed(folder, store, chosen, arguments):
            if arguments.unseal:
                line["unsealed"] = None if body is None else unsealed_document(body)
            print(printable(json.dumps(line, ensure_ascii=False)))
            told = True
    if not told:
        print(say("nothing has arrived that is asked for here"), file=sys.stderr)
    return 0


def _is_unknown(chosen: Chosen, store: HubDatabase) -> bool:
    """Return whether no row came from the place that is asked for, and say from which they came."""
    with store.reading() as connection:
        known = places_known(connection)
    if not known or any(chosen.is_at(place_id, name) for place_id, name in known.items()):
        return False
    names = first_of(sorted({name or place_id for place_id, name in known.items()}))
    print(
        say("{place}: nothing has come from such a place, but from {names}", place=shown(chosen.place), names=names),
        file=sys.stderr,
    )
    return True


def _chosen(arguments: argparse.Namespace) -> Chosen:
    begins_ms, until_ms = arguments.begins, arguments.until
    if arguments.day is not None:
        midnight = datetime.combine(arguments.day, datetime.min.time(), VIETNAM)
        first_ms, next_ms = (round((midnight + timedelta(days=days)).timestamp() * 1000) for days in (0, 1))
        begins_ms = first_ms if begins_ms is None else max(begins_ms, first_ms)
        until_ms = next_ms if until_ms is None else min(until_ms, next_ms)
    return Chosen(frozenset(), arguments.place, begins_ms, until_ms)


def _listed(
    folder: HubFolder, store: HubDatabase, chosen: Chosen, arguments: argparse.Namespace
) -> Iterator[tuple[dict[str, Any], Body | None]]:
    """Yield what is to be listed, with what is under its seal where that is asked for."""
    if arguments.quarantined:
        apart = ((row, None) for row in store.every_quarantined() if chosen.takes(row))
        opened = unsealed_apart(folder, store, hub_keys.who(), arguments.reason, chosen) if arguments.unseal else apart
        return ((_apart_document(row), body) for row, body in opened)
    stored = ((row, None) for row in store.every_checkin() if chosen.takes(row))
    arrived = unsealed(folder, store, hub_keys.who(), arguments.reason, chosen) if arguments.unseal else stored
    return ((_document(row), body) for row, body in arrived)


def _apart_document(apart: Quarantined) -> dict[str, Any]:
    told = quarantined_document(apart)
    return told | {key: utc_text(told[key]) for key in ("arrived", "at")}


def _document(arrived: Arrived) -> dict[str, Any]:
    """Lay a row out as the API does, with times and places for people."""
    told = arrived_document(arrived)
    told["at"] = told["wall"]
    told |= {key: utc_text(told[key]) for key in ("arrived", "at", "earliest", "latest")}
    if told["place_name"] is not None:
        told["place"] = told["place_name"]
    return {key: value for key, value in told.items() if key not in _LEFT_OUT}


def _audit(arguments: argparse.Namespace) -> int:
    folder = HubFolder(arguments.folder, SystemClock())
    with closing(folder.open_store()) as store:
        opened = [
            (utc_text(at_ms), who, say("read arrivals {first} to {last}", first=first, last=last), reason)
            for at_ms, who, reason, first, last in store.unsealings()
        ]
        with store.reading() as connection:
            destroyed = [
                (
                    utc_text(gone.at_ms),
                    gone.who,
                    say("destroyed the key of {day}", day=gone.day),
                    say_many("{count} check-in", "{count} check-ins", gone.checkins),
                )
                for gone in destroyed_keys(connection)
            ]
    print_table(sorted([*opened, *destroyed]), "", "", "", "")
    if not opened and not destroyed:
        print(say("nobody has opened a seal, and no key was destroyed"))
    return 0
