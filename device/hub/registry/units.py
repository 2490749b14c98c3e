"""Provinces, cities and communes as suggestions: what stands in a registry may be another text.

``provinces.csv`` beside this file is the hub's own: the 34 provinces and cities of Resolution 202/2025/QH15 with their
codes of Decision 19/2025/QĐ-TTg, both in force since 1 July 2025. A row holds from its day on, until one of the same
code with a later day: so is a unit written that changes its name or type. Communes come from a file of the operator's.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from device.errors import ConfigurationError
from device.hub.db.people_status import nothing_changed, told_lines
from device.hub.db.registry_tables import communes as communes_table
from device.hub.publishing.people_header import folded
from device.hub.registry.table_file import Mistake, read_table
from device.hub.registry.vietnamese_order import order_key
from device.words import say

_PROVINCES: Final = Path(__file__).with_name("provinces.csv")
_COLUMNS: Final = {
    "code": "code ma ma_xa ma_so ma_don_vi",
    "name": "name ten ten_xa ten_don_vi xa_phuong commune",
    "type": "type loai cap loai_don_vi",
    "province": "province tinh tinh_thanh tinh_thanh_pho thanh_pho",
}
_MOST: Final = 20_000
_MOST_LETTERS: Final = {"code": 16, "name": 100, "type": 40, "province": 100}
_PREFIXES: Final = ("thanh_pho_", "tinh_", "tp_")


@dataclass(frozen=True, slots=True)
class Unit:
    """A province, city, commune, ward or special zone.

    Attributes:
        code: the state's number of it.
        name: without its type.
        type: what sort of unit it is.
        since: from which day on that holds.
    """

    code: str
    name: str
    type: str
    since: date


def provinces(on: date) -> list[Unit]:
    """Return the provinces and cities of a day in Vietnamese order; none of before 1 July 2025."""
    found: dict[str, Unit] = {}
    for unit in sorted(_all_provinces(), key=lambda unit: unit.since):
        if unit.since <= on:
            found[unit.code] = unit
    return sorted(found.values(), key=lambda unit: order_key(unit.name))


@lru_cache(1)
def _all_provinces() -> tuple[Unit, ...]:
    with _PROVINCES.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return tuple(Unit(row["code"], row["name"], row["type"], date.fromisoformat(row["since"])) for row in rows)


def nearest_province(text: str, on: date) -> str | None:
    """Return the province that a text may mean which is no name of one; ``None``: it is one, or none is near."""
    names = {folded(unit.name): unit.name for unit in provinces(on)}
    word = _without_type(text)
    near = [word] if word in names else difflib.get_close_matches(word, names, 1)
    return names[near[0]] if near and names[near[0]] != text else None


def read_communes(path: Path) -> list[dict[str, str]]:
    """Read a list of communes, CSV or Excel: code, name, type and province of each.

    Raises:
        ConfigurationError: it cannot be read, or lines are wrong.
    """
    table, wrong, rows = read_table(path, _COLUMNS, frozenset(_COLUMNS)), list[Mistake](), dict[str, dict[str, str]]()
    for at, cells in table.rows:
        row = {name: " ".join(cells.get(name, "").split()) for name in _COLUMNS}
        bad = [name for name, text in row.items() if not 0 < len(text) <= _MOST_LETTERS[name] or not text.isprintable()]
        if bad:
            most = _MOST_LETTERS[bad[0]]
            wrong.append(Mistake(at, bad[0], say("write one, of at most {most} characters", most=most)))
        elif row["code"] in rows:
            wrong.append(Mistake(at, "code", say("stands further up already")))
        if max(len(rows), len(wrong)) > _MOST:
            raise ConfigurationError(nothing_changed(say("{path}: more than {most} rows", path=path, most=_MOST)))
        rows.setdefault(row["code"], row)
    if wrong := [*table.hidden, *wrong]:
        raise ConfigurationError(told_lines([mistake.line_of(path) for mistake in wrong]))
    return list(rows.values())


def replace_communes(connection: Connection, rows: Sequence[dict[str, str]], since: date) -> None:
    """Make these, from a day on, all communes that are known."""
    connection.execute(delete(communes_table))
    if rows:
        connection.execute(insert(communes_table), [row | {"since": str(since)} for row in rows])


def communes(connection: Connection, province: str) -> list[Unit]:
    """Return the communes of a province, in Vietnamese order; none where no file was imported."""
    wanted = _without_type(province)
    query = select(*(communes_table.c[name] for name in ("code", "name", "type", "since", "province")))
    found = [row for row in connection.execute(query) if _without_type(row.province) == wanted]
    units = [Unit(row.code, row.name, row.type, date.fromisoformat(row.since)) for row in found]
    return sorted(units, key=lambda unit: (order_key(unit.name), *astuple(unit)))


def _without_type(text: str) -> str:
    word = folded(text)
    return next((word.removeprefix(prefix) for prefix in _PREFIXES if word.startswith(prefix)), word)
