"""Values of the site file (duration, pin, size, path …): a rule reads the text, and gives its shape to editors.

Quotes make no difference, ``yes`` is not ``true``, and nothing is guessed. A rule that fails says what
to write instead; whether the wrong text may be repeated on a screen is decided by the caller (secrets).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from device.settings.tree import Scalar
from device.settings.typography import plain_space_for
from device.words import say, sentence

Shape = dict[str, Any]
"""A JSON schema; it only serves editors and is never stricter than the rule beside it."""

_LONGEST_MEANT = 20
_UNITS_MS = {"ms": Decimal(1), "s": Decimal(1_000), "m": Decimal(60_000), "h": Decimal(3_600_000)}
_UNITS_MM = {"mm": Decimal(1), "cm": Decimal(10), "m": Decimal(1_000)}


def wrong(wanted: str, got: str = "", quote: str = "'") -> PydanticCustomError:
    """Return the error of a rule: what to write, and (apart, since it may be a secret) what stands there."""
    return PydanticCustomError("wrong", "{wanted}", {"wanted": wanted, "got": got, "quote": quote})


def text_of(value: object) -> str:
    """Return the letters of one value; also takes defaults, which stand in the schema as JSON has them."""
    if isinstance(value, str | int):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(value, Scalar):
        if value.empty:
            raise wrong(say("empty; write a value or remove the line"))
        return value.text
    if isinstance(value, list):
        raise wrong(say("write one value here, not a list"))
    raise wrong(say("write one value here, not a section"))


@dataclass(frozen=True, slots=True)
class Rule:
    """Annotates a field with how its value is written.

    Attributes:
        read: literal text, folder of the site file → value; raises `wrong`.
        shape: the same for editors.
    """

    read: Callable[[str, Path], object]
    shape: Shape = field(hash=False)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic call `read`."""

        def validate(value: object, info: ValidationInfo) -> object:
            return self.read(text_of(value), (info.context or {}).get("folder", Path()))

        return core_schema.with_info_plain_validator_function(validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Shape:
        """Show editors `shape`."""
        return dict(self.shape)


def one_of(words: Mapping[str, object] | type[StrEnum]) -> Rule:
    """One of a few words, each standing for a value (an enum's words for its members)."""
    meanings = words if isinstance(words, Mapping) else {str(member): member for member in words}

    def read(text: str, _folder: Path) -> object:
        if text not in meanings:
            raise wrong(say("write {alternatives}", alternatives=alternatives(meanings)), text)
        return meanings[text]

    return Rule(read, {"enum": list(meanings)})


def alternatives(words: Iterable[str]) -> str:
    """Return ``a, b or c``."""
    *most, last = words
    return say("{most} or {last}", most=", ".join(most), last=last) if most else last


def truth() -> Rule:
    """``true`` or ``false``, nothing else."""

    def read(text: str, _folder: Path) -> bool:
        if text not in {"true", "false"}:
            raise wrong(say("write true or false"), text)
        return text == "true"

    return Rule(read, {"anyOf": [{"type": "boolean"}, {"enum": ["true", "false"]}]})


def number(lowest: int, highest: int) -> Rule:
    """A whole number without leading zeros."""

    def read(text: str, _folder: Path) -> int:
        if not re.fullmatch(r"0|[1-9][0-9]{0,8}", text, re.ASCII) or not lowest <= int(text) <= highest:
            what = say("write a whole number from {lowest} to {highest}", lowest=lowest, highest=highest)
            raise wrong(what, text, _quote(text))
        return int(text)

    written = {"type": "string", "pattern": "^(0|[1-9][0-9]{0,8})$"}
    return Rule(read, {"anyOf": [{"type": "integer", "minimum": lowest, "maximum": highest}, written]})


def pin() -> Rule:
    """A BCM number, 0 to 27: what the 40-pin header of every Pi since 2014 offers."""

    def read(text: str, _folder: Path) -> int:
        if (bcm := read_pin(text)) is not None:
            return bcm
        if re.fullmatch(r"0[0-9]+", text, re.ASCII):
            raise wrong(say("write the BCM number without leading zeros"), text, quote="")
        if named := re.fullmatch(r"(?i:gpio|bcm)[ _]?([0-9]{1,2})", text, re.ASCII):
            raise wrong(say("write the BCM number alone, like {number}", number=int(named[1])), text)
        raise wrong(say("write a BCM number from 0 to 27"), text, _quote(text))

    written = {"type": "string", "pattern": "^([0-9]|1[0-9]|2[0-7])$"}
    return Rule(read, {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 27}, written]})


