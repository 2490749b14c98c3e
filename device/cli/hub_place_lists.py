"""``gate-scanner hub place import | export | communes | units``: many places at once, and names of units."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from device.cli.argument_types import a_day, a_path
from device.cli.arguments import add_hub_command
from device.cli.table import print_lines, print_table
from device.clock import SystemClock, utc_day
from device.durable import why_not
from device.errors import ConfigurationError, shown
from device.hub.db import registry
from device.hub.db.people_status import told_lines
from device.hub.folder import HubFolder
from device.hub.publishing.people_file import first_of
from device.hub.registry.export import export
from device.hub.registry.place_list import PlaceList, Preview, carry_out, compare, read_places
from device.hub.registry.units import communes, provinces, read_communes, replace_communes
from device.hub.registry.vietnamese_order import order_key
from device.words import number, say


def add_commands(below: Any) -> None:  # noqa: ANN401 - argparse does not name the type
    """Describe the commands' words."""
    command = partial(add_hub_command, below)
    line = "register or change many places, from CSV or an Excel file; with one wrong line nothing is changed"
    many = command("import", line, _import, "places.xlsx --dry-run")
    many.add_argument("file", metavar="FILE", type=a_path, help="with a header: name and province (tên, tỉnh), …")
    many.add_argument("--dry-run", action="store_true", help="tell what would change; nothing is changed")
    many.add_argument("--json", action="store_true", help="one JSON object: added, changed, unchanged, mistakes")
    out = command("export", "write all places to a file that import takes", _export, "places.xlsx")
    out.add_argument("file", metavar="FILE", type=a_path, help="an Excel file where it ends in .xlsx, else CSV")
    units = command("communes", "take over the names of communes, from a file", _communes, "communes.csv")
    units.add_argument("file", metavar="FILE", type=a_path, help="CSV or .xlsx: code, name, type, province")
    units.add_argument("--since", metavar="DAY", type=a_day, help="the day from which it holds (default: today)")
    names = command("units", "list the provinces and cities, or the communes of one", _units, "'Hải Phòng'")
    names.add_argument("province", metavar="PROVINCE", nargs="?", help="whose communes")


def _import(arguments: argparse.Namespace) -> int:
    folder = HubFolder(arguments.folder, SystemClock())
    with closing(folder.open_store()) as store:
        now_ms = store.now_ms()
        found = read_places(arguments.file, utc_day(now_ms))
        with store.reading() if arguments.dry_run else store.begin() as connection:
            told = compare(connection, found, now_ms)
            done = not told.mistakes and not arguments.dry_run
            if done:
                carry_out(connection, told)
    if arguments.json:
        print(json.dumps(_document(found, told, done=done), ensure_ascii=False))
        return os.EX_CONFIG if told.mistakes else 0
    if told.mistakes:
        raise ConfigurationError(told_lines([mistake.line_of(arguments.file) for mistake in told.mistakes]))
    print_lines(_lines(found, told, done=done))
    return 0


def _lines(found: PlaceList, told: Preview, *, done: bool) -> Iterator[str]:
    for before, after in () if done else told.changed:
        names = [name for name, value in asdict(after.place).items() if value != getattr(before.place, name)]
        yield say("{place}: changes {names}", place=shown(before.place.name), names=", ".join(names))
    for name, near in found.near.items():
        yield say("{name}: no province or city of today; did you mean {near}?", name=shown(name), near=near)
    if found.columns:
        yield say("passed over: the columns {names}", names=first_of(found.columns))
    counts = {"added": len(told.added), "changed": len(told.changed), "unchanged": told.unchanged}
    shown_counts = {name: number(count, ",") for name, count in counts.items()}
    if done:
        yield say("{added} registered, {changed} changed, {unchanged} as they were", **shown_counts)
    else:
        yield say("{added} new, {changed} to change, {unchanged} as they are; nothing was changed", **shown_counts)


def _document(found: PlaceList, told: Preview, *, done: bool) -> dict[str, object]:
    return {
        "done": done,
        "added": [{"id": one.place_id, **asdict(one.place)} for one in told.added],
        "changed": [{"id": after.place_id, **asdict(after.place)} for _, after in told.changed],
        "unchanged": told.unchanged,
        "mistakes": [{"line": one.at, "column": one.column, "told": one.told} for one in told.mistakes],
        "passed_over": found.columns,
        "provinces_meant": found.near,
    }


def _export(arguments: argparse.Namespace) -> int:
    path: Path = arguments.file
    with closing(HubFolder(arguments.folder, SystemClock()).open_store()) as store, store.reading() as connection:
        records = sorted(registry.all_places(connection), key=lambda one: (order_key(one.place.name), one.place_id))
    try:
        export(records, path)
    except OSError as error:
        why = why_not(error, path.parent)
        raise ConfigurationError(say("{path}: cannot be written ({why})", path=path, why=why)) from error
    print(say("{path}: {count} places", path=path, count=number(len(records), ",")))
    return 0


def _communes(arguments: argparse.Namespace) -> int:
    with closing(HubFolder(arguments.folder, SystemClock()).open_store()) as store:
        found = read_communes(arguments.file)
        with store.begin() as connection:
            replace_communes(connection, found, arguments.since or utc_day(store.now_ms()))
    print(say("{count} communes; what was known before is gone", count=number(len(found), ",")))
    return 0


def _units(arguments: argparse.Namespace) -> int:
    with closing(HubFolder(arguments.folder, SystemClock()).open_store()) as store, store.reading() as connection:
        if arguments.province is None:
            found = provinces(utc_day(store.now_ms()))
        else:
            found = communes(connection, arguments.province)
    print_table([(unit.code, unit.name, unit.type, str(unit.since)) for unit in found], "<2", "", "", "")
    return 0
