"""People lists in the forms in which schools and offices have them; what cannot be meant is told by its line."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from device.errors import ConfigurationError
from device.hub.publishing.people_file import read_people_file
from tests.support.languages import ENGLISH, in_both

BOM = b"\xef\xbb\xbf"
THU, MAU = "citizen:051090001234", "citizen:051194005678"
MOST = 2_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def keys(file: Path, written: bytes) -> list[str]:
    file.write_bytes(written)
    return read_people_file(file, MOST).keys


def workbook(*rows: tuple[Any, ...], number_format: str = "General", before: int = 0) -> bytes:
    """Make an Excel file with these rows on its sheet after some empty ones."""
    book, packed = Workbook(), io.BytesIO()
    for _ in range(before):
        book.create_sheet()
    sheet = book.worksheets[-1]
    for row in rows:
        sheet.append(row)
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.number_format = number_format
    book.save(packed)
    return packed.getvalue()


def workbook_of_charts() -> bytes:
    """Make an Excel file whose second sheet should be a chart and names none."""
    book, packed = Workbook(), io.BytesIO()
    book.create_chartsheet()
    book.save(packed)
    return packed.getvalue()


TAKEN = {
    "objects": b'{"citizen_number": "051090001234", "insurance_number": null}\n\n{"citizen_number": "051194005678"}\n',
    "commas": b"citizen_number,insurance_number\n051090001234,\n051194005678,\n",
    "semicolons": b"citizen_number;name\n051090001234;Thu\n051194005678;Mau\n",
    "tabs": b"name\tcitizen_number\nThu\t051090001234\nMau\t051194005678\n",
    "bars": b"name|CCCD\nThu|051090001234\nMau|051194005678\n",
    "sep line": b"sep=;\r\nCitizen Number;x\r\n051090001234;\r\n051194005678;\r\n",
    "upper case": b"CITIZEN_NUMBER\n051090001234\n051194005678\n",
    "words of Vietnam": "Họ tên,Số CCCD\nNguyễn Văn Thử,051090001234\nTrần Thị Mẫu,051194005678\n".encode(),
    "decomposed": "So\u0302\u0301 đi\u0323nh danh\n051090001234\n051194005678\n".encode(),
    "of a spreadsheet": BOM + b'"citizen_number","x"\r\n"051090001234",""\r\n"051194005678",""\r\n',
    "rows of separators": b"citizen_number;x\n;\n051090001234;\n;;\n\n051194005678;\n;\n",
    "short rows": b"x,citizen_number,y\n,051090001234\n,051194005678,,\n",
    "UTF-16": "citizen_number\tTên\r\n051090001234\tThử\r\n051194005678\tMẫu\r\n".encode("utf-16"),
    "UTF-16 without a mark": "citizen_number\n051090001234\n051194005678\n".encode("utf-16-le"),
    "names in an old code page": b"citizen_number,name\n051090001234,Th\xf3\n051194005678,M\xe5u\n",
    "spaces": "citizen_number\n051 090 001 234\n 051\xa0194\xa0005\xa0678\n".encode(),
    "groups": b"citizen_number\n051.090.001.234\n051-194-005-678\n",
    "kept as text": b'citizen_number\n\'051090001234\n"=""051194005678"""\n',
    "line ends in a cell": b'note,citizen_number\n"a\nb",051090001234\n"c",051194005678\n',
    "a workbook": workbook(("Họ tên", "Số CCCD"), ("Thử", "051090001234"), (None, None), ("Mẫu", "051194005678")),
    "a workbook's second sheet": workbook(("CCCD",), ("051090001234",), ("051194005678",), before=1),
    "numbers shown with zeros": workbook(("CCCD",), (51090001234,), (51194005678.0,), number_format="0" * 12),
}


@pytest.mark.parametrize("written", TAKEN.values(), ids=TAKEN)
def test_a_list_is_taken_as_it_comes(file: Path, written: bytes) -> None:
    assert keys(file, written) == [THU, MAU]


def test_an_insurance_number_is_taken_in_each_of_its_forms(file: Path) -> None:
    written = "Mã số BHXH\n5120000001\nGD4515120000001\n051090001234\n".encode()
    assert keys(file, written) == ["insurance:5120000001", "insurance:5120000001", THU]


