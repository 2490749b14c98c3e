"""Lists as offices keep them, CSV or Excel (.xlsx): the header is found, its columns are known by their names.

What a file of people may be like (`device.hub.publishing.people_file`), these may be too: encodings, dialects of CSV,
a title above the header, several sheets; rows that are hidden are mistakes. At most `MOST_BYTES` are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final

from device.errors import ConfigurationError, WireError
from device.hub.db.people_status import nothing_changed
from device.hub.publishing.csv_rows import rows_of_csv
from device.hub.publishing.file_kinds import WORKBOOK, kind_of, no_list
from device.hub.publishing.people_encoding import decoded, old_letters
from device.hub.publishing.people_header import Row, counts_columns, filled_cells, folded
from device.hub.publishing.people_table import Sheet
from device.hub.publishing.workbook import sheets_of_workbook
from device.words import say, why_of

MOST_BYTES: Final = 24 << 20
"""100,000 places of usual length in CSV; five times as many bytes are held while they are read."""
_UNPACKED_MOST_BYTES: Final = 72 << 20
_HEADER_WITHIN: Final = 20
_LEAST_NAMED: Final = 2


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a file.

    Attributes:
        at: the line, in a workbook of several sheets with its sheet.
        column: a known name; empty where it is the whole line.
        told: what is wrong and what to do, a sentence.
    """

    at: str
    column: str
    told: str

    def line_of(self, path: Path) -> str:
        """Return it as one line that begins with where it is."""
        return ": ".join(filter(None, (f"{path}:{self.at}", self.column, self.told)))


@dataclass(slots=True)
class Table:
    """A file that has a header.

    Attributes:
        rows: where each stands, and its cells by known names; blank rows are left out. To be taken once; raises
            `ConfigurationError`.
        hidden: each row that is hidden, as the rows are taken.
        columns: of the header those that are not known, as they are called there.
    """

    rows: Iterator[tuple[str, dict[str, str]]] = field(default_factory=lambda: iter(()))
    hidden: list[Mistake] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)


def read_table(path: Path, columns: Mapping[str, str], needed: frozenset[str]) -> Table:
    """Read a list.

    Args:
        path: of the file.
        columns: name → what it may be called in a header, folded (`folded`), divided by blanks.
        needed: names a header must have.

    Raises:
        ConfigurationError: it cannot be read, is too large, is no list, or has no such header; also as rows are taken.
    """
    table = Table()
    table.rows = _told_rows(path, _Reading(columns, needed, table))
    return table


@dataclass(frozen=True, slots=True)
class _Reading:
    columns: Mapping[str, str]
    needed: frozenset[str]
    table: Table

    def named(self, cells: Sequence[str]) -> dict[int, str]:
        """Return which columns of a header are known, and as what; the first of two that mean the same."""
        found: dict[int, str] = {}
        for at, cell in enumerate(map(folded, cells)):
            name = next((name for name, known in self.columns.items() if cell in known.split()), None)
            if name is not None and name not in found.values():
                found[at] = name
        return found

    def is_header(self, cells: Sequence[str]) -> bool:
        """Return whether these may be the cells of a header."""
        named = self.named([cell.strip('" \r\n') for cell in cells]).values()
        return len(named) >= _LEAST_NAMED and self.needed <= set(named)


def _told_rows(path: Path, reading: _Reading) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        yield from _headed_rows(path, reading)
    except WireError as error:
        raise ConfigurationError(nothing_changed(f"{path}:{error}")) from None


def _headed_rows(path: Path, reading: _Reading) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows of every sheet that is shown and has a header; a `WireError` begins with the line."""
    headed, why = False, ""
    for sheet in _sheets(path, reading):
        top, header = ([], None) if sheet.hidden else _top(sheet, reading)
        if header is not None:
            headed = True
            yield from _rows(sheet, top, header, reading)
            continue
        why = why or next((told for _, cells in top if (told := old_letters(cells, reading.is_header))), "")
    if not headed:
        names = ", ".join(sorted(reading.needed))
        raise WireError(f"1: {why or say('begin with a header that names the columns {names}', names=names)}")


def _sheets(path: Path, reading: _Reading) -> Iterator[Sheet]:
    try:
        if path.stat().st_size > MOST_BYTES:
            told = say("{path}: more than {most} MB; divide it into several files", path=path, most=MOST_BYTES >> 20)
            raise ConfigurationError(nothing_changed(told))
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(say("{path}: cannot be read ({why})", path=path, why=why_of(error))) from error
    kind = kind_of(raw)
    if kind == WORKBOOK:
        yield from sheets_of_workbook(raw, _UNPACKED_MOST_BYTES)
    elif kind:
        raise WireError(f"1: {no_list(kind)}")
    else:
        yield Sheet("", rows_of_csv(decoded(raw), reading.is_header))


def _top(sheet: Sheet, reading: _Reading) -> tuple[list[Row], int | None]:
    """Return the first rows, and which of them is the header; ``None``: none is."""
    looked_at: list[Row] = []
    for row in sheet.rows:
        looked_at.append(row)
        if reading.is_header(row[1]):
            return looked_at, len(looked_at) - 1
        if len(looked_at) == _HEADER_WITHIN:
            break
    return looked_at, None


def _rows(sheet: Sheet, top: Sequence[Row], header: int, reading: _Reading) -> Iterator[tuple[str, dict[str, str]]]:
    names, titles = reading.named(top[header][1]), top[header][1]
    other = [title.strip() for at, title in enumerate(titles) if at not in names and title.strip()]
    reading.table.columns += [title for title in other if title not in reading.table.columns]
    begun = False
    for line, cells in chain(top[header + 1 :], sheet.rows):
        found = {name: cells[at] for at, name in names.items() if at < len(cells)}
        if not any(cell.strip() for cell in found.values()) or list(cells) == list(titles):
            continue
        if not begun and counts_columns(filled_cells(cells)):
            continue
        begun = True
        if line in sheet.hidden_rows:
            told = say("is hidden or filtered away; show it (Data, Clear), or delete it")
            reading.table.hidden.append(Mistake(sheet.at(line), "", told))
        yield sheet.at(line), found
