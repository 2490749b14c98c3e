"""Lists as offices keep them: a letterhead above the header, a sheet for each class, who signed beneath."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from device.errors import ConfigurationError
from device.hub.publishing.people_file import PeopleFile, read_people_file

THU, MAU, LAN = "051090001234", "051194005678", "079310000017"
HEADER = ("STT", "Họ và tên", "Lớp", "Số CCCD")


def read(tmp_path: Path, written: bytes | str) -> PeopleFile:
    file = tmp_path / "list"
    file.write_bytes(written if isinstance(written, bytes) else written.encode())
    return read_people_file(file, 100)


def numbers(found: PeopleFile) -> list[str]:
    return [key.partition(":")[2] for key in found.keys]


def workbook(sheets: Mapping[str, Sequence[tuple[object, ...]]], hidden: str = "") -> bytes:
    book, packed = Workbook(), io.BytesIO()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if name == hidden else "visible"
        for row in rows:
            sheet.append(row)
    book.save(packed)
    return packed.getvalue()


SCHOOL = [
    ("TRƯỜNG THPT HOA PHƯỢNG",),
    ("DANH SÁCH CĂN CƯỚC HỌC SINH NĂM HỌC 2026-2027",),
    (),
    HEADER,
    ("(1)", "(2)", "(3)", "(4)"),
    (1, "Nguyễn Văn Thử", "10A1", THU),
    (2, "Trần Thị Mẫu", "10A1", MAU),
    (),
    ("", "Tổng cộng: 2"),
    ("", "Người lập", "", "", "Hiệu trưởng"),
]


def test_letterhead_and_title_above_the_header_and_signatures_beneath_are_passed_over(tmp_path: Path) -> None:
    found = read(tmp_path, workbook({"a": SCHOOL}))
    assert numbers(found) == [THU, MAU]
    assert found.passed_over.columns == ["STT", "Họ và tên", "Lớp"]
    assert found.passed_over.rows == ["9", "10"]


def test_the_same_as_csv_is_read_the_same(tmp_path: Path) -> None:
    for divided in ",;\t|":
        written = "\n".join(divided.join(map(str, row)) for row in SCHOOL)
        assert numbers(read(tmp_path, written)) == [THU, MAU]


def test_every_sheet_with_a_header_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    sheets: dict[str, list[tuple[object, ...]]] = {
        "10A1": [HEADER, (1, "Thử", "10A1", THU)],
        "10A2": [HEADER, (1, "Mẫu", "10A2", MAU)],
        "notes": [("Ghi chú",), ("nộp trước 5/9",)],
        "old": [HEADER, (1, "Lan", "9A", LAN)],
        "empty": [],
    }
    found = read(tmp_path, workbook(sheets, hidden="old"))
    assert numbers(found) == [THU, MAU]
    assert found.passed_over.sheets == ["notes", "old"]


def test_a_mistake_in_one_of_several_sheets_names_the_sheet(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="list:10A2:2: citizen_number: 11 digits of 12"):
        read(tmp_path, workbook({"10A1": [HEADER], "10A2": [HEADER, (1, "Mẫu", "10A2", 51194005678)]}))


def test_a_person_without_a_number_is_a_mistake_though_totals_and_headings_are_none(tmp_path: Path) -> None:
    rows = [HEADER, ("Lớp 10A1",), (1, "Thử", "10A1", THU), ("TỔNG", "", 1), HEADER, (2, "Mẫu", "10A1", MAU)]
    found = read(tmp_path, workbook({"a": rows}))
    assert numbers(found) == [THU, MAU]
    assert found.passed_over.rows == ["2", "4"]
    with pytest.raises(ConfigurationError, match="list:7: no number"):
        read(tmp_path, workbook({"a": [*rows, (3, "Lan", "10A1", "")]}))
    with pytest.raises(ConfigurationError, match="list:3: no number"):
        read(tmp_path, f"Tên,CCCD\nThử,{THU}\nLan,\n")


def test_parts_numbered_in_roman_are_headings(tmp_path: Path) -> None:
    rows = [HEADER, ("I", "KHOA NỘI"), (1, "Thử", "a", THU), ("II.", "KHOA NGOẠI"), (2, "Mẫu", "b", MAU)]
    found = read(tmp_path, workbook({"a": rows}))
    assert (numbers(found), found.passed_over.rows) == ([THU, MAU], ["2", "4"])
    with pytest.raises(ConfigurationError, match="list:6: no number"):
        read(tmp_path, workbook({"a": [*rows, ("III", "Lan", "10A1", "")]}))
    with pytest.raises(ConfigurationError, match="list:3: no number"):
        read(tmp_path, f",Tên,Lớp,Nơi,Số CCCD\n,Thử,10A1,,{THU}\n,Lan,10A1\n")
    assert numbers(read(tmp_path, f",,Tên,Lớp,Nơi,CCCD\n,,Thử,10A1,,{THU}\nI\n")) == [THU]


def test_a_person_after_a_gap_who_has_no_number_is_a_mistake(tmp_path: Path) -> None:
    above = [HEADER, (1, "Thử", "10A1", THU), ()]
    for lan in (2, "Lan", "10A1", ""), ("", "Lan", "10A1", ""):
        with pytest.raises(ConfigurationError, match="list:4: no number"):
            read(tmp_path, workbook({"a": [*above, lan, (3, "Mẫu", "10A1", MAU)]}))
    with pytest.raises(ConfigurationError, match="list:4: no number"):
        read(tmp_path, workbook({"a": [*above, (2, "Lan", "10A1", "")]}))


def test_signatures_between_two_classes_on_one_sheet_are_nobody(tmp_path: Path) -> None:
    signed = [(), ("", "Người lập", "Hiệu trưởng"), ("", "Lê Văn Ký", "Phạm Thị Duyệt")]
    for between in ((),), (HEADER,), ((), ("Lớp 10A2",), HEADER):
        rows = [HEADER, (1, "Thử", "10A1", THU), *signed, *between, (1, "Mẫu", "10A2", MAU)]
        found = read(tmp_path, workbook({"a": rows}))
        assert numbers(found) == [THU, MAU]
        assert found.passed_over.rows[:2] == ["4", "5"]


def test_a_total_beneath_the_numbers_is_passed_over_and_a_person_called_tong_is_not(tmp_path: Path) -> None:
    for total in "Tổng cộng", "TỔNG SỐ:", "Cộng", "Tong cong", "Tổng 1 người":
        found = read(tmp_path, f"Tên,CCCD\nThử,{THU}\n{total},1\n")
        assert (numbers(found), found.passed_over.rows) == ([THU], ["3"])
    for name in "Tống Thị Lan", "Công Tằng Lan", "Tong Thi Lan":
        with pytest.raises(ConfigurationError, match="list:3: no number"):
            read(tmp_path, f"Tên,CCCD\nThử,{THU}\n{name},\n")
    with pytest.raises(ConfigurationError, match="list:3: citizen_number: 11 digits of 12"):
        read(tmp_path, f"Tên,CCCD\nThử,{THU}\nTổng,{THU[1:]}\n")


def test_a_header_of_two_rows_that_divides_the_card_is_read(tmp_path: Path) -> None:
    rows = [("STT", "Tên", "CCCD", ""), ("", "", "Số", "Ngày cấp"), (1, "Thử", THU, "1/2/2021"), (2, "Mẫu", MAU, "")]
    found = read(tmp_path, workbook({"a": rows}))
    assert (numbers(found), found.passed_over.rows) == ([THU, MAU], ["2"])


def test_a_sheet_with_numbers_beneath_a_name_nobody_knows_is_a_mistake(tmp_path: Path) -> None:
    known: list[tuple[object, ...]] = [HEADER, (1, "Thử", "10A1", THU)]
    other: list[tuple[object, ...]] = [("STT", "Số giấy tờ"), *[(1, "x")] * 30, (2, MAU)]
    for sheets in {"10A1": known, "10A2": other}, {"10A2": other, "10A1": known}:
        with pytest.raises(ConfigurationError, match="list:10A2:32: a number, but no header of its sheet"):
            read(tmp_path, workbook(sheets))
        assert numbers(read(tmp_path, workbook(sheets, hidden="10A2"))) == [THU]


def test_rows_whose_number_stands_further_up_are_named(tmp_path: Path) -> None:
    found = read(tmp_path, workbook({"a": [HEADER, (1, "Thử", "a", THU), (2, "Mẫu", "a", MAU), (3, "Lan", "a", THU)]}))
    assert found.passed_over.repeated == ["4"]


@pytest.mark.parametrize(
    "header",
    [
        "Số CCCD/CMND (12 số)",
        "Mã định danh cá nhân (CCCD)",
        "Số thẻ căn cước",
        "CCCD,Ngày cấp CCCD,Nơi cấp CCCD,CCCD mẹ",
        "Số CCCD cha,Số CCCD học sinh",
        "Số định danh cá nhân (*)",
        "số  ĐDCN",
    ],
)
def test_longer_names_of_a_column_are_known_and_other_peoples_numbers_are_not(tmp_path: Path, header: str) -> None:
    cells = [THU if "mẹ" not in name and "cha" not in name else MAU for name in header.split(",")]
    assert numbers(read(tmp_path, f"Tên,{header}\nThử,{','.join(cells)}\n")) == [THU]


def test_two_columns_that_mean_the_same_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="two columns of the header mean the same: CCCD mới, CCCD cũ"):
        read(tmp_path, "Tên,CCCD mới,CCCD cũ\n")


def changed(packed: bytes, old: bytes, new: bytes) -> bytes:
    """Change the first sheet of a workbook."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as right, zipfile.ZipFile(written, "w") as wrong:
        for part in right.namelist():
            content = right.read(part)
            if part.endswith("sheet1.xml"):
                assert old in content
                content = content.replace(old, new)
            wrong.writestr(part, content)
    return written.getvalue()


