"""The registry as CSV and as an Excel file; no cell of either is a formula, whatever somebody has called a place."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from device.clock import utc_text
from device.hub.db.registry import PlaceRecord
from device.hub.registry.place_list import COLUMNS, TITLES, UNSAFE, plain
from device.words import Language

_WORKBOOK: Final = ".xlsx"


def export(records: Iterable[PlaceRecord], path: Path) -> None:
    """Write a file that an import takes back unchanged: an Excel file where its name ends so, else CSV.

    Raises:
        OSError: it cannot be written.
    """
    _write(path, list(COLUMNS), _rows(records))


def blank_list(path: Path, language: Language) -> None:
    """Write a list without a place, for somebody to fill in: its header in a language; else as `export`."""
    _write(path, list(TITLES.values() if language is Language.VIETNAMESE else TITLES), ())


def _write(path: Path, header: list[str], rows: Iterable[list[str]]) -> None:
    if path.suffix.lower() == _WORKBOOK:
        _write_workbook(path, header, rows)
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # with its mark Excel takes it for Unicode
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(map(_safe, row) for row in rows)


def _write_workbook(path: Path, header: list[str], rows: Iterable[list[str]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("places")
    sheet.append(header)
    for row in rows:
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, text if text.startswith(UNSAFE) else _safe(text))
            cell.data_type = "s"  # openpyxl takes what begins with = for a formula
            cell.quotePrefix = text.startswith(UNSAFE)
            cells.append(cell)
        sheet.append(cells)
    book.save(path)


def _safe(text: str) -> str:
    """Return what a cell of CSV holds: the text, with a sign before it where a reader would take it for more."""
    return f"'{text}" if text.startswith(UNSAFE) or plain(text) != text else text


def _rows(records: Iterable[PlaceRecord]) -> Iterator[list[str]]:
    for record in records:
        place, archived = record.place, record.archived_ms
        own = {"id": record.place_id, "archived": "" if archived is None else utc_text(archived)}
        yield [own[name] if name in own else getattr(place, name) for name in COLUMNS]
