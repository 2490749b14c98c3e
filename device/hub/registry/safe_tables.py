"""Tables for spreadsheets, as CSV and as an Excel file; no cell of either is a formula, whatever somebody wrote."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from device.hub.registry.place_list import UNSAFE, plain


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as CSV, in UTF-8 with its mark, by which Excel takes it for Unicode."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(map(safe, row) for row in rows)
    return out.getvalue().encode("utf-8-sig")


def workbook_bytes(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as an Excel file with one sheet; every cell is a text."""
    out = io.BytesIO()
    workbook_of(title, header, rows).save(out)
    return out.getvalue()


def workbook_of(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Workbook:
    """Return a table as a workbook with one sheet, to be saved once."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.append(list(header))
    for row in rows:
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, text if text.startswith(UNSAFE) else safe(text))
            cell.data_type = "s"  # openpyxl takes what begins with = for a formula
            cell.quotePrefix = text.startswith(UNSAFE)
            cells.append(cell)
        sheet.append(cells)
    return book


def safe(text: str) -> str:
    """Return what a cell of CSV holds: the text, with a sign before it where a reader would take it for more."""
    return f"'{text}" if text.startswith(UNSAFE) or plain(text) != text else text
