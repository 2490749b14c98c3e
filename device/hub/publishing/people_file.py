"""People lists as people have them: an Excel file (.xlsx), CSV in any of its dialects, or JSON objects, one a line.

A table (`device.hub.publishing.people_table`) has a header. Its columns are known by their names, in whatever case,
English or Vietnamese, and further columns are passed over::

    Số CCCD;Họ tên;Mã số BHXH
    051090001234;Nguyễn Văn Thử;5120001234

Commas, semicolons, tabs and bars divide; Excel's first line ``sep=;``, UTF-8, UTF-16 and UTF-32, empty rows, and
numbers grouped by spaces are taken as they come. What cannot be meant is told by its line, all lines at once, with
what to do about it; what stands there is never repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from device.errors import ConfigurationError, WireError, shown
from device.hub.db.people_status import nothing_changed, told_lines
from device.hub.publishing.csv_rows import rows_of_csv
from device.hub.publishing.file_kinds import WORKBOOK, kind_of, no_list
from device.hub.publishing.people_encoding import decoded
from device.hub.publishing.people_header import COLUMNS, names_a_number
from device.hub.publishing.people_numbers import number_key
from device.hub.publishing.people_table import PassedOver, Sheet, people_in
from device.hub.publishing.workbook import sheets_of_workbook
from device.strict_json import document
from device.words import number, say, say_many, sentence, why_of

MOST_BYTES: Final = 256 << 20
_LINE_MOST: Final = 4096
_MOST_NAMES: Final = 20
_PASSED_OVER: Final = {
    "columns": sentence("passed over columns: {names}"),
    "rows": sentence("passed over rows: {names}"),
    "sheets": sentence("passed over sheets: {names}"),
    "several": sentence("people of several sheets, all in one list: {names}"),
    "tables": sentence("other headers, by which the rows beneath them were read, in rows: {names}"),
    "repeated": sentence("a number that stands further up already, counted once, in rows: {names}"),
}


@dataclass(slots=True)
class PeopleFile:
    """What a file says.

    Attributes:
        keys: the numbers of all people, as `device.credential.keys_of` writes them.
        passed_over: what nobody was read from.
    """

    keys: list[str] = field(default_factory=list)
    passed_over: PassedOver = field(default_factory=PassedOver)


def read_people_file(path: Path, most_numbers: int) -> PeopleFile:
    """Read a file whole.

    Raises:
        ConfigurationError: it cannot be read, is none of these files, has more than *most_numbers*, or lines are wrong.
    """
    raw = _read(path)
    found, wrong, known = PeopleFile(), [], set[str]()
    try:
        for line, fields in _people(raw, found):
            try:
                keys = _keys(fields)
                found.keys += keys
                if not known.isdisjoint(keys):
                    found.passed_over.repeated.append(line)
                known.update(keys)
            except WireError as error:
                wrong.append(f"{path}:{line}: {error}")
            if len(found.keys) > most_numbers:
                break
    except WireError as error:
        raise ConfigurationError(nothing_changed(f"{path}:{error}")) from None
    if len(found.keys) > most_numbers:
        told = say("{place}: more than {most} numbers", place=f"{path}:{line}", most=number(most_numbers, ","))
        raise ConfigurationError(nothing_changed(told))
    if hidden := found.passed_over.hidden:
        wrong.insert(0, f"{path}: {_hidden(hidden)}")
    if wrong:
        raise ConfigurationError(told_lines(wrong))
    return found


def passed_over_lines(found: PeopleFile) -> Iterator[str]:
    """Yield what nobody was read from, and what was read in another way than somebody may think, said already."""
    for what, names in asdict(found.passed_over).items():
        if names:
            yield say(_PASSED_OVER[what], names=first_of(names))


def first_of(names: Sequence[str]) -> str:
    """Return the first names, and how many there are beyond them."""
    told = ", ".join(shown(name) for name in names[:_MOST_NAMES])
    if len(names) <= _MOST_NAMES:
        return told
    return say("{names} and {count} more", names=told, count=number(len(names) - _MOST_NAMES, ","))


def _hidden(rows: Sequence[str]) -> str:
    """Say that people are hidden: neither taking them nor leaving them out is what everybody expects of a filter."""
    return say_many(
        "{count} person is in a row that is hidden or filtered away: {rows}; show it (Data, Clear), or delete it",
        "{count} people are in rows that are hidden or filtered away: {rows}; show them (Data, Clear), or delete them",
        count=len(rows),
        rows=first_of(rows),
    )


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            told = say("{path}: more than {most} MB", path=path, most=MOST_BYTES >> 20)
            raise ConfigurationError(nothing_changed(told))
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(say("{path}: cannot be read ({why})", path=path, why=why_of(error))) from error


def _people(raw: bytes, found: PeopleFile) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each person's line and numbers; a `WireError` begins with the line from which nothing could be read."""
    kind = kind_of(raw)
    if kind == WORKBOOK:
        yield from people_in(sheets_of_workbook(raw), found.passed_over)
        return
    if kind:
        raise WireError(f"1: {no_list(kind)}")
    text = decoded(raw)
    if text.lstrip().startswith("{"):
        yield from _objects(text)
    elif text.lstrip().startswith("<"):
        told = say("a page (HTML or XML), whatever its name says: open it in Excel and save it as .xlsx")
        raise WireError(f"1: {told}")
    else:
        yield from people_in(iter([Sheet("", rows_of_csv(text, names_a_number))]), found.passed_over)


def _keys(fields: Mapping[str, str]) -> list[str]:
    keys = [key for name, cell in fields.items() if (key := number_key(name, cell)) is not None]
    if not keys:
        told = say("no number: write citizen_number, insurance_number or national_code_id (số CCCD, mã số BHXH, QID)")
        raise WireError(told)
    return keys


def _objects(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for at, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            fields = document(line.encode(), _LINE_MOST)
        except WireError as error:
            raise WireError(f"{at}: {error}") from None
        told = {name: value for name, value in fields.items() if value is not None}
        if not told.keys() <= COLUMNS.keys() or not all(isinstance(value, str) for value in told.values()):
            told_only = say("write only {names}, each number in quotes", names=", ".join(COLUMNS))
            raise WireError(f"{at}: {told_only}")
        yield str(at), {name: str(value) for name, value in told.items()}
