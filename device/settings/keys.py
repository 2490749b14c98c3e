"""Schema lookup: which section or key stands at a path, where a key belongs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from device.settings.tree import Path

Schema = type[BaseModel]


def fields(section: Schema) -> dict[str, FieldInfo]:
    """Return the keys of a section as they are written."""
    return {field.alias or name: field for name, field in section.model_fields.items()}


def section_in(annotation: Any) -> Schema | None:  # noqa: ANN401 - annotations have no type in common
    """Return the section a field holds (itself, optional, or as list items); ``None`` for plain values."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := section_in(part))), None)


def section_at(top: Schema, path: Path) -> Schema | None:
    """Return the section at *path*; ``None`` when the schema has none there."""
    section: Schema | None = top
    for part in path:
        if isinstance(part, str) and section is not None:
            field = fields(section).get(part)
            section = section_in(field.annotation) if field else None
    return section


def field_at(top: Schema, path: Path) -> FieldInfo | None:
    """Return the key *path* belongs to; ``None`` for the top and for unknown keys."""
    named = [part for part in path if isinstance(part, str)]
    section = section_at(top, tuple(named[:-1])) if named else None
    return fields(section).get(named[-1]) if section else None


def every_key(section: Schema, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    """Yield every key of the schema with its path, a section before what is in it."""
    for name, field in fields(section).items():
        yield (*above, name), field
        if below := section_in(field.annotation):
            yield from every_key(below, (*above, name))


def required(field: FieldInfo, path: Path) -> Iterator[tuple[Path, FieldInfo]]:
    """Yield what must be written when *field* is missing: itself, or the keys its section cannot do without.

    A section that can be written as one value (a pin) has an example and is asked for as such.
    """
    section = None if field.examples else section_in(field.annotation)
    below = [] if section is None else [(n, f) for n, f in fields(section).items() if f.is_required()]
    if not below:
        yield path, field
    for name, inner in below:
        yield from required(inner, (*path, name))
