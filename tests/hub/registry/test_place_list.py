"""Many places from a file: all or nothing, every mistake by line and column, twice is once, bounded whatever comes."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from device.errors import ConfigurationError
from device.hub.db import registry
from device.hub.db.database import HubDatabase
from device.hub.db.registry import PlaceRecord
from device.hub.registry.export import export
from device.hub.registry.place import RegisteredPlace
from device.hub.registry.place_list import MOST_MISTAKES, Preview, carry_out, compare, read_places
from device.hub.registry.table_file import MOST_BYTES
from tests.support.databases import both_databases

TODAY = date(2026, 11, 30)
HEADER = "STT;Mã cơ sở;Tên cơ sở;Loại hình;Tỉnh/Thành phố;Điện thoại;Giờ mở cửa;Múi giờ"
SCHOOL = "1;S1;Trường Hoa Phượng;trường học;Hải Phòng;0912 345 678;T2-T6 7h-17h;"
MARKET = "2;;Chợ Mới;chợ;TP Hà Nội;;;"
HOSTILE = ("=cmd|' /C calc'!A0", "+84", "-1", "@SUM(A1)", "'=quoted", 'Chợ, "Mới"; 2')


def written(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "places.csv"
    path.write_text("\n".join(lines) + "\n", encoding)
    return path


def look(store: HubDatabase, path: Path) -> Preview:
    with store.reading() as connection:
        return compare(connection, read_places(path, TODAY), 7)


def take(store: HubDatabase, path: Path) -> Preview:
    found = read_places(path, TODAY)
    with store.begin() as connection:
        told = compare(connection, found, 7)
        carry_out(connection, told)
    return told


def registered(store: HubDatabase) -> dict[str, PlaceRecord]:
    with store.reading() as connection:
        return {record.place.name: record for record in registry.all_places(connection)}


def mistakes(store: HubDatabase, path: Path) -> list[tuple[str, str]]:
    return [(mistake.at, mistake.column) for mistake in look(store, path).mistakes]


@both_databases
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_list_is_imported_and_a_second_time_changes_nothing(
    store: HubDatabase, tmp_path: Path, encoding: str
) -> None:
    path = written(tmp_path, "Danh sách cơ sở", HEADER, SCHOOL, "", MARKET, encoding=encoding)
    told = look(store, path)
    assert (len(told.added), told.changed, told.unchanged, told.mistakes) == (2, [], 0, [])
    found = read_places(path, TODAY)
    assert (found.columns, found.near) == (["STT"], {"TP Hà Nội": "Hà Nội"})
    assert registered(store) == {}
    take(store, path)
    before = registered(store)
    assert before["Trường Hoa Phượng"].place == RegisteredPlace(
        "Trường Hoa Phượng",
        "Hải Phòng",
        kind="school",
        phone="0912 345 678",
        opening_hours="mon-fri 07:00-17:00",
        code="S1",
    )
    again = take(store, path)
    assert (again.added, again.changed, again.unchanged) == ([], [], 2)
    assert registered(store) == before


def test_a_line_changes_the_place_that_it_names_and_leaves_the_columns_it_lacks(
    store: HubDatabase, tmp_path: Path
) -> None:
    take(store, written(tmp_path, HEADER, SCHOOL, MARKET))
    before = registered(store)
    path = written(tmp_path, "code,name,province,address", "S1,Trường mới,Hải Phòng,1 Phố A", "M1,Chợ Mới,TP Hà Nội,")
    told = take(store, path)
    assert [old.place.name for old, _ in told.changed] == ["Trường Hoa Phượng", "Chợ Mới"]
    after = registered(store)
    assert after["Trường mới"] == before["Trường Hoa Phượng"].changed(name="Trường mới", address="1 Phố A")
    assert after["Chợ Mới"] == before["Chợ Mới"].changed(code="M1")


def test_every_wrong_line_is_named_with_its_column_and_nothing_is_done(store: HubDatabase, tmp_path: Path) -> None:
    lines = (
        "id,code,name,province,kind,phone,time zone",
        ",,A,Huế,,,Asia/Atlantis",
        f",,{'B' * 10_000},Huế,,,",
        ",,C,,castle,abc,",
        "place-0123456789ab,,D,Huế,,,",
        ",X,E,Huế,,,",
        ",X,F,Huế,,,",
        ",,E2,Huế,,,",
        ",,e2,HUẾ,,,",
    )
    path = written(tmp_path, *lines)
    wanted = [
        ("2", "time_zone"),
        ("3", "name"),
        ("4", "kind"),
        ("4", "province"),
        ("4", "phone"),
        ("5", "id"),
        ("7", ""),
        ("9", ""),
    ]
    assert sorted(mistakes(store, path)) == sorted(wanted)
    with pytest.raises(AssertionError):
        take(store, path)
    assert registered(store) == {}


def test_a_name_that_two_places_have_needs_a_code_or_an_id(store: HubDatabase, tmp_path: Path) -> None:
    take(store, written(tmp_path, "code,name,province", "1,Cửa hàng,Huế", "2,Cửa hàng,Huế"))
    assert mistakes(store, written(tmp_path, "name,province,phone", "Cửa hàng,Huế,0912345678")) == [("2", "name")]
    ids = [record.place_id for record in registered(store).values()]
    rename = written(tmp_path, "id,code,name,province", f"{ids[0]},1,Cửa hàng,Huế")
    assert mistakes(store, rename) == [("2", "")]  # the other one has this code


def workbook(path: Path, rows: Sequence[Sequence[str]], hidden: int | None = None) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    if hidden is not None:
        sheet.row_dimensions[hidden].hidden = True
    book.save(path)
    return path


def test_a_workbook_is_read_and_a_hidden_row_is_a_mistake(store: HubDatabase, tmp_path: Path) -> None:
    rows = [["Tên", "Tỉnh"], ["1", "2"], ["Chợ A", "Huế"], ["Chợ B", "Huế"]]
    assert mistakes(store, workbook(tmp_path / "hidden.xlsx", rows, hidden=4)) == [("4", "")]
    assert len(take(store, workbook(tmp_path / "shown.xlsx", rows)).added) == 2


@pytest.mark.parametrize("name", ["places.csv", "places.xlsx"])
def test_an_export_has_no_formula_and_comes_back_as_it_was(store: HubDatabase, tmp_path: Path, name: str) -> None:
    records = [registry.new_place(RegisteredPlace(text, "Huế", address=text), 1) for text in HOSTILE]
    with store.begin() as connection:
        registry.add_places(connection, records)
    path = tmp_path / name
    export(records, path)
    if name.endswith("csv"):
        cells = [cell for line in path.read_text("utf-8-sig").splitlines() for cell in line.split(",")]
        assert [cell for cell in cells if cell.strip('"').startswith(("=", "+", "-", "@"))] == []
    else:
        found = [cell for row in load_workbook(path).worksheets[0].iter_rows() for cell in row]
        assert {cell.data_type for cell in found if cell.value is not None} == {"s"}
        assert all(cell.quotePrefix for cell in found if str(cell.value).startswith(("=", "+", "-", "@")))
    told = take(store, path)
    assert (told.added, told.changed, told.unchanged, told.mistakes) == ([], [], len(HOSTILE), [])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("name;phone\nA;1", "1: begin with a header that names the columns name, province"),
        ("%PDF-1.7", "a PDF file"),
        ('name,province\n"A,Huế\n', "look for a quote that does not end"),
        ("", "1: begin with a header"),
    ],
)
def test_what_is_no_list_is_told_in_a_sentence(store: HubDatabase, tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "places.csv"
    path.write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=told):
        look(store, path)


def test_of_a_list_that_is_wrong_throughout_no_more_is_looked_at_than_a_person_reads(tmp_path: Path) -> None:
    path = written(tmp_path, "name,province", *(f"{at}," for at in range(5_000)))
    found = read_places(path, TODAY)
    assert (len(found.rows), len(found.mistakes)) == (0, MOST_MISTAKES + 1)
    assert "nothing was looked at" in found.mistakes[-1].told


def test_a_file_of_100_mb_is_refused_before_it_is_read(store: HubDatabase, tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(ConfigurationError, match=f"more than {MOST_BYTES >> 20} MB; divide it"):
        look(store, path)


def test_50_000_places_at_once_are_taken_within_bounds(store: HubDatabase, tmp_path: Path) -> None:
    lines = (f"S{at};Trường số {at};Hải Phòng;Số {at} phố Hoa Phượng;T2-T6 7h-17h" for at in range(50_000))
    path = written(tmp_path, "Mã;Tên;Tỉnh;Địa chỉ;Giờ mở cửa", *lines)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(take(store, path).added) == 50_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # kB
    again = look(store, path)
    assert (again.added, again.changed, again.unchanged) == ([], [], 50_000)
