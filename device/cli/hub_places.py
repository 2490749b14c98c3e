"""``gate-scanner hub place …``: register, list, edit and archive places, and say which gate guards which."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from device.cli import hub_place_lists
from device.cli.arguments import add_command, add_hub_command
from device.cli.hub_gates import the_gate
from device.cli.table import print_table
from device.clock import SystemClock, utc_text
from device.errors import ConfigurationError, shown
from device.hub.db import registry
from device.hub.db.database import HubDatabase
from device.hub.db.posters import Poster, all_posters
from device.hub.db.registry import PlaceRecord
from device.hub.folder import HubFolder
from device.hub.registry.place import FIELDS, RegisteredPlace, read_field
from device.hub.registry.reported import GatePlace, gate_places
from device.hub.registry.vietnamese_order import order_key
from device.words import say

_OPTIONS: Final = {
    "province": "province or city",
    "kind": "office, school, hospital, shop, market, vehicle or other",
    "commune": "commune, ward or special zone",
    "address": "the rest of the address",
    "responsible": "who answers for the place",
    "phone": "of whom",
    "opening_hours": "like 'T2-T6 7:00-17:00; T7 8:00-12:00' or 'mon-fri 07:00-17:00'",
    "time_zone": "of the opening hours (default: Asia/Ho_Chi_Minh)",
    "legal_basis": "why people may be recorded there, as the notice says it",
    "code": "what its owner or its authority calls it",
}


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type
    """Describe the commands' words."""
    below = add_command(commands, "place", "register places", "list /var/lib/gate-hub").add_subparsers(
        dest="place_command", metavar="WHAT", required=True
    )
    command = partial(add_hub_command, below)
    example = "'Trường THPT Hoa Phượng' --province 'Hải Phòng' --kind school"
    add = command("add", "register a place", _add, example)
    add.add_argument("name", metavar="NAME", help="what people call it")
    _add_options(add)
    listed = command("list", "list places, sorted by name", _list, "--json")
    listed.add_argument("--archived", action="store_true", help="those out of use too")
    listed.add_argument("--json", action="store_true", help="one JSON object: every field and every poster of each")
    edit = command("edit", "change what is registered of a place", _edit, "place-0123456789ab --phone '0912 345 678'")
    _add_place(edit)
    edit.add_argument("--name", help="what people call it")
    _add_options(edit)
    archive = command("archive", "take a place out of use; what was recorded there stays", _archive, "'Chợ Cũ'")
    _add_place(archive)
    archive.add_argument("--undo", action="store_true", help="take it into use again")
    assign = command("assign", "say which place a gate guards", _assign, "'Main entrance' place-0123456789ab")
    assign.add_argument("gate", metavar="GATE", help="its name or device id")
    assign.add_argument("place", metavar="PLACE", nargs="?", help="id, code or name; none: no registered one")
    gates = command("gates", "list gates: the place each is to guard, and what it says itself", _gates, "--json")
    gates.add_argument("--json", action="store_true", help="one JSON object: every gate")
    hub_place_lists.add_commands(below)


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("place", metavar="PLACE", help="its id, its code or its name")


def _add_options(parser: argparse.ArgumentParser) -> None:
    for name, told in _OPTIONS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", metavar=name.rpartition("_")[2].upper(), help=told)


@contextmanager
def writing(arguments: argparse.Namespace) -> Iterator[tuple[HubDatabase, Connection]]:
    """Open the hub's database for one transaction."""
    with _opened(arguments) as store, store.begin() as connection:
        yield store, connection


@contextmanager
def _opened(arguments: argparse.Namespace) -> Iterator[HubDatabase]:
    store = HubFolder(arguments.folder, SystemClock()).open_store()
    try:
        yield store
    finally:
        store.close()


def the_place(connection: Connection, word: str, arguments: argparse.Namespace) -> PlaceRecord:
    """Return the one place that is meant; raises `ConfigurationError` when there is none, or several."""
    found = registry.find_places(connection, word)
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(record.place_id for record in found)
        raise ConfigurationError(
            say("{name}: several places are called so; name one by its id: {ids}", name=shown(word), ids=ids)
        )
    command = f"gate-scanner hub place list {arguments.folder}"
    raise ConfigurationError(say("{name}: there is no such place; see: {command}", name=shown(word), command=command))


