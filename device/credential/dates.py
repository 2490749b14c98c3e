"""Dates on cards (``ddmmyyyy``, ``dd/mm/yyyy``, ``YYYY-MM-DD``) to ISO 8601, of whatever precision they have.

Sources for the forms: the parsers of hospital software named in the format modules, which accept
``ddmmyyyy``, ``mmyyyy`` and ``yyyy`` for people whose day of birth is not on record. ``00`` for a month or a day has
the same meaning in every format; a day without its month is impossible.
"""

from __future__ import annotations

import calendar

from device.credential.text import is_digits

_YEARS = range(1880, 2200)
"""Anything else on a card is a misreading: nobody older lives, no card is issued so far ahead."""


def day_first(text: str) -> str | None:
    """Read ``ddmmyyyy``, ``mmyyyy``, ``yyyy``, ``dd/mm/yyyy``, ``d/m/yyyy`` or ``mm/yyyy``.

    A day or month of ``00`` is not on record (inference). Returns ``YYYY``, ``YYYY-MM`` or
    ``YYYY-MM-DD``; ``None`` when it is no date, or one the calendar does not have (31/02).
    """
    if "/" in text:
        parts = text.split("/", 3)
    elif is_digits(text, 4, 6, 8):
        parts = [text[:-4][i : i + 2] for i in range(0, len(text) - 4, 2)] + [text[-4:]]
    else:
        parts = [text]
    if len(parts) > 3 or not is_digits(parts[-1], 4) or not all(is_digits(part, 1, 2) for part in parts[:-1]):
        return None
    numbers = [int(part) for part in reversed(parts)]
    return _iso(*numbers)


def year_first(text: str) -> str | None:
    """Read ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; the rest as for `day_first`."""
    parts = text.split("-", 3)
    if len(parts) > 3 or not is_digits(parts[0], 4) or not all(is_digits(part, 2) for part in parts[1:]):
        return None
    return _iso(*map(int, parts))


def _iso(year: int, month: int = 0, day: int = 0) -> str | None:
    if year not in _YEARS or month > 12 or (day and not month):
        return None
    if not month:
        return f"{year:04}"
    if not day:
        return f"{year:04}-{month:02}"
    if day > calendar.monthrange(year, month)[1]:
        return None
    return f"{year:04}-{month:02}-{day:02}"
