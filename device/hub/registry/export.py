"""The registry as CSV and as an Excel file; no cell of either is a formula, whatever somebody has called a place."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from device.clock import utc_text
from device.hub.db.registry import PlaceRecord
from device.hub.registry.place_list import COLUMNS, TITLES
from device.hub.registry.safe_tables import safe, workbook_of
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
        workbook_of("places", header, rows).save(path)
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # with its mark Excel takes it for Unicode
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(map(safe, row) for row in rows)


def _rows(records: Iterable[PlaceRecord]) -> Iterator[list[str]]:
    for record in records:
        place, archived = record.place, record.archived_ms
        own = {"id": record.place_id, "archived": "" if archived is None else utc_text(archived)}
        yield [own[name] if name in own else getattr(place, name) for name in COLUMNS]