def _given(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the fields that were given, each as it is kept; raises `ConfigurationError` naming the option."""
    values: dict[str, str] = {}
    for name in FIELDS:
        text = getattr(arguments, name)
        if text is None:
            continue
        try:
            values[name] = read_field(name, text)
        except ValueError as error:
            option = "NAME" if name == "name" else f"--{name.replace('_', '-')}"
            raise ConfigurationError(say("{where}: {why}", where=option, why=error)) from None
    return values


def _add(arguments: argparse.Namespace) -> int:
    values = _given(arguments)
    if "province" not in values:
        raise ConfigurationError(say("{where}: {why}", where="--province", why=say("is blank; write one")))
    place = RegisteredPlace(**values)
    with writing(arguments) as (store, connection):
        _refuse_twin(connection, place)
        record = registry.new_place(place, store.now_ms())
        registry.add_places(connection, [record])
    print(record.place_id)
    return 0


def _edit(arguments: argparse.Namespace) -> int:
    values = _given(arguments)
    with writing(arguments) as (_, connection):
        before = the_place(connection, arguments.place, arguments)
        after = before.changed(**values)
        _refuse_twin(connection, after.place, before.place_id)
        registry.change_places(connection, [after] if after != before else [])
    print(say("{place}: changed", place=before.place_id) if after != before else say("nothing was changed"))
    return 0


def _refuse_twin(connection: Connection, place: RegisteredPlace, own_id: str = "") -> None:
    twin = registry.find_like(connection, place, own_id)
    if twin is not None:
        raise ConfigurationError(say("this place is registered already: {place}", place=twin.place_id))


def _archive(arguments: argparse.Namespace) -> int:
    with writing(arguments) as (store, connection):
        record = the_place(connection, arguments.place, arguments)
        archived_ms = None if arguments.undo else record.archived_ms or store.now_ms()
        registry.change_places(connection, [replace(record, archived_ms=archived_ms)])
    if arguments.undo:
        print(say("{place}: in use again", place=record.place_id))
    else:
        print(say("{place}: out of use; what was recorded there stays", place=record.place_id))
    return 0


def _list(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as store, store.reading() as connection:
        records = [one for one in registry.all_places(connection) if arguments.archived or one.archived_ms is None]
        posters = all_posters(connection) if arguments.json else []
    records.sort(key=lambda one: (order_key(one.place.name), one.place_id))
    if arguments.json:
        print(json.dumps({"places": _documents(records, posters)}, ensure_ascii=False))
        return 0
    if not records:
        command = f"gate-scanner hub place add {arguments.folder} NAME --province PROVINCE"
        print(say("no place yet; register one: {command}", command=command))
        return 0
    head = ("id", say("name"), say("province"), say("commune"))
    rows = [(one.place_id, one.place.name, one.place.province, one.place.commune) for one in records]
    print_table([head, *rows], "<18", "", "", "")
    return 0


def _documents(records: Sequence[PlaceRecord], posters: Sequence[Poster]) -> list[dict[str, object]]:
    """Return places as JSON tells them, each with its posters, those out of date too."""
    hanging: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
    for poster in posters:
        hanging[poster.place_id].append(
            {
                "id": poster.poster_id,
                "entrance": poster.entrance,
                "number": poster.number,
                "made": utc_text(poster.made_ms),
                "replaced": _time(poster.replaced_ms),
            }
        )
    return [
        {"id": one.place_id, **asdict(one.place), "added": utc_text(one.added_ms), "archived": _time(one.archived_ms)}
        | {"posters": hanging[one.place_id]}
        for one in records
    ]


def _time(at_ms: int | None) -> str | None:
    return None if at_ms is None else utc_text(at_ms)


def _assign(arguments: argparse.Namespace) -> int:
    with writing(arguments) as (store, connection):
        gate = the_gate(store, arguments.gate, arguments.folder)
        if gate is None:
            return 1
        place_id = None if arguments.place is None else the_place(connection, arguments.place, arguments).place_id
        registry.assign_gate(connection, gate.device_id, place_id, store.now_ms())
    return 0


def _gates(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as store, store.reading() as connection:
        found = gate_places(connection)
        names = {record.place_id: record.place.name for record in registry.all_places(connection)}
    if arguments.json:
        print(json.dumps({"gates": [asdict(one) for one in found]}, ensure_ascii=False))
        return 0
    print_table(_rows(found, names), "<16", "", "", "")
    return 0


def _rows(found: Sequence[GatePlace], names: dict[str, str]) -> Iterator[tuple[str, ...]]:
    yield say("name"), say("is to guard"), say("says it guards"), say("by its id")
    for one in found:
        matched = say("unmatched") if one.matched is None else names[one.matched]
        yield (
            one.gate,
            "-" if one.assigned is None else names[one.assigned],
            one.reported or "-",
            matched if one.reported else "-",
        )