def read_pin(text: str) -> int | None:
    """Return the BCM number; ``None`` when *text* is none."""
    return int(text) if re.fullmatch(r"[0-9]|1[0-9]|2[0-7]", text, re.ASCII) else None


def duration(shortest: str, longest: str) -> Rule:
    """A time span like ``30s``, read as whole milliseconds."""
    low, high = milliseconds(shortest) or 0, milliseconds(longest) or 0

    def read(text: str, _folder: Path) -> int:
        span = milliseconds(text)
        if span is None:
            what = say("write a number with a unit (ms, s, m, h), like 30s")
            if re.fullmatch(r"[0-9]+", text, re.ASCII):
                what = say("write a number with a unit, like 30s")
            raise wrong(_meant(text, milliseconds) or what, text)
        if not low <= span <= high:
            raise wrong(say("write a time from {shortest} to {longest}", shortest=shortest, longest=longest), text)
        return _whole(span, sentence("write whole milliseconds"), text)

    return Rule(read, _measured("ms|s|m|h"))


def days(fewest: int, most: int) -> Rule:
    """Whole days like ``30d``, read as milliseconds."""

    def whole(text: str) -> bool:
        return re.fullmatch(r"(0|[1-9][0-9]{0,4})d", text, re.ASCII) is not None

    def read(text: str, _folder: Path) -> int:
        if not whole(text) or not fewest <= int(text[:-1]) <= most:
            what = say("write a number of days from {fewest}d to {most}d", fewest=fewest, most=most)
            raise wrong(_meant(text, whole) or what, text)
        return int(text[:-1]) * 86_400_000

    return Rule(read, {"type": "string", "pattern": "^(0|[1-9][0-9]{0,4})d$"})


def megabytes(fewest: int, most: int) -> Rule:
    """A size like ``700MB``, read as bytes; a megabyte is a million, as on the card's label."""

    def whole(text: str) -> bool:
        return re.fullmatch(r"[1-9][0-9]{0,8}MB", text, re.ASCII) is not None

    def read(text: str, _folder: Path) -> int:
        if not whole(text) or not fewest <= int(text[:-2]) <= most:
            what = say("write a size from {fewest}MB to {most}MB", fewest=fewest, most=most)
            raise wrong(_meant(text, whole) or what, text)
        return int(text[:-2]) * 1_000_000

    return Rule(read, {"type": "string", "pattern": "^[1-9][0-9]{0,8}MB$"})


def focus_distance() -> Rule:
    """A length like ``20cm``, read as whole millimetres, or ``none`` for a lens without a motor."""

    def read(text: str, _folder: Path) -> int | None:
        if text == "none":
            return None
        length = _measure(text, _UNITS_MM)
        if length is None:
            meant = _meant(text, lambda written: _measure(written, _UNITS_MM) is not None)
            what = say("write a length with a unit (mm, cm, m), like 20cm, or none for a fixed lens")
            raise wrong(meant or what, text)
        if not 30 <= length <= 10_000:
            raise wrong(say("write a distance from 3cm to 10m, or none for a fixed lens"), text)
        return _whole(length, sentence("write whole millimetres"), text)

    return Rule(read, {"anyOf": [_measured("mm|cm|m"), {"enum": ["none"]}]})


