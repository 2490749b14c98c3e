"""Values of a policy document: time zone, day, time of day, codes; the others are those of the site file."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path

from device.settings.values import Rule, wrong
from device.words import say

WEEKDAYS = {name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_MINUTES_A_DAY = 24 * 60


def zone() -> Rule:
    """A fixed offset like ``+07:00``, or a name like ``Asia/Ho_Chi_Minh`` where the machine knows it."""

    def read(text: str, _folder: Path) -> tzinfo:
        if found := re.fullmatch(r"([+-])([01][0-9]):([0-5][0-9])", text, re.ASCII):
            away = timedelta(hours=int(found[2]), minutes=int(found[3]))
            if away <= timedelta(hours=14):
                return timezone(-away if found[1] == "-" else away)
        if re.fullmatch(r"[A-Z][A-Za-z0-9_+/-]{1,63}", text, re.ASCII):
            try:
                return zoneinfo.ZoneInfo(text)
            except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
                raise wrong(say("this machine knows no such time zone; write an offset like +07:00"), text) from None
        raise wrong(say("write an offset like +07:00, or a time zone like Asia/Ho_Chi_Minh"), text)

    return Rule(read, {"type": "string", "pattern": "^([+-][01][0-9]:[0-5][0-9]|[A-Z][A-Za-z0-9_+/-]{1,63})$"})


def moment() -> Rule:
    """A day or a time in ISO 8601; without an offset it is meant at the place."""

    def read(text: str, _folder: Path) -> datetime:
        shaped = re.fullmatch(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?", text, re.ASCII)
        try:
            found = datetime.fromisoformat(text) if shaped else None
        except ValueError:
            found = None
        if found is None or not 2000 <= found.year <= 9000:
            raise wrong(say("write a day like 2021-10-07 or a time like 2021-10-07T00:00:00+07:00"), text)
        return found

    return Rule(read, {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:]{5,8}(Z|[+-][0-9:]{5})?)?$"})


def minute() -> Rule:
    """A time of day like ``07:30``, to the minute, read as minutes since midnight; ``24:00`` is its end."""

    def read(text: str, _folder: Path) -> int:
        found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00", text, re.ASCII)
        if not found:
            raise wrong(say("write a time of day from 00:00 to 24:00, like 07:30"), text)
        return _MINUTES_A_DAY if text == "24:00" else int(found[1]) * 60 + int(found[2])

    return Rule(read, {"type": "string", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"})


def code(pattern: str, what: str, examples: Sequence[str] = ()) -> Rule:
    """An identifier of a value set, letter by letter; *what* is the sentence that says what to write."""

    def read(text: str, _folder: Path) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise wrong(say(what), text)
        return text

    shape: dict[str, object] = {"type": ["string", "integer"], "pattern": f"^({pattern})$"}
    return Rule(read, shape | ({"examples": list(examples)} if examples else {}))
