"""Opening hours as people write them, ``T2-T6 7h-17h; T7 8:00-12:00`` or ``mon-fri 07:00-17:00``, in one form.

That form is English, with every day named once: ``mon-fri 07:00-11:30, 13:00-17:00; sat 08:00-12:00``.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import Final, NamedTuple

from device.words import Language, say

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_VIETNAMESE: Final = {f"t{number}": day for number, day in enumerate(_DAYS[:6], 2)} | {"cn": "sun"}
_ALSO: Final = (
    (re.compile(r"thu\s*([2-7])"), r"t\1"),
    *(
        (re.compile(rf"thu\s*{word}\b"), f"t{day}")
        for day, word in enumerate(("hai", "ba", "tu", "nam", "sau", "bay"), 2)
    ),
    (re.compile(r"chu nhat"), "cn"),
    (re.compile(r"(?:hang|moi|ca) ngay|daily|every day|ca tuan"), "mon-sun"),
    (re.compile(r"24\s*/\s*7"), "mon-sun 00:00-24:00"),
)
_ENGLISH: Final = {day: short.upper() for short, day in _VIETNAMESE.items()}
_ENGLISH_DAY: Final = re.compile(rf"\b(?:{'|'.join(_DAYS)})\b")
_DAY: Final = f"(?:{'|'.join(_DAYS)}|t[2-7]|cn)"
_SPAN: Final = r"\d{1,2}(?:[:h]\d{2}|h)\s*-\s*\d{1,2}(?:[:h]\d{2}|h)"
_PART: Final = re.compile(
    rf"(?P<days>{_DAY}(?:\s*-\s*{_DAY})?(?:\s*,\s*{_DAY}(?:\s*-\s*{_DAY})?)*)?\s*:?\s*"
    rf"(?P<times>{_SPAN}(?:\s*,\s*{_SPAN})*|closed|nghi)"
)
_WHOLE_DAY: Final = 1440
_MOST_LETTERS: Final = 300


class Opening(NamedTuple):
    """Open on a day, 0 for Monday, from one minute of it to another, which lies in the next day if it is not later."""

    day: int
    from_minute: int
    to_minute: int


def read_opening_hours(text: str) -> tuple[Opening, ...]:
    """Return the openings; none where nothing stands there. Raises `ValueError` in a sentence.

    The sentence names a day or time that cannot be meant, two that overlap, or what to write.
    """
    if len(text) > _MOST_LETTERS:
        raise ValueError(say("write at most {most} characters, not {count}", most=_MOST_LETTERS, count=len(text)))
    by_day: dict[int, list[tuple[int, int]]] = {}
    for part in filter(None, (part.strip(" .,") for part in re.split(r"[;\n]", _plain(text)))):
        found = _PART.fullmatch(part)
        if found is None:
            raise ValueError(say("write hours like {example}", example="T2-T6 7:00-17:00; T7 8:00-12:00"))
        spans = [] if found["times"][0].isalpha() else [_span(span) for span in found["times"].split(",")]
        for day in _days(found["days"] or "mon-sun"):
            if day in by_day:
                raise ValueError(say("{day} is named twice", day=_DAYS[day]))
            by_day[day] = sorted(spans)
    _refuse_overlaps(by_day)
    return tuple(Opening(day, begin, end) for day, spans in sorted(by_day.items()) for begin, end in spans)


def written(hours: tuple[Opening, ...]) -> str:
    """Return openings in the one form; days in a row that are alike are one part."""
    told = ["" for _ in _DAYS]
    for day, begin, end in hours:
        span = f"{_time(begin)}-{_time(end)}"
        told[day] = f"{told[day]}, {span}" if told[day] else span
    parts, first = [], 0
    for day in range(1, len(_DAYS) + 1):
        if day == len(_DAYS) or told[day] != told[first]:
            days = _DAYS[first] if day - first == 1 else f"{_DAYS[first]}-{_DAYS[day - 1]}"
            parts += [f"{days} {told[first]}"] if told[first] else []
            first = day
    return "; ".join(parts)


def in_language(hours: str, language: Language) -> str:
    """Return hours of the one form as people of a language write them; `read_opening_hours` reads both."""
    if language is not Language.VIETNAMESE:
        return hours
    return _ENGLISH_DAY.sub(lambda found: _ENGLISH[found[0]], hours)


def _plain(text: str) -> str:
    """Return the text in lower case without marks, days by their short names."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d").translate({0x2013: "-", 0x2014: "-"}))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    for pattern, short in _ALSO:
        plain = pattern.sub(short, plain)
    return plain


def _days(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        ends = [_DAYS.index(_VIETNAMESE.get(day.strip(), day.strip())) for day in part.split("-")]
        if ends[-1] < ends[0]:
            raise ValueError(say("{days}: write the earlier day first; Sunday ends the week", days=part.strip()))
        found += range(ends[0], ends[-1] + 1)
    return found


def _span(text: str) -> tuple[int, int]:
    begin, end = (_minute(time) for time in text.split("-"))
    if begin in {_WHOLE_DAY, end}:
        raise ValueError(say("{span}: opens and closes at once; a whole day is 00:00-24:00", span=text.strip()))
    return begin, end


def _minute(text: str) -> int:
    hour, _, minute = text.strip().replace("h", ":").partition(":")
    found = int(hour) * 60 + int(minute or 0)
    if found > _WHOLE_DAY or int(minute or 0) > 59:
        raise ValueError(say("{time}: no time of a day", time=text.strip()))
    return found


def _refuse_overlaps(by_day: dict[int, list[tuple[int, int]]]) -> None:
    """Raise where one opening begins before the one before it has ended, over midnight too."""
    week = 7 * _WHOLE_DAY
    spans = sorted(
        (day * _WHOLE_DAY + begin, day * _WHOLE_DAY + end + (_WHOLE_DAY if end <= begin else 0))
        for day, spans in by_day.items()
        for begin, end in spans
    )
    spans += [(spans[0][0] + week, spans[0][1] + week)] if spans else []
    for (_, end), (begin, _) in pairwise(spans):
        if begin < end:
            raise ValueError(say("two openings overlap on {day}", day=_DAYS[begin // _WHOLE_DAY % 7]))


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
