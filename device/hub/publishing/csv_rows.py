"""Rows of CSV in any of its dialects: commas, semicolons, tabs, bars, or what Excel's first line ``sep=;`` says."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from device.errors import WireError
from device.hub.publishing.people_header import Row
from device.words import say

_DELIMITERS: Final = ",;\t|"
_LOOKED_AT: Final = 20


def rows_of_csv(text: str, is_header: Callable[[Sequence[str]], bool]) -> Iterator[Row]:
    """Yield the rows, divided as the first line says or the header shows; a cell may hold line ends.

    Args:
        text: the whole file.
        is_header: whether cells may be those of a header.

    Raises:
        WireError: a line is none of CSV; begins with its number.
    """
    lines = text.splitlines(keepends=True)
    first = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    delimiter = ""
    if lines[first:] and lines[first].strip().lower().startswith("sep="):
        delimiter, first = lines[first].strip()[4:5] or "\t", first + 1
    if not delimiter:
        looked_at = lines[first : first + _LOOKED_AT]
        delimiter = max(_DELIMITERS, key=lambda sign: _cells_of_header(looked_at, sign, is_header))
    rows = csv.reader(lines[first:], delimiter=delimiter, strict=True)
    try:
        for cells in rows:
            yield first + rows.line_num, cells
    except csv.Error:
        why = say("no line of CSV; look for a quote that does not end")
        raise WireError(f"{first + rows.line_num}: {why}") from None


def _cells_of_header(lines: Sequence[str], delimiter: str, is_header: Callable[[Sequence[str]], bool]) -> int:
    """Return how many cells a header has when the lines are so divided; 0: none is one."""
    return max((len(cells) for line in lines if is_header(cells := line.split(delimiter))), default=0)
