"""Many places from a file: read with every mistake by its line and column, and compared with what is registered."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from device.errors import ConfigurationError
from device.hub.db import registry
from device.hub.db.people_status import nothing_changed
from device.hub.db.registry import PlaceRecord
from device.hub.registry.place import FIELDS, RegisteredPlace, read_field
from device.hub.registry.table_file import Mistake, read_table
from device.hub.registry.units import nearest_province
from device.words import number, say

MOST_PLACES: Final = 100_000
MOST_MISTAKES: Final = 1_000
_HINTS_MOST: Final = 200
COLUMNS: Final = {
    "id": "id place_id",
    "code": "code ma ma_dia_diem ma_co_so ma_so ma_truong ma_don_vi",
    "name": "name ten ten_dia_diem ten_co_so ten_truong ten_don_vi dia_diem",
    "kind": "kind type loai loai_hinh loai_dia_diem loai_co_so",
    "province": "province city tinh tinh_thanh tinh_thanh_pho thanh_pho",
    "commune": "commune ward xa phuong xa_phuong phuong_xa xa_phuong_dac_khu",
    "address": "address dia_chi so_nha dia_chi_chi_tiet",
    "responsible": "responsible contact nguoi_phu_trach nguoi_chiu_trach_nhiem phu_trach nguoi_dai_dien",
    "phone": "phone telephone dien_thoai so_dien_thoai sdt dt",
    "opening_hours": "opening_hours hours gio_mo_cua gio_hoat_dong gio_lam_viec",
    "time_zone": "time_zone timezone mui_gio",
    "legal_basis": "legal_basis can_cu can_cu_phap_ly co_so_phap_ly",
    "archived": "archived ngung_dung",
}
"""What a column may be called, folded; ``archived`` is written by an export, and nobody is archived by a list."""
TITLES: Final = {
    "code": "Mã cơ sở",
    "name": "Tên cơ sở",
    "kind": "Loại hình",
    "province": "Tỉnh/Thành phố",
    "commune": "Xã/Phường",
    "address": "Địa chỉ",
    "responsible": "Người phụ trách",
    "phone": "Số điện thoại",
    "opening_hours": "Giờ mở cửa",
    "time_zone": "Múi giờ",
    "legal_basis": "Căn cứ pháp lý",
}
"""What the columns of a blank list are called in Vietnamese; in English by their names."""
UNSAFE: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet may take for a formula where a cell begins so; an export puts a ``'`` before it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list that can be meant: where it stands, the id it names (or nothing), and its fields."""

    at: str
    place_id: str
    fields: dict[str, str]


@dataclass(slots=True)
class PlaceList:
    """What a file says.

    Attributes:
        rows: the lines that can be meant.
        mistakes: those that cannot; beneath the last of `MOST_MISTAKES` nothing was looked at.
        columns: of the header those that are not known.
        near: provinces that are none of the 34, and which may be meant; hints only.
    """

    rows: list[Row] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    near: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Preview:
    """What a list would change.

    Attributes:
        added: places that are not registered.
        changed: as they are registered, and as the list says.
        unchanged: how many it says nothing new of.
        mistakes: lines that cannot be meant, of the list and beside what is registered; with one nothing is done.
    """

    added: list[PlaceRecord] = field(default_factory=list)
    changed: list[tuple[PlaceRecord, PlaceRecord]] = field(default_factory=list)
    unchanged: int = 0
    mistakes: list[Mistake] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """What tells whether another preview would do the same to the same: 64 hexadecimal digits."""
        told = hashlib.sha256()
        for record in self.added:
            told.update(repr(record.place).encode("utf-8", "replace"))
        for pair in self.changed:
            told.update(repr(pair).encode("utf-8", "replace"))
        told.update(
            repr((len(self.added), len(self.changed), self.unchanged, self.mistakes)).encode("utf-8", "replace")
        )
        return told.hexdigest()


