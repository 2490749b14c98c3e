"""The registry as CSV and as an Excel file; no cell of either is a formula, whatever somebody has called a place."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from device.clock import utc_text
from device.hub.db.registry import PlaceRecord
from device.hub.registry.place_list import COLUMNS
from device.hub.registry.safe_tables import safe, workbook_of

_WORKBOOK: Final = ".xlsx"


def export(records: Iterable[PlaceRecord], path: Path) -> None:
    """Write a file that an import takes back unchanged: an Excel file where its name ends so, else CSV.

    Raises:
        OSError: it cannot be written.
    """
    if path.suffix.lower() == _WORKBOOK:
        workbook_of("places", tuple(COLUMNS), _rows(records)).save(path)
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # with its mark Excel takes it for Unicode
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(map(safe, row) for row in _rows(records))


def _rows(records: Iterable[PlaceRecord]) -> Iterator[list[str]]:
    for record in records:
        place, archived = record.place, record.archived_ms
        own = {"id": record.place_id, "archived": "" if archived is None else utc_text(archived)}
        yield [own[name] if name in own else getattr(place, name) for name in COLUMNS]
