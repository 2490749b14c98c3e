"""Lists of supervision as tables for spreadsheets: words that do not depend on a language, times in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from device.clock import utc_text
from device.hub.supervision.listing import Line
from device.model import HOUR_MS

COLUMNS: Final = (
    "id",
    "name",
    "kind",
    "province",
    "commune",
    "standing",
    "last_scan",
    "scans_7_days",
    "gates",
    "opening_hours_scanned_percent",
    "last_hour_of_usual_percent",
    "answered_of_passed_percent",
)


def rows_of(lines: Iterable[Line]) -> Iterator[list[str]]:
    """Yield the cells of each place; a figure that is not known is blank. ``last_scan`` is the hour in which it was."""
    for line in lines:
        yield [
            line.place_id,
            line.name,
            line.kind,
            line.province,
            line.commune,
            line.standing.name.lower(),
            "" if line.last_hour is None else utc_text(line.last_hour * HOUR_MS),
            str(line.week),
            str(line.gates),
            *("" if figure is None else str(figure) for figure in (line.hours, line.usual, line.through)),
        ]
