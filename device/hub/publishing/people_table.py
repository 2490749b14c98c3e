"""Tables of people as offices keep them: which rows are people, and which are nobody (their header: `people_header`).

Above the header there may be a letterhead and a title, beneath it a row that counts the columns, and beneath the last
person a total and who signed. A workbook may have a sheet for each class. What was passed over is named; a row that
looks like a person and has no number is a mistake.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from device.errors import WireError, shown
from device.hub.publishing.people_encoding import old_letters
from device.hub.publishing.people_header import (
    Row,
    counts_columns,
    filled_cells,
    first_filled,
    folded,
    header_among,
    is_another_header,
    is_second_header,
    named_columns,
    names_a_number,
)
from device.words import say

_HEADER_WITHIN: Final = 20
"""The header is among so many rows in which something stands."""
_TOTAL: Final = re.compile(r"(?:tổng|cộng|tong cong|tong so|total|sum)\b|(?:tong|cong)\W*(?:\d|$)", re.IGNORECASE)
"""*Tống* and *Công* begin the names of people."""
_PART: Final = re.compile(r"[IVXLC]+[.)]?")
_OF_A_PERSON: Final = re.compile(r"[\d .]{9,}")
_CITIZEN_NUMBER: Final = re.compile(r"0[0-9]{11}")
_NAME: Final = re.compile(r"(?:^|_)(?:ten|name)(?:_|$)")
_WIDE: Final = 4
"""Of a table with so many columns a row with one cell is a heading."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table.

    Attributes:
        name: empty in a file of one table.
        rows: all of them, empty ones too.
        hidden: whether it is shown to nobody.
        hidden_rows: the lines that are hidden or filtered away; each is there before its row is taken.
    """

    name: str
    rows: Iterator[Row]
    hidden: bool = False
    hidden_rows: Container[int] = ()

    def at(self, line: int) -> str:
        """Return a place as mistakes name it."""
        return f"{shown(self.name)}:{line}" if self.name else str(line)


@dataclass(slots=True)
class PassedOver:
    """What nobody is read from, and what was read in another way than somebody may think; as it is called in the file.

    Attributes:
        columns: names in the headers.
        rows: in which no number stands, above, below and between people.
        sheets: hidden, or without a header.
        several: those with a header, where there is more than one: all of them are read.
        repeated: rows with a number that stands further up already.
        tables: rows that are another header, by which those beneath it are read.
        hidden: rows with a number that are hidden or filtered away.
    """

    columns: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    several: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)


def people_in(sheets: Iterator[Sheet], passed_over: PassedOver) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each person's place in the file and cells, by the keys of `COLUMNS`.

    Raises:
        WireError: no sheet has a header, one with numbers has none, or one names a number twice; begins with the place.
    """
    headed, first, unnamed = list[str](), "", ""
    for sheet in sheets:
        top = _top(sheet)
        if top.header and not sheet.hidden:
            headed.append(sheet.name)
            yield from _people(sheet, top, passed_over)
        elif top.line:
            first = first or f"{sheet.at(top.line)}: {top.letters or _headless()}"
            passed_over.sheets.append(sheet.name)
            unnamed = unnamed or (sheet.at(top.number) if top.number and not sheet.hidden else "")
    if len(headed) > 1:
        passed_over.several = headed
    if not headed and first:
        raise WireError(first)
    if unnamed:
        told = say("a number, but no header of its sheet names the column; name it (số CCCD), or hide the sheet")
        raise WireError(f"{unnamed}: {told}")


def _headless() -> str:
    return say(
        "begin with a header that names a column citizen_number, insurance_number or national_code_id "
        "(số CCCD, mã số BHXH, QID)"
    )


@dataclass(frozen=True, slots=True)
class _Top:
    """How a sheet begins.

    Attributes:
        line: the header's, or the first in which something stands; 0 of an empty sheet.
        header: empty where there is none.
        beneath: the rows under the header.
        number: without a header, the line of the first citizen number, or 0.
        letters: without a header, what to do about one in an old encoding, or empty.
    """

    line: int
    header: Sequence[str]
    beneath: Iterator[Row]
    number: int = 0
    letters: str = ""


