"""Excel workbooks (.xlsx) as rows of text: every sheet, as a person sees it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from device.errors import WireError
from device.hub.publishing.people_header import Row
from device.hub.publishing.people_table import Sheet
from device.words import say

_UNPACKED_MOST_BYTES: Final = 1 << 30
_DAMAGED: Final = (
    *(zipfile.BadZipFile, zlib.error, InvalidFileException, SyntaxError, OSError, EOFError),
    *(LookupError, ValueError, AttributeError, TypeError, ArithmeticError, RuntimeError),
)
_DIGITS_MOST: Final = 15
"""As many digits of a number a spreadsheet keeps; it writes 0 for the others."""
_TRUE: Final = ("1", "true")
_BESIDE_DIGITS: Final = re.compile(r'\[[^\]]*\]|"[^"]*"|\\.|_.|;@$|[ ()-]')
"""What a number format shows beside the digits, or does not show at all: a locale, words, blanks and lines."""


class _Parser(WorkSheetParser):
    """Reads what openpyxl leaves out: which rows are hidden, and which formulas have no value."""

    hidden: set[int]

    def parse_cell(self, element: Any) -> dict[str, Any]:  # noqa: ANN401 - of lxml or of the standard library
        """Return a cell; ``=`` is the value of a formula that was never calculated."""
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and element.get("t") != "str" and element.find(FORMULA_TAG) is not None:
            cell["value"] = "="
        return cell

    def parse_row(self, row: Any) -> tuple[int, list[dict[str, Any]]]:  # noqa: ANN401 - as above
        """Return a row's number and its cells."""
        number, cells = super().parse_row(row)
        if row.get("hidden") in _TRUE:
            self.hidden.add(number)
        return number, cells


def sheets_of_workbook(raw: bytes, most_bytes: int = _UNPACKED_MOST_BYTES) -> Iterator[Sheet]:
    """Yield every sheet; raises `WireError` when the workbook cannot be read, or unpacks to more than *most_bytes*."""
    with _told():
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            if sum(part.file_size for part in packed.infolist()) > most_bytes:
                raise WireError(f"1: {say('unpacks to more than {most} MB', most=most_bytes >> 20)}")
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    alone = len(book.worksheets) == 1
    for sheet in book.worksheets:
        hidden_rows = set[int]()
        rows = _rows(book, sheet, hidden_rows)
        yield Sheet("" if alone else sheet.title, rows, sheet.sheet_state != "visible", hidden_rows)


def _rows(book: Any, sheet: Any, hidden: set[int]) -> Iterator[Row]:  # noqa: ANN401 - of kinds that have no types
    """Yield the rows; where some are missing, one without cells. *hidden* has each hidden one before it is yielded."""
    with _told(), sheet._get_source() as source:  # noqa: SLF001 - nothing public reads a large sheet with its rows' state
        parser = _Parser(source, sheet._shared_strings, data_only=True, date_formats=book._date_formats)  # noqa: SLF001 - as above
        parser.hidden = hidden
        before = 0
        for number, cells in parser.parse():
            if number > before + 1:
                yield before + 1, []
            row = [""] * max((cell["column"] for cell in cells), default=0)
            for cell in cells:
                row[cell["column"] - 1] = _text(ReadOnlyCell(sheet, **cell))
            yield number, row
            before = number


@contextmanager
def _told() -> Iterator[None]:
    """Turn what openpyxl raises of a damaged file into what to do."""
    try:
        yield
    except _DAMAGED as error:
        told = say("no Excel file that can be read; open it in Excel and save it as .xlsx again")
        raise WireError(f"1: {told}") from error


def _text(cell: ReadOnlyCell) -> str:
    """Return what a cell shows: a number formatted as ``000 000 000`` with its zeros, one that lost digits short."""
    value: object = cell.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and abs(value) >= 10**_DIGITS_MOST:
        return f"{value:.1E}"
    if isinstance(value, int) and not isinstance(value, bool):
        digits = _BESIDE_DIGITS.sub("", cell.number_format)
        return str(value).zfill(len(digits) if set(digits) == {"0"} else 0)
    return "" if value is None else str(value).strip()