def test_several_numbers_of_one_person_are_all_taken(file: Path) -> None:
    written = b"citizen_number,insurance_number,QID\n051090001234,5120000001,Q-1\n"
    assert keys(file, written) == [THU, "insurance:5120000001", "national:Q-1"]


def test_columns_that_were_passed_over_are_named(file: Path) -> None:
    file.write_bytes("Lớp;Số CCCD;;Họ tên\n1A;051090001234;;Thử\n".encode())
    assert read_people_file(file, MOST).passed_over.columns == ["Lớp", "Họ tên"]


NOBODY = [b"", BOM, b"\n\n", b"citizen_number\n", b"sep=;\n", workbook(("CCCD",)), workbook()]


@pytest.mark.parametrize("written", NOBODY, ids=range(len(NOBODY)))
def test_an_empty_file_or_a_header_alone_is_nobody(file: Path, written: bytes) -> None:
    assert keys(file, written) == []


WRONG = {
    b"citizen_number\n51090001234\n": r"file:2: citizen_number: 11 digits of 12: a spreadsheet has taken the 0",
    b"citizen_number\n5.1E+10\n": r"file:2: citizen_number: a spreadsheet has shortened the number",
    b"citizen_number;x\n1,2E+11;\n": r"file:2: citizen_number: a spreadsheet has shortened the number",
    b"citizen_number\n051.090-001.234\n": r"file:2: citizen_number: not such a number: 12 digits",
    b"citizen_number\n212345678\n": r"file:2: citizen_number: 9 digits are an old identity card",
    b"insurance_number\n120000001\n": r"file:2: insurance_number: 9 digits of 10: a spreadsheet has taken the 0",
    b"citizen_number\nabc\n": r"file:2: citizen_number: not such a number: 12 digits",
    "citizen_number\n٠٥١٠٩٠٠٠١٢٣٤\n".encode(): r"file:2: citizen_number: not such a number: 12 digits",
    b"citizen_number,name\n051090001234,a\n,b\n": r"file:3: no number: write citizen_number",
    b"name,class\nx,y\n": r"file:1: begin with a header that names a column citizen_number",
    b"051090001234\n": r"file:1: begin with a header",
    b"citizen_number,CCCD\n": r"file:1: two columns of the header mean the same",
    b'citizen_number\n"0510\n': r"file:2: no line of CSV; look for a quote",
    b'{"citizen_number": 51090001234}\n': r"file:1: write only .* each number in quotes",
    b'{"citizen_number": "051090001234"}\n{"citizen_number": ""}\n': r"file:2: no number: write citizen_number",
    b'{"citizen_number": "051090001234", "name": "x"}\n': r"file:1: write only citizen_number",
    b'{"citizen_number": "051090001234"\n': r"file:1: body: not JSON",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": r"file:1: an Excel file of before 2007",
    b"PK\x03\x04 is no workbook": r"file:1: no Excel file that can be read",
    workbook(("CCCD",), (51090001234,)): r"file:2: citizen_number: 11 digits of 12: a spreadsheet has taken the 0",
    workbook(("CCCD",), (date(2021, 1, 2),)): r"file:2: citizen_number: not such a number",
    workbook(("QID",), (163200000000000002,)): r"file:2: national_code_id: a spreadsheet has shortened the number",
    workbook(("QID",), (1.632e17,), number_format="0"): r"file:2: national_code_id: a spreadsheet has shortened",
    b"QID\n1.632E+17\n": r"file:2: national_code_id: a spreadsheet has shortened the number",
    "<html><td>Số CCCD</td><td>051090001234</td>".encode(): r"file:1: a page \(HTML or XML\)",
    b'<?xml version="1.0"?>\n<Workbook>\n': r"file:1: a page \(HTML or XML\)",
    workbook_of_charts(): r"file:1: no Excel file that can be read",
}


