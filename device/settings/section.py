"""Base of schema sections: `Section`, and `key` to declare one key."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic_core import PydanticUndefined


def key(
    says: str, default: object = PydanticUndefined, *, name: str | None = None, example: str = "", secret: bool = False
) -> Any:  # noqa: ANN401 - the field decides the type, as pydantic's own Field does
    """Declare one key: its sentence, its default as one writes it, its name in YAML when it differs."""
    extra: dict[str, JsonValue] | None = {"x-secret": True} if secret else None
    examples = [example] if example else None
    return Field(default, alias=name, description=says, examples=examples, json_schema_extra=extra)


class Section(BaseModel):
    """A mapping of known keys; unknown ones are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)