def test_a_file_whose_stated_size_is_wrong_is_read_whole(tmp_path: Path) -> None:
    stated = changed(workbook({"a": SCHOOL}), b'<dimension ref="A1:E10"', b'<dimension ref="A1"')
    assert numbers(read(tmp_path, stated)) == [THU, MAU]


def test_a_sheet_that_is_damaged_inside_is_told(tmp_path: Path) -> None:
    damaged = changed(workbook({"a": SCHOOL}), b"</row></sheetData>", b"</row>")
    with pytest.raises(ConfigurationError, match="no Excel file that can be read"):
        read(tmp_path, damaged)


def test_of_a_person_only_the_name_may_stand_there_and_is_no_heading(tmp_path: Path) -> None:
    rows = [HEADER, ("Lớp 10A1",), (1, "Thử", "10A1", THU), ("", "Lê Thị Quên", "", "")]
    with pytest.raises(ConfigurationError, match="list:4: no number"):
        read(tmp_path, workbook({"a": rows}))


@pytest.mark.parametrize(
    "title", [("Khách mời, kèm số CCCD đủ 12 số",), ("Mẫu kê số CCCD", "", "Mẫu 01"), ("CCCD",)], ids=range(3)
)
def test_a_title_that_names_the_number_is_not_the_header(tmp_path: Path, title: tuple[object, ...]) -> None:
    rows = [title, ("15/07/2026",), HEADER, (1, "Thử", "10A1", THU), (2, "Mẫu", "10A1", MAU)]
    assert numbers(read(tmp_path, workbook({"a": rows}))) == [THU, MAU]