@pytest.mark.parametrize(("written", "told"), WRONG.items(), ids=range(len(WRONG)))
def test_what_cannot_be_meant_is_told_by_its_line_and_never_repeated(file: Path, written: bytes, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        keys(file, written)
    assert "51090001234" not in str(caught.value)
    assert str(caught.value).endswith("nothing was changed")


@pytest.mark.parametrize("written", WRONG, ids=range(len(WRONG)))
def test_every_mistake_is_told_in_vietnamese_without_a_word_of_english(file: Path, written: bytes) -> None:
    english, words = in_both(lambda: keys(file, written), str(file))
    assert ENGLISH.search(english)
    assert not ENGLISH.search(words)
    assert words.endswith("; chưa thay đổi gì")


LOST = {
    b"CCCD\n51090001234\n": (
        "số CCCD: chỉ còn 11 trên 12 chữ số: Excel đã bỏ mất số 0 ở đầu; hãy đặt định dạng số của cột là 000000000000 "
        "(Ctrl+1, Custom), xem lại các số đã đúng chưa, rồi lưu"
    ),
    b"BHXH\n120000001\n": (
        "mã số BHXH: chỉ còn 9 trên 10 chữ số: Excel đã bỏ mất số 0 ở đầu; hãy đặt định dạng số của cột là 0000000000 "
        "(Ctrl+1, Custom), xem lại các số đã đúng chưa, rồi lưu"
    ),
    b"CCCD\n5.1E+10\n": (
        "số CCCD: Excel đã rút gọn số (thành dạng 1.2E+11) nên các chữ số đã mất: hãy định dạng cột "
        "là Văn bản (Text) rồi nhập lại số từ nguồn gốc"
    ),
}


@pytest.mark.parametrize(("written", "told"), LOST.items(), ids=["zeros", "zeros of insurance", "digits"])
def test_what_excel_did_to_the_digits_is_told_in_vietnamese(file: Path, written: bytes, told: str) -> None:
    assert in_both(lambda: keys(file, written), str(file))[1] == f"…:2: {told}; chưa thay đổi gì"


def test_zeros_that_the_advice_gives_back_are_as_many_as_the_number_has(file: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"the number format 0{10} \(Ctrl\+1, Custom\)"):
        keys(file, b"insurance_number\n120000001\n")
    assert keys(file, workbook(("CCCD",), (int(THU[-11:]),), number_format="0" * 12)) == [THU]


def test_how_many_lines_and_numbers_are_too_many_is_told_in_vietnamese(file: Path) -> None:
    many = b"citizen_number\n" + b"51090001234\n" * 21
    assert in_both(lambda: keys(file, many), str(file))[1].endswith("\nvà 1 dòng nữa; chưa thay đổi gì")
    full = b"citizen_number\n" + b"051090001234\n" * (MOST + 1)
    assert in_both(lambda: keys(file, full), str(file))[1] == "…:2002: nhiều hơn 2.000 số; chưa thay đổi gì"


def test_twenty_wrong_lines_are_told_and_the_rest_is_counted(file: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        keys(file, b"citizen_number\n051090001234\n" + b"51090001234\n" * 1_300)
    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[0].startswith(f"{file}:3: ")
    assert lines[19].startswith(f"{file}:22: ")
    assert lines[20] == "and 1,280 lines more; nothing was changed"


def test_a_list_of_more_numbers_than_a_gate_holds_is_refused(file: Path) -> None:
    file.write_bytes(b"citizen_number\n" + b"051090001234\n" * 4)
    with pytest.raises(ConfigurationError, match="file:5: more than 3 numbers"):
        read_people_file(file, 3)
    assert len(read_people_file(file, 4).keys) == 4


def test_a_file_that_is_not_there_is_told(file: Path) -> None:
    with pytest.raises(ConfigurationError, match="file: cannot be read"):
        read_people_file(file, MOST)


LIKE_A_LIST = st.text(alphabet="citzen_numbr,;\t\n\"'0123456789{}:=", max_size=200).map(str.encode)


@given(st.binary(max_size=200) | LIKE_A_LIST)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_a_list_or_a_mistake_that_is_told(file: Path, written: bytes) -> None:
    try:
        found = keys(file, written)
    except ConfigurationError:
        return
    assert all(key.partition(":")[0] in {"citizen", "insurance", "national"} for key in found)