def _top(sheet: Sheet) -> _Top:
    looked_at: list[Row] = []
    filled = 0
    for line, cells in sheet.rows:
        looked_at.append((line, cells))
        filled += bool(filled_cells(cells))
        if filled == _HEADER_WITHIN:
            break
    if (at := header_among(looked_at)) is not None:
        return _Top(*looked_at[at], beneath=chain(looked_at[at + 1 :], sheet.rows))
    letters = (old_letters(cells, names_a_number) for _, cells in looked_at)
    return _Top(
        line=next((line for line, cells in looked_at if filled_cells(cells)), 0),
        header=(),
        beneath=iter(()),
        number=next((line for line, cells in chain(looked_at, sheet.rows) if _has_citizen_number(cells)), 0),
        letters=next(filter(None, letters), ""),
    )


def _has_citizen_number(cells: Sequence[str]) -> bool:
    return any(_CITIZEN_NUMBER.fullmatch(cell.strip()) for cell in cells)


def _people(sheet: Sheet, top: _Top, passed_over: PassedOver) -> Iterator[tuple[str, dict[str, str]]]:
    header, columns = top.header, _columns(sheet.at(top.line), top.header, passed_over)
    after_gap, begun = False, False
    nameless: list[str] = []  # rows between a gap and the next row, which tells whether they are people
    for line, cells in top.beneath:
        filled, place = filled_cells(cells), sheet.at(line)
        if not filled:
            after_gap, nameless = True, []
            continue
        if is_another_header(cells, header):
            header, columns = cells, _columns(place, cells, passed_over)
            after_gap, begun, nameless = False, False, []
            passed_over.tables.append(place)
            continue
        person = {name: cells[at] for at, name in columns.items() if at < len(cells)}
        total = _TOTAL.match(unicodedata.normalize("NFC", filled[0]))
        if not any(cell.strip() for cell in person.values()):
            lone = len(filled) == 1 and not _is_a_name(cells, header)
            heading = (lone or _is_part(cells, header)) and len(filled_cells(header)) >= _WIDE
            if heading or total or (after_gap and not _is_counted(cells, header)):
                passed_over.rows.append(place)
                nameless += [] if heading or total else [place]
                continue
        elif filled_cells(header) == filled or (not begun and counts_columns(filled)):
            nameless = []
            continue  # the header of another printed page; 1, 2, 3 beneath the header
        elif (total and not _names_a_person(person)) or (not begun and is_second_header(cells, header)):
            passed_over.rows.append(place)
            continue
        elif line in sheet.hidden_rows:
            passed_over.hidden.append(place)
        for one in nameless:
            passed_over.rows.remove(one)
            yield one, {}
        after_gap, begun, nameless = False, True, []
        yield place, person


def _columns(place: str, header: Sequence[str], passed_over: PassedOver) -> dict[int, str]:
    """Return which columns of a header are known, and as what; raises `WireError` where two mean the same."""
    columns = named_columns(header)
    twice = [header[at].strip() for at, name in columns.items() if list(columns.values()).count(name) > 1]
    if twice:
        told = say("two columns of the header mean the same: {names}", names=", ".join(map(shown, twice)))
        raise WireError(f"{place}: {told}")
    names = [cell.strip() for at, cell in enumerate(header) if at not in columns and cell.strip()]
    passed_over.columns += [name for name in names if name not in passed_over.columns]
    return columns


def _is_counted(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Return whether a row begins as those of people do, with its number in the list, and says more."""
    at = first_filled(header)
    return at < len(cells) and cells[at].strip().isdecimal() and len(filled_cells(cells)) > 1


def _is_part(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Return whether a row is the heading of a part, like *II. | KHOA NGOẠI*."""
    at = first_filled(header)
    return bool(_PART.fullmatch("".join(cells[at : at + 1]).strip())) and len(filled_cells(cells)) == 2


def _is_a_name(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Return whether what stands there stands in the column of names: somebody of whom nothing else is known."""
    return any(cell.strip() and _NAME.search(folded(column)) for cell, column in zip(cells, header, strict=False))


def _names_a_person(person: Mapping[str, str]) -> bool:
    return any(_OF_A_PERSON.search(cell) for cell in person.values())