def test_beneath_a_title_a_header_that_nobody_knows_is_told_as_such(tmp_path: Path) -> None:
    rows = [("Khách mời có số CCCD",), ("STT", "Tên", "Giấy tờ"), (1, "Thử", THU)]
    with pytest.raises(ConfigurationError, match="list:1: begin with a header that names a column"):
        read(tmp_path, workbook({"a": rows}))


def test_a_note_that_names_the_number_beneath_the_header_is_no_header(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="list:2: citizen_number: not such a number"):
        read(tmp_path, workbook({"a": [("Tên", "Lớp", "CCCD"), ("Lan", "10A1", "chưa có CCCD"), ("Thử", "a", THU)]}))
    with pytest.raises(ConfigurationError, match="list:3: citizen_number: not such a number"):
        read(tmp_path, workbook({"a": [("Tên", "Lớp", "CCCD"), ("Thử", "a", THU), ("Lan", "10A1", "chưa có CCCD")]}))


def test_a_second_table_in_another_order_is_read_by_its_own_header(tmp_path: Path) -> None:
    first = [("STT", "Tên", "Số CCCD", "Mã số BHXH"), (1, "Thử", THU, "5120000001")]
    second = [("STT", "Mã số BHXH", "Số CCCD", "Tên"), (1, "5120000002", MAU, "Mẫu")]
    for between in [], [()], [(), ("Danh sách lớp 10A2",)]:
        found = read(tmp_path, workbook({"a": [*first, *between, *second]}))
        assert numbers(found) == [THU, "5120000001", "5120000002", MAU]
        assert found.passed_over.tables == [str(3 + len(between))]


def test_a_second_header_in_which_two_columns_mean_the_same_is_told(tmp_path: Path) -> None:
    rows = [("STT", "Tên", "CCCD"), (1, "Thử", THU), ("STT", "CCCD mới", "CCCD cũ"), (1, MAU, LAN)]
    with pytest.raises(ConfigurationError, match="list:3: two columns of the header mean the same: CCCD mới, CCCD cũ"):
        read(tmp_path, workbook({"a": rows}))
