"""People lists as people have them: an Excel file (.xlsx), CSV in any of its dialects, or JSON objects, one a line.

A table begins with a header. Its columns are known by their names, in whatever case, English or Vietnamese (`COLUMNS`),
and further columns are passed over::

    Số CCCD;Họ tên;Mã số BHXH
    051090001234;Nguyễn Văn Thử;5120001234

Commas, semicolons, tabs and bars divide; Excel's first line ``sep=;``, UTF-8 and UTF-16, empty rows, and numbers
grouped by spaces are taken as they come. What cannot be meant is told by its line, all lines at once, with what to do
about it; what stands there is never repeated.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from device.errors import ConfigurationError, WireError
from device.hub.db.people_status import told_lines
from device.hub.publishing.people_numbers import number_key
from device.hub.publishing.workbook import is_workbook, rows_of_workbook
from device.strict_json import document

COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "citizen_number": "citizen_number citizen_id cccd so_cccd can_cuoc so_can_cuoc can_cuoc_cong_dan "
        "so_can_cuoc_cong_dan so_dinh_danh so_dinh_danh_ca_nhan ma_dinh_danh cccd_cmnd so_cccd_cmnd",
        "insurance_number": "insurance_number bhxh so_bhxh ma_bhxh ma_so_bhxh bhyt so_bhyt ma_bhyt so_the_bhyt "
        "ma_the_bhyt",
        "national_code_id": "national_code_id qid",
    }
)
"""The names a column may have, folded: lower case, no diacritics, words joined by ``_``."""

MOST_BYTES: Final = 256 << 20
_LINE_MOST: Final = 4096
_NAME_MOST: Final = 64
_DELIMITERS: Final = ",;\t|"
_WORDS: Final = "citizen_number, insurance_number or national_code_id (số CCCD, mã số BHXH, QID)"
Row = tuple[int, Sequence[str]]


@dataclass(slots=True)
class PeopleFile:
    """What a file says.

    Attributes:
        keys: the numbers of all people, as `device.credential.keys_of` writes them.
        left_out: the columns that were passed over, as they are written.
    """

    keys: list[str] = field(default_factory=list)
    left_out: tuple[str, ...] = ()


def read_people_file(path: Path, most_numbers: int) -> PeopleFile:
    """Read a file whole.

    Raises:
        ConfigurationError: it cannot be read, is none of these files, has more than *most_numbers*, or lines are wrong.
    """
    raw = _read(path)
    found, wrong = PeopleFile(), []
    try:
        for line, fields in _people(raw, found):
            try:
                found.keys += _keys(fields)
            except WireError as error:
                wrong.append(f"{path}:{line}: {error}")
            if len(found.keys) > most_numbers:
                break
    except WireError as error:
        raise ConfigurationError(f"{path}:{error}; nothing was changed") from None
    if len(found.keys) > most_numbers:
        raise ConfigurationError(f"{path}:{line}: more than {most_numbers:,} numbers; nothing was changed")
    if wrong:
        raise ConfigurationError(told_lines(wrong))
    return found


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigurationError(f"{path}: more than {MOST_BYTES >> 20} MB; nothing was changed")
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from error


def _people(raw: bytes, found: PeopleFile) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each person's line and numbers; a `WireError` begins with the line from which nothing could be read."""
    if is_workbook(raw):
        yield from _table(rows_of_workbook(raw), found)
        return
    text = _decoded(raw)
    if text.lstrip().startswith("{"):
        yield from _objects(text)
    else:
        yield from _table(_rows(text), found)


def _keys(fields: Mapping[str, str]) -> list[str]:
    keys = [key for name, cell in fields.items() if (key := number_key(name, cell)) is not None]
    if not keys:
        raise WireError(f"no number: write {_WORDS}")
    return keys


def _decoded(raw: bytes) -> str:
    """Return the text; what is not UTF-8 stands in columns that nobody reads, or is no number."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    if raw[1:2] == b"\0":
        return raw.decode("utf-16-le", "replace")
    return raw.decode("utf-8-sig", "replace")


def _objects(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            fields = document(line.encode(), _LINE_MOST)
        except WireError as error:
            raise WireError(f"{number}: {error}") from None
        told = {name: value for name, value in fields.items() if value is not None}
        if not told.keys() <= COLUMNS.keys() or not all(isinstance(value, str) for value in told.values()):
            raise WireError(f"{number}: write only {', '.join(COLUMNS)}, each number in quotes")
        yield number, {name: str(value) for name, value in told.items()}


def _rows(text: str) -> Iterator[Row]:
    """Yield the rows of CSV, divided as its first line says or shows; a cell may hold line ends."""
    lines = text.splitlines(keepends=True)
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    delimiter = ""
    if lines[first:] and lines[first].strip().lower().startswith("sep="):
        delimiter, first = lines[first].strip()[4:5] or "\t", first + 1
    if not delimiter and lines[first:]:
        delimiter = max(_DELIMITERS, key=lambda sign: len(_named(lines[first].split(sign))))
    rows = csv.reader(lines[first:], delimiter=delimiter or ",", strict=True)
    try:
        for cells in rows:
            yield first + rows.line_num, cells
    except csv.Error:
        raise WireError(f"{first + rows.line_num}: no line of CSV; look for a quote that does not end") from None


def _table(rows: Iterator[Row], found: PeopleFile) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield what stands below the header, without empty rows."""
    filled = ((line, cells) for line, cells in rows if any(cell.strip() for cell in cells))
    line, header = next(filled, (1, []))
    columns = _named(header)
    if not columns and header:
        raise WireError(f"{line}: begin with a header that names a column {_WORDS}")
    if len(set(columns.values())) < len(columns):
        raise WireError(f"{line}: two columns of the header mean the same")
    found.left_out = tuple(cell.strip() for at, cell in enumerate(header) if at not in columns and cell.strip())
    for number, cells in filled:
        yield number, {name: cells[at] for at, name in columns.items() if at < len(cells)}


def _named(header: Sequence[str]) -> dict[int, str]:
    """Return which columns of a header are known, and as what."""
    folded = [_folded(cell) for cell in header]
    return {at: name for at, cell in enumerate(folded) for name, known in COLUMNS.items() if cell in known.split()}


def _folded(cell: str) -> str:
    """``Số CCCD`` becomes ``so_cccd``."""
    plain = unicodedata.normalize("NFD", cell[:_NAME_MOST].lower().replace("đ", "d"))
    letters = (sign for sign in plain if not unicodedata.combining(sign))
    return "_".join("".join(sign if sign.isascii() and sign.isalnum() else " " for sign in letters).split())
