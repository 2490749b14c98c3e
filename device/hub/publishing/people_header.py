"""The header of a list of people: which row it is, and which of its columns are numbers people are known by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Final

COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "citizen_number": "citizen_number citizen_id citizen_id_number id_card_number cccd so_cccd can_cuoc "
        "so_can_cuoc can_cuoc_cong_dan so_can_cuoc_cong_dan so_dinh_danh so_dinh_danh_ca_nhan ma_dinh_danh "
        "ma_dinh_danh_ca_nhan ma_so_dinh_danh so_ddcn cccd_cmnd so_cccd_cmnd",
        "insurance_number": "insurance_number bhxh so_bhxh ma_bhxh ma_so_bhxh bhyt so_bhyt ma_bhyt so_the_bhyt "
        "ma_the_bhyt",
        "national_code_id": "national_code_id qid",
    }
)
"""The names a column may have, folded: lower case, no diacritics, words joined by ``_``."""

_NEAR: Final = {
    "citizen_number": re.compile(r"(?:^|_)(?:cccd|can_cuoc|dinh_danh|ddcn)(?:_|$)"),
    "insurance_number": re.compile(r"(?:^|_)(?:bhxh|bhyt)(?:_|$)"),
}
"""Longer names, like *Số CCCD/CMND (12 số)*; they count where no column has one of `COLUMNS`."""
_OTHER: Final = re.compile(r"(?:^|_)(?:ngay|noi|cap|han|anh|cha|me|bo|phu|huynh|nguoi|link|file|sach)(?:_|$)")
"""Words of names like *Ngày cấp CCCD*, *CCCD của mẹ* and *Danh sách căn cước*: not this person's number."""
_NAME_MOST: Final = 64
_COUNTED: Final = re.compile(r"\(?(?:\d{1,2}|[A-Za-z])\)?")
_NUMBER: Final = re.compile(r"=|\W*(?:\d[ .-]*){9,}|\W*[A-Z]{2}\d{8,}|\d[.,]?\d*E\+")
"""Of a person, however a spreadsheet has spoilt it."""

Row = tuple[int, Sequence[str]]
"""The line of a row, and its cells."""


def names_a_number(cells: Sequence[str]) -> bool:
    """Return whether these may be the cells of a header."""
    return bool(named_columns(cells))


def header_among(rows: Sequence[Row]) -> int | None:
    """Return which row is the header: the first that names a number, or a wider one beneath it and above the people."""
    best: int | None = None
    for at, (_, cells) in enumerate(rows):
        if best is not None and any(map(_is_number, cells)):
            break
        if names_a_number(cells) and (best is None or _is_wider(cells, rows[best][1])):
            best = at
    if best is None or _is_title(rows[best][1], rows[best + 1 :]):
        return None
    return best


def _is_wider(cells: Sequence[str], above: Sequence[str]) -> bool:
    filled = filled_cells(cells)
    return len(filled) > len(filled_cells(above)) and not any(map(str.isdecimal, filled))


def _is_title(cells: Sequence[str], beneath: Sequence[Row]) -> bool:
    """Return whether a row that names a number stands alone above a wider table, and not above numbers."""
    at, wide = first_filled(cells), [row for _, row in beneath if len(filled_cells(row)) > 1]
    numbers = any(map(_is_number, chain.from_iterable(row[at : at + 1] for row in wide)))
    return len(filled_cells(cells)) == 1 and bool(wide) and not numbers


def _is_number(cell: str) -> bool:
    return bool(_NUMBER.match(cell))


def is_another_header(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Return whether another table begins: these cells name a number, and something that *header* names too."""
    filled = filled_cells(cells)
    if (
        filled == filled_cells(header)
        or len(filled) == 1
        or any(map(_is_number, filled))
        or any(map(str.isdecimal, filled))
    ):
        return False
    shared = {folded(cell) for cell in filled} & {folded(cell) for cell in header}
    return bool(shared) and names_a_number(cells)


def is_second_header(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Return whether these words divide a header whose first cell reaches over two rows."""
    words = not any(sign.isdigit() for cell in cells for sign in cell)
    return words and not any(cell.strip() for cell in cells[: first_filled(header) + 1])


def counts_columns(filled: Sequence[str]) -> bool:
    """Return whether a row says 1, 2, 3 or a, b, c, as forms do beneath their header."""
    return len(filled) > 1 and all(_COUNTED.fullmatch(cell) for cell in filled)


def filled_cells(cells: Sequence[str]) -> list[str]:
    """Return what stands in a row, without its empty cells."""
    return [cell.strip() for cell in cells if cell.strip()]


def first_filled(cells: Sequence[str]) -> int:
    """Return which cell of a row is the first with something in it; there must be one."""
    return next(at for at, cell in enumerate(cells) if cell.strip())


def named_columns(cells: Sequence[str]) -> dict[int, str]:
    """Return which columns of a header are known, and as what."""
    names = [folded(cell) for cell in cells]
    found = {at: name for at, cell in enumerate(names) for name, known in COLUMNS.items() if cell in known.split()}
    exact = set(found.values())
    for at, cell in enumerate(names):
        for name, near in _NEAR.items():
            if name not in exact and near.search(cell) and not _OTHER.search(cell):
                found[at] = name
    return found


def folded(cell: str) -> str:
    """``Số CCCD`` becomes ``so_cccd``."""
    plain = unicodedata.normalize("NFD", cell[:_NAME_MOST].lower().replace("đ", "d"))
    letters = (sign for sign in plain if not unicodedata.combining(sign))
    return "_".join("".join(sign if sign.isascii() and sign.isalnum() else " " for sign in letters).split())
