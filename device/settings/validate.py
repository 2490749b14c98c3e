"""Validation by pydantic: a located tree and a schema → the checked document, or every finding in plain words."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from device.errors import shown
from device.settings import keys
from device.settings.syntax import slip_in
from device.settings.tree import Located, Path, Scalar
from device.words import say

_SLIP_OF_THE_PEN, _HALF_ALIKE = 0.8, 0.6
"""How alike two keys are, from 0 to 1 (`difflib`)."""
_LONGEST_GUESS = 40
"""A longer key is no slip of the pen, and difflib's time grows with the square."""

_OTHERWISE: Final = {
    other: key
    for key, words in {
        "place": "nơi, địa điểm, địa_điểm",
        "name": "tên",
        "kind": "loại",
        "province": "tỉnh, thành phố, thành_phố, tỉnh/thành phố",
        "district": "quận, huyện",
        "ward": "phường, xã",
        "direction": "hướng, chiều",
        "pins": "chân, các chân",
        "green": "xanh, đèn xanh",
        "red": "đỏ, đèn đỏ",
        "amber": "vàng, đèn vàng",
        "buzzer": "còi",
        "relay": "rơ le, rơ-le, cửa, door",
    }.items()
    for other in words.split(", ")
}
"""Keys as somebody writes them who translates, or calls a thing by what it does."""

Top = TypeVar("Top", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake before it has a place in the file.

    Attributes:
        path: what it is about; may be missing in the document.
        message: what to write instead.
        at_key: points at the key, not at its value.
    """

    path: Path
    message: str
    at_key: bool = False


def validated(located: Located, top: type[Top], folder: FilePath) -> Top | list[Finding]:
    """Check a document against its schema.

    Args:
        located: the document.
        top: the schema of the whole.
        folder: where relative paths in the file start.

    Returns:
        The checked document, or what is wrong with it (at least one finding).
    """
    try:
        return top.model_validate(located.tree, context={"folder": folder})
    except ValidationError as error:
        mistakes = error.errors(include_url=False)
    elsewhere = _written_elsewhere(
        [mistake["loc"] for mistake in mistakes if mistake["type"] == "extra_forbidden"], located, top
    )
    return [finding for mistake in mistakes for finding in _findings(mistake, located, top, elsewhere)]


def _written_elsewhere(unknown: list[Path], located: Located, top: keys.Schema) -> frozenset[Path]:
    """Return where what unknown keys say was meant to stand: that is not missing, but misspelt or moved."""
    meant = [(path, where) for path in unknown if (where := _meant(path, top))]
    return frozenset(
        (*where, *(part.lower() if isinstance(part, str) else part for part in below[len(path) :]))
        for path, where in meant
        for below in located.keys
        if below[: len(path)] == path
    )


def _findings(
    mistake: Any,  # noqa: ANN401 - see below
    located: Located,
    top: keys.Schema,
    elsewhere: frozenset[Path],
) -> Iterator[Finding]:
    """Say one of pydantic's findings (an ``ErrorDetails``, whose ``ctx`` has no type) in our words."""
    path, kind, value, details = mistake["loc"], mistake["type"], mistake["input"], mistake.get("ctx", {})
    field = keys.field_at(top, path)
    if kind == "missing" and field:
        for missing, required in keys.required(field, path):
            if missing in elsewhere:
                continue
            what = say("missing; write it")
            if required.examples:
                example = f"{missing[-1]}: {required.examples[0]}"
                what = say("missing; write it, like {example}", example=example)
            yield Finding(missing, what, at_key=True)
        return
    if kind == "extra_forbidden":
        yield Finding(path, _unknown(path, top), at_key=True)
        return
    if kind == "too_short" and value:  # pydantic counts only what is right in the list; the rest is said apart
        return
    if isinstance(value, Scalar) and value.empty and any(moved[:-1] == path for moved in elsewhere):
        return  # its keys stand at the margin, and are told there
    while path and path not in located.values:  # a value written in short: pins.green.pin stands at pins.green
        path = path[:-1]
    yield Finding(path, _wrong(kind, value, details, field))


def _wrong(kind: str, value: object, details: dict[str, Any], field: Any) -> str:  # noqa: ANN401 - as above
    """Say what to write instead of a value."""
    if kind == "wrong":
        secret = field is not None and bool((field.json_schema_extra or {}).get("x-secret"))
        wanted, got, quote = str(details["wanted"]), str(details["got"]), str(details["quote"])
        return (
            say("{wanted} (got {got})", wanted=wanted, got=f"{quote}{shown(got)}{quote}")
            if got and not secret
            else wanted
        )
    if kind == "too_short":
        return say("list at least one")
    if kind == "too_long":
        return say("list at most {most}", most=details["max_length"])
    is_empty = isinstance(value, Scalar) and value.empty
    if kind == "tuple_type":
        return say("empty; write a list, like [one, two]") if is_empty else say("write a list, like [one, two]")
    return say("empty; write its keys on the lines below, indented") if is_empty else _no_section(value)


def _no_section(value: object) -> str:
    """Say how a section is written, where something else was."""
    if isinstance(value, list):
        return say("write its keys on the lines below, indented, without dashes")
    text = value.text if isinstance(value, Scalar) else ""
    if "://" in text:
        return say("write the address on the line below, indented, behind url:")
    return slip_in(text) or say("write its keys on the lines below, indented")


def _unknown(path: Path, top: keys.Schema) -> str:
    """Say what an unknown key may have been meant to be."""
    name = str(path[-1])
    if name == "<<":
        return say("write the keys out; merging is not used here")
    if slip := slip_in(name):
        return slip
    meant = _meant(path, top)
    if meant is None:
        section = keys.section_at(top, path[:-1])
        known = ", ".join(keys.fields(section) if section else ())
        return say("unknown key; check the indentation, or use one of {known}", known=known)
    return _known_as(name, path, meant)


def _known_as(name: str, path: Path, meant: Path) -> str:
    """Say how a key is written that was meant by an unknown one."""
    if "." in name and name == ".".join(map(str, meant)):
        return say("write {home}: on a line of its own, and {name}: below it, indented", home=meant[0], name=meant[-1])
    if meant[:-1] == path[:-1]:
        return say("unknown key; did you mean {name}?", name=meant[-1])
    if home := ".".join(map(str, meant[:-1])):
        return say("unknown key; check the indentation ({name} belongs under {home})", name=name, home=home)
    return say("unknown key; check the indentation ({name} belongs at the top)", name=name)


def _meant(path: Path, top: keys.Schema) -> Path | None:
    """Return the key that an unknown one may have been meant to be: one beside it that reads alike, or its namesake."""
    name = str(path[-1])
    section = keys.section_at(top, path[:-1])
    known = list(keys.fields(section)) if section else []
    if (translated := _OTHERWISE.get(unicodedata.normalize("NFC", name).lower())) in known:
        return (*path[:-1], translated)
    if (split := tuple(name.split("."))) in {place for place, _ in keys.every_key(top)} and not path[:-1]:
        return split
    homes = [place for place, _ in keys.every_key(top) if place[-1] == name]
    alike = _SLIP_OF_THE_PEN if homes else _HALF_ALIKE  # who writes green at the top does not mean presence
    close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=alike) if len(name) <= _LONGEST_GUESS else []
    return (*path[:-1], close[0]) if close else next(iter(homes), None)
