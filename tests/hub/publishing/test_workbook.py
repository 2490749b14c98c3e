"""What a workbook shows and what it hides: filtered rows, formulas, numbers with a format, files that are none."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from device.errors import ConfigurationError
from device.hub.publishing.people_file import read_people_file
from tests.support.languages import ENGLISH, in_both

THU, MAU, LAN = "051090001234", "051194005678", "079310000017"


def packed(book: Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def workbook(*rows: tuple[Any, ...], hidden: tuple[int, ...] = (), number_format: str = "General") -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    for line in hidden:
        sheet.row_dimensions[line].hidden = True
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.number_format = number_format
    return packed(book)


def archive(*names: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packing:
        for name in names:
            packing.writestr(name, "x")
    return written.getvalue()


def numbers(tmp_path: Path, written: bytes) -> list[str]:
    file = tmp_path / "list"
    file.write_bytes(written)
    return [key.partition(":")[2] for key in read_people_file(file, 100).keys]


PEOPLE = [("STT", "Tên", "Số CCCD"), (1, "Thử", THU), (2, "Mẫu", MAU), (3, "Lan", LAN)]


def test_people_in_hidden_or_filtered_rows_are_refused_with_where_they_stand(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"list: 2 people are in rows that are hidden or filtered away: 3, 4; show them"
    ):
        numbers(tmp_path, workbook(*PEOPLE, hidden=(3, 4)))
    with pytest.raises(
        ConfigurationError, match=r"list: 1 person is in a row that is hidden or filtered away: 2; show it"
    ):
        numbers(tmp_path, workbook(*PEOPLE, hidden=(2,)))


def test_hidden_rows_of_one_of_several_sheets_are_named_with_it(tmp_path: Path) -> None:
    book = Workbook()
    for title in "10A1", "10A2":
        sheet = book.create_sheet(title)
        for row in PEOPLE if title == "10A1" else PEOPLE[:2]:
            sheet.append(row)
    sheet.row_dimensions[2].hidden = True
    with pytest.raises(ConfigurationError, match=r"hidden or filtered away: 10A2:2; show it"):
        numbers(tmp_path, packed(book))


def test_hidden_rows_in_which_nobody_stands_are_no_trouble(tmp_path: Path) -> None:
    rows = [("Trường",), *PEOPLE, (), ("", "Người lập", "")]
    assert numbers(tmp_path, workbook(*rows, hidden=(1, 2, 6, 7))) == [THU, MAU, LAN]


def test_a_formula_that_was_never_calculated_or_ends_in_an_error_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"list:3: citizen_number: a formula that Excel has not calculated"):
        numbers(tmp_path, workbook(("Tên", "CCCD"), ("Thử", THU), ("Mẫu", '=TEXT(A2,"000000000000")')))
    with pytest.raises(ConfigurationError, match=r"list:2: citizen_number: a formula that ends in an error"):
        numbers(tmp_path, workbook(("Tên", "CCCD"), ("Thử", "#N/A")))
    with pytest.raises(ConfigurationError, match=r"list:2: national_code_id: a formula that ends in an error"):
        numbers(tmp_path, workbook(("Tên", "QID"), ("Thử", "#REF!")))


def test_a_formula_that_excel_has_calculated_counts_by_what_it_shows(tmp_path: Path) -> None:
    raw = workbook(("Tên", "CCCD", "QID"), ("Thử", "=A1", "=A2"))
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as right, zipfile.ZipFile(written, "w") as calculated:
        for part in right.namelist():
            text = right.read(part)
            if part.endswith("sheet1.xml"):
                text = text.replace(b'<c r="B2"><f>A1</f><v', f'<c r="B2" t="str"><f>A1</f><v>{THU}</v><x'.encode())
                text = text.replace(b'<c r="C2"><f>', b'<c r="C2" t="str"><f>')  # ends in an empty text
                assert text.count(b't="str"') == 2
            calculated.writestr(part, text)
    assert numbers(tmp_path, written.getvalue()) == [THU]


@pytest.mark.parametrize(
    "number_format",
    ["0" * 12, "000 000 000 000", r"000\ 000\ 000\ 000", '000" "000" "000" "000', "000-000-000-000", "0" * 12 + ";@"],
)
def test_zeros_that_a_number_format_shows_are_not_lost(tmp_path: Path, number_format: str) -> None:
    people = workbook(("Tên", "CCCD"), ("Thử", int(THU)), ("Mẫu", int(MAU)), number_format=number_format)
    assert numbers(tmp_path, people) == [THU, MAU]


@pytest.mark.parametrize("number_format", ["0", "General", "#,##0", "0.0", "0" * 11])
def test_zeros_that_no_format_shows_are_lost(tmp_path: Path, number_format: str) -> None:
    with pytest.raises(ConfigurationError, match="list:2: citizen_number: 11 digits of 12"):
        numbers(tmp_path, workbook(("Tên", "CCCD"), ("Thử", int(THU)), number_format=number_format))


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
NO_LISTS = {
    archive("xl/workbook.bin", "xl/worksheets/sheet1.bin"): r"a binary Excel file \(\.xlsb\), no list",
    archive("mimetype", "content.xml"): r"a LibreOffice file \(\.ods, \.odt\), no list",
    archive("[Content_Types].xml", "word/document.xml"): r"a Word file \(\.docx\), no list",
    archive("ppt/presentation.xml"): r"a PowerPoint file \(\.pptx\), no list",
    archive("Index/Document.iwa"): r"a file of Apple's Numbers or Pages, no list",
    archive("people.csv"): r"an archive, no list",
    OLD + "Workbook\0".encode("utf-16-le"): r"an Excel file of before 2007 \(\.xls\), no list",
    OLD + "WordDocument\0".encode("utf-16-le"): r"an old Word file \(\.doc\), no list",
    OLD + "EncryptedPackage\0".encode("utf-16-le"): r"an Excel file with a password, no list",
    b"%PDF-1.7\n": r"a PDF file, no list",
    b"{\\rtf1 \\ansi": r"a text with formats \(\.rtf\), no list",
    b"\x89PNG\r\n": r"a picture, no list",
}


@pytest.mark.parametrize(("written", "told"), NO_LISTS.items(), ids=range(len(NO_LISTS)))
def test_a_file_of_another_kind_is_named_with_what_to_do(tmp_path: Path, written: bytes, told: str) -> None:
    english, words = in_both(lambda: numbers(tmp_path, written), str(tmp_path / "list"))
    assert re.match(f"…:1: {told}", english)
    assert "save it as .xlsx" in english
    assert not ENGLISH.search(words)