def frequency(lowest: int, highest: int) -> Rule:
    """A frequency like ``2400Hz``, read as whole hertz."""

    def whole(text: str) -> bool:
        return re.fullmatch(r"[1-9][0-9]{0,8}Hz", text, re.ASCII) is not None

    def read(text: str, _folder: Path) -> int:
        if not whole(text) or not lowest <= int(text[:-2]) <= highest:
            what = say("write a frequency from {lowest}Hz to {highest}Hz", lowest=lowest, highest=highest)
            raise wrong(_meant(text, whole) or what, text)
        return int(text[:-2])

    return Rule(read, {"type": "string", "pattern": "^[1-9][0-9]{0,8}Hz$"})


def size() -> Rule:
    """Width×height in pixels like ``1296x972``; both even, since two chroma samples share four pixels (YUV420)."""

    def read(text: str, _folder: Path) -> tuple[int, int]:
        found = re.fullmatch(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})", text, re.ASCII)
        if not found:
            raise wrong(say("write width x height in pixels, like 1296x972"), text)
        width, height = int(found[1]), int(found[2])
        if width % 2 or height % 2:
            raise wrong(say("write even numbers of pixels, like 1296x972"), text)
        if not (320 <= width <= 4608 and 240 <= height <= 2592):
            raise wrong(say("write a size from 320x240 to 4608x2592"), text)
        return width, height

    return Rule(read, {"type": "string", "pattern": "^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$"})


def words(most: int, *, may_be_empty: bool = False) -> Rule:
    """Free text on one line, as typed; letters with marks are brought to NFC."""

    def read(text: str, _folder: Path) -> str:
        if "\n" in text:
            raise wrong(say("write the text on one line"))
        odd = next((letter for letter in text if not letter.isprintable()), None)
        if odd is not None and odd.isspace():
            raise wrong(plain_space_for(odd))
        if odd is not None:
            raise wrong(say("remove the invisible character U+{code}", code=f"{ord(odd):04X}"))
        text = unicodedata.normalize("NFC", text)
        if not text.strip() and not (may_be_empty and not text):
            raise wrong(say("write a text here"))
        if len(text) > most:
            raise wrong(say("write at most {most} characters, not {count}", most=most, count=len(text)))
        return text

    return Rule(read, {"type": ["string", "number", "boolean"]})


def milliseconds(text: str) -> Decimal | None:
    """Return a duration like ``1.5s`` in milliseconds; ``None`` when *text* is none."""
    return _measure(text, _UNITS_MS)


def _measure(text: str, units: Mapping[str, Decimal]) -> Decimal | None:
    """Return a number with a unit in the smallest unit; ``None`` when it is not one."""
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)([a-z]+)", text, re.ASCII)
    return Decimal(found[1]) * units[found[2]] if found and found[2] in units else None


def _meant(text: str, good: Callable[[str], object]) -> str:
    """Say how a value is written that has a blank, a comma or other letters in its unit; empty when it is not that."""
    joined = "".join(text.split()).replace(",", ".")
    for written in (joined, joined.lower(), joined.upper(), re.sub("(?i)hz$", "Hz", joined)):
        if written != text and len(written) < _LONGEST_MEANT and good(written):
            if "." in written:
                return say("write {written}, without a blank and with a point", written=written)
            return say("write {written}", written=written)
    return ""


def _whole(amount: Decimal, what: str, text: str) -> int:
    if amount != int(amount):
        raise wrong(say(what), text)
    return int(amount)


def _measured(units: str) -> Shape:
    return {"type": "string", "pattern": rf"^[0-9]{{1,9}}(\.[0-9]{{1,3}})?({units})$"}


def _quote(text: str) -> str:
    """Numbers are repeated as they stand, anything else in quotes."""
    return "" if re.fullmatch(r"[0-9.+-]+", text, re.ASCII) else "'"
