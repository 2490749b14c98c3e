"""Excel workbooks (.xlsx) as rows of text: every sheet."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils.exceptions import InvalidFileException

from device.errors import WireError
from device.hub.publishing.people_table import Row, Sheet
from device.words import say

_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_UNPACKED_MOST_BYTES: Final = 1 << 30
_DAMAGED: Final = (
    *(zipfile.BadZipFile, zlib.error, InvalidFileException, SyntaxError, OSError, EOFError),
    *(LookupError, ValueError, AttributeError, TypeError, ArithmeticError, RuntimeError),
)
_DIGITS_MOST: Final = 15
"""As many digits of a number a spreadsheet keeps; it writes 0 for the others."""


def is_workbook(raw: bytes) -> bool:
    """Return whether a file is a workbook; raises `WireError` for those of before 2007."""
    if raw.startswith(_OLD_EXCEL):
        told = say("an Excel file of before 2007 (.xls), or one with a password: save it as .xlsx without one")
        raise WireError(f"1: {told}")
    return raw.startswith(_ZIP)


def sheets_of_workbook(raw: bytes) -> Iterator[Sheet]:
    """Yield every sheet; raises `WireError` when the workbook cannot be read."""
    with _told():
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _UNPACKED_MOST_BYTES:
                raise WireError(f"1: {say('unpacks to more than 1 GB')}")
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    alone = len(book.worksheets) == 1
    for sheet in book.worksheets:
        yield Sheet("" if alone else sheet.title, _rows(sheet), hidden=sheet.sheet_state != "visible")


def _rows(sheet: Any) -> Iterator[Row]:  # noqa: ANN401 - of a kind that has no types
    sheet.reset_dimensions()  # what other programs write there is often wrong
    with _told():
        for number, row in enumerate(sheet.iter_rows(), 1):
            yield number, [_text(cell) for cell in row]


@contextmanager
def _told() -> Iterator[None]:
    """Turn what openpyxl raises of a damaged file into what to do."""
    try:
        yield
    except _DAMAGED as error:
        told = say("no Excel file that can be read; open it in Excel and save it as .xlsx again")
        raise WireError(f"1: {told}") from error


def _text(cell: Cell | MergedCell) -> str:
    """Return what a cell shows: a number formatted as ``000000000000`` has its zeros, one that lost digits is short."""
    value: object = cell.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and abs(value) >= 10**_DIGITS_MOST:
        return f"{value:.1E}"
    if isinstance(value, int) and not isinstance(value, bool) and set(cell.number_format) == {"0"}:
        return str(value).zfill(len(cell.number_format))
    return "" if value is None else str(value).strip()
