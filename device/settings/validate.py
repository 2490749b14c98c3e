"""Validation by pydantic: a located tree and a schema → the checked document, or every finding in plain words."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from device.errors import shown
from device.settings import keys
from device.settings.tree import Located, Path, Scalar

_LONGEST_GUESS = 40
"""A longer key is no slip of the pen, and difflib's time grows with the square."""

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
    return [finding for mistake in mistakes for finding in _findings(mistake, located, top)]


def _findings(mistake: Any, located: Located, top: keys.Schema) -> Iterator[Finding]:  # noqa: ANN401 - see below
    """Say one of pydantic's findings (an ``ErrorDetails``, whose ``ctx`` has no type) in our words."""
    path, kind, value, details = mistake["loc"], mistake["type"], mistake["input"], mistake.get("ctx", {})
    field = keys.field_at(top, path)
    if kind == "missing" and field:
        for missing, required in keys.required(field, path):
            example = f", like {missing[-1]}: {required.examples[0]}" if required.examples else ""
            yield Finding(missing, f"missing; write it{example}", at_key=True)
        return
    if kind == "extra_forbidden":
        yield Finding(path, _unknown(path, top), at_key=True)
        return
    if kind == "too_short" and value:  # pydantic counts only what is right in the list; the rest is said apart
        return
    while path and path not in located.values:  # a value written in short: pins.green.pin stands at pins.green
        path = path[:-1]
    yield Finding(path, _wrong(kind, value, details, field))


def _wrong(kind: str, value: object, details: dict[str, Any], field: Any) -> str:  # noqa: ANN401 - as above
    """Say what to write instead of a value."""
    if kind == "wrong":
        secret = field is not None and bool((field.json_schema_extra or {}).get("x-secret"))
        wanted, got, quote = str(details["wanted"]), str(details["got"]), str(details["quote"])
        return wanted + (f" (got {quote}{shown(got)}{quote})" if got and not secret else "")
    if kind == "too_short":
        return "list at least one"
    if kind == "too_long":
        return f"list at most {details['max_length']}"
    what = "a list, like [one, two]" if kind == "tuple_type" else "its keys on the lines below, indented"
    return f"empty; write {what}" if isinstance(value, Scalar) and value.empty else f"write {what}"


def _unknown(path: Path, top: keys.Schema) -> str:
    """Say what an unknown key may have been meant to be."""
    name = str(path[-1])
    section = keys.section_at(top, path[:-1])
    known = list(keys.fields(section)) if section else []
    if name == "<<":
        return "write the keys out; merging is not used here"
    if len(name) <= _LONGEST_GUESS and (close := difflib.get_close_matches(name.lower(), known, n=1)):
        return f"unknown key; did you mean {close[0]}?"
    homes = [".".join(place[:-1]) for place, _ in keys.every_key(top) if place[-1] == name]
    if homes:
        return (
            f"unknown key; check the indentation ({name} belongs {f'under {homes[0]}' if homes[0] else 'at the top'})"
        )
    return f"unknown key; check the indentation, or use one of {', '.join(known)}"
