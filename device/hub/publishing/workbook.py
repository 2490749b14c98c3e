"""Excel workbooks (.xlsx) as rows of text: the first sheet in which anything stands."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Final

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils.exceptions import InvalidFileException

from device.errors import WireError

_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_UNPACKED_MOST_BYTES: Final = 1 << 30


def is_workbook(raw: bytes) -> bool:
    """Return whether a file is a workbook; raises `WireError` for those of before 2007."""
    if raw.startswith(_OLD_EXCEL):
        raise WireError("1: an Excel file of before 2007 (.xls), or one with a password: save it as .xlsx without one")
    return raw.startswith(_ZIP)


def rows_of_workbook(raw: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the number of each row and its cells as text; raises `WireError` when the workbook cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _UNPACKED_MOST_BYTES:
                raise WireError("1: unpacks to more than 1 GB")
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError, OSError) as error:
        raise WireError("1: no Excel file that can be read; open it in Excel and save it as .xlsx again") from error
    for sheet in book.worksheets:
        empty = True
        for number, row in enumerate(sheet.iter_rows(), 1):
            cells = [_text(cell) for cell in row]
            if any(cells):
                empty = False
                yield number, cells
        if not empty:
            return


def _text(cell: Cell | MergedCell) -> str:
    """Return what a cell shows: a number formatted as ``000000000000`` has its zeros."""
    value: object = cell.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and set(cell.number_format) == {"0"}:
        return str(value).zfill(len(cell.number_format))
    return "" if value is None else str(value).strip()