def read_places(path: Path, today: date) -> PlaceList:
    """Read a file, before anything is locked for it.

    Raises:
        ConfigurationError: it cannot be read, is no list, or too long.
    """
    table, found = read_table(path, COLUMNS, frozenset({"name", "province"})), PlaceList()
    for at, cells in table.rows:
        if len(found.rows) == MOST_PLACES:
            most = say("{path}: more than {most} places", path=path, most=number(MOST_PLACES, ","))
            raise ConfigurationError(nothing_changed(most))
        if len(found.mistakes) + len(table.hidden) >= MOST_MISTAKES:
            told = say("too many mistakes: from here on nothing was looked at")
            found.mistakes.append(Mistake(at, "", told))
            break
        _read_row(at, cells, found)
    found.mistakes = [*table.hidden, *found.mistakes]
    found.columns = table.columns
    for name in sorted({row.fields["province"] for row in found.rows})[:_HINTS_MOST]:
        if near := nearest_province(name, today):
            found.near[name] = near
    return found


def compare(connection: Connection, found: PlaceList, now_ms: int) -> Preview:
    """Compare a list with what is registered; changes nothing."""
    told = Preview(mistakes=[*found.mistakes])
    _compare(found.rows, _Registered(registry.all_places(connection)), told, now_ms)
    return told


def carry_out(connection: Connection, told: Preview) -> None:
    """Do what a preview without mistakes of the same transaction says."""
    assert not told.mistakes
    registry.add_places(connection, told.added)
    registry.change_places(connection, [after for _, after in told.changed])


def _read_row(at: str, cells: dict[str, str], found: PlaceList) -> None:
    values: dict[str, str] = {}
    wrong: list[Mistake] = []
    for name in (name for name in COLUMNS if name in FIELDS and name in cells):
        try:
            values[name] = read_field(name, plain(cells[name]))
        except ValueError as error:
            wrong.append(Mistake(at, name, str(error)))
    if wrong:
        found.mistakes += wrong
    else:
        found.rows.append(Row(at, cells.get("id", "").strip(), values))


def plain(cell: str) -> str:
    """Return what stood in a cell before an export made it safe."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*UNSAFE, "'")) else cell


class _Registered:
    """What is registered, by everything a line may name it with."""

    def __init__(self, records: Iterable[PlaceRecord]) -> None:
        self.by_id: dict[str, PlaceRecord] = {}
        self._by_code: dict[str, str] = {}
        self._likenesses: dict[str, str] = {}
        self._by_whereabouts: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
        for record in records:
            self.by_id[record.place_id] = record
            self._likenesses[record.place.likeness] = record.place_id
            if record.place.code:
                self._by_code[record.place.code] = record.place_id
            self._by_whereabouts[record.place.whereabouts].append(record.place_id)

    def meant(self, row: Row) -> list[PlaceRecord]:
        """Return which places a line may mean; none: it is a new one."""
        if row.place_id:
            return [self.by_id[row.place_id]] if row.place_id in self.by_id else []
        code = row.fields.get("code", "")
        if code in self._by_code:
            return [self.by_id[self._by_code[code]]]
        here = [self.by_id[one] for one in self._by_whereabouts.get(RegisteredPlace(**row.fields).whereabouts, ())]
        return [one for one in here if not (code and one.place.code)]

    def twin(self, record: PlaceRecord) -> str | None:
        """Return the id of another place that stands where this one is to stand; ``None``: there is none."""
        place = record.place
        same = self._likenesses.get(place.likeness), self._by_code.get(place.code)
        return next((one for one in same if one not in {None, record.place_id}), None)


def _compare(rows: Iterable[Row], registered: _Registered, told: Preview, now_ms: int) -> None:
    seen: dict[str, str] = {}
    for row in rows:
        meant = registered.meant(row)
        if row.place_id and not meant:
            told.mistakes.append(Mistake(row.at, "id", say("there is no such place; leave it blank to register one")))
            continue
        if len(meant) > 1:
            told.mistakes.append(Mistake(row.at, "name", say("several places are called so; write the code or the id")))
            continue
        before = meant[0] if meant else None
        after = (
            registry.new_place(RegisteredPlace(**row.fields), now_ms)
            if before is None
            else before.changed(**row.fields)
        )
        if twin := registered.twin(after):
            told.mistakes.append(Mistake(row.at, "", say("this place is registered already: {place}", place=twin)))
            continue
        names = [after.place.likeness, *filter(None, (before and before.place_id, after.place.code))]
        if first := next((seen[name] for name in names if name in seen), None):
            told.mistakes.append(Mistake(row.at, "", say("the same place as line {line}", line=first)))
            continue
        seen.update(dict.fromkeys(map(str, names), row.at))
        if before is None:
            told.added.append(after)
        elif before == after:
            told.unchanged += 1
        else:
            told.changed.append((before, after))
