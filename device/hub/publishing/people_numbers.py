"""One cell of a people list to the number it means, and what to do where a spreadsheet has spoilt it."""

from __future__ import annotations

import re
from typing import Final

from device.credential.person import NUMBER_KEY
from device.errors import WireError
from device.hub.db.people_status import SORTS
from device.words import say, sentence

_SPACES: Final = dict.fromkeys(map(ord, " \t\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{ZERO WIDTH SPACE}\ufeff"))
_AS_TEXT: Final = re.compile(r'="(.*)"')  # how a spreadsheet is told to leave digits alone
_SHORTENED: Final = re.compile(r"\d(?:[.,]\d+)?E\+\d{1,2}", re.IGNORECASE | re.ASCII)
_ERROR: Final = re.compile(r"#[A-Z/0]+[!?A]")
_GROUPED: Final = re.compile(r"\d{3}([.-])\d{3}\1\d{3}\1\d{3}", re.ASCII)
_CARD: Final = re.compile(r"[A-Za-z]{2}\d{3}(\d{10})", re.ASCII)
_NO_ZEROS: Final = sentence(
    "{count} digits of {all}: a spreadsheet has taken the 0 in front; give the column the number format {zeros} "
    "(Ctrl+1, Custom), look whether each number is right again, and save"
)
_LOST: Final = sentence(
    "a spreadsheet has shortened the number (1.2E+11), and it is lost: format the column as text, and put the number "
    "in again from its source"
)
_NOT_CALCULATED: Final = sentence(
    "a formula that Excel has not calculated; open the file in Excel, save it, and publish it again"
)
_FAILED: Final = sentence("a formula that ends in an error; put it right in Excel")
_OLD_CARD: Final = sentence(
    "9 digits are an old identity card (CMND); gates know people by the 12 digits of the citizen card"
)
_CALLED: Final = {
    "citizen_number": sentence("citizen_number"),
    "insurance_number": sentence("insurance_number"),
    "national_code_id": sentence("national_code_id"),
}
"""The columns as people call them."""
_WANTED: Final = {
    "citizen": sentence("not such a number: 12 digits"),
    "insurance": sentence("not such a number: 10 digits, or the 15 characters of the card"),
    "national": sentence("not such a number: 1 to 64 printable characters"),
}


def number_key(name: str, cell: str) -> str | None:
    """Return the number in a cell of column *name*, as `device.credential.keys_of` writes it; ``None``: it is empty.

    Raises:
        WireError: it is no such number; says what to do, never what stands there.
    """
    value = cell.translate(_SPACES)
    if shielded := _AS_TEXT.fullmatch(value):
        value = shielded[1]
    value = value.removeprefix("'")
    if grouped := _GROUPED.fullmatch(value):
        value = value.replace(grouped[1], "")
    if not value:
        return None
    if spoilt := _spoilt(value):
        raise WireError(f"{say(_CALLED[name])}: {say(spoilt)}")
    sort = SORTS[name]
    if sort == "insurance":
        card = _CARD.fullmatch(value)
        value = card[1] if card else value
        sort = "citizen" if _is_digits(value, 12) else sort  # the personal number replaces it, since 2025
    key = f"{sort}:{value}"
    if not NUMBER_KEY.fullmatch(key):
        raise WireError(f"{say(_CALLED[name])}: {_fault(sort, value)}")
    return key


def _spoilt(value: str) -> str:
    """Return what a spreadsheet has made of a number of any sort, as a sentence; empty: nothing."""
    if _SHORTENED.fullmatch(value):
        return _LOST
    if value.startswith("="):
        return _NOT_CALCULATED
    return _FAILED if _ERROR.fullmatch(value) else ""


def _fault(sort: str, value: str) -> str:
    digits = value.removesuffix(".0").removesuffix(",0")
    if sort == "citizen" and _is_digits(digits, 10, 11):
        return say(_NO_ZEROS, count=len(digits), all=12, zeros="0" * 12)
    if sort == "citizen" and _is_digits(digits, 9):
        return say(_OLD_CARD)
    if sort == "insurance" and _is_digits(digits, 8, 9):
        return say(_NO_ZEROS, count=len(digits), all=10, zeros="0" * 10)
    return say(_WANTED[sort])


def _is_digits(value: str, *lengths: int) -> bool:
    return len(value) in lengths and value.isascii() and value.isdigit()
