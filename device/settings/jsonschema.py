"""JSON schemas for editors: ``python -m device.settings.jsonschema site > config/site.schema.json``, and ``policy``.

They are written from `Site` and `PolicyDocument`, which stay the truth: ranges of durations and whatever concerns two
keys at once are only known there. An editor that knows it completes keys and shows their sentences.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from device.settings.policy_schema import PolicyDocument
from device.settings.schema import Site

DOCUMENTS: dict[str, type[BaseModel]] = {"site": Site, "policy": PolicyDocument}


class _EditorSchema(GenerateJsonSchema):
    """A key left out is fine, an empty value is not; names in Python concern nobody."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> dict[str, Any]:
        """Leave out null: an optional key is left away, not emptied."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> dict[str, Any]:
        """Show a default only where somebody could write it."""
        shape = super().default_schema(schema)
        if shape.get("default", {}) in (None, {}, ""):
            shape.pop("default", None)
        return shape

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic calls it with one
        """Set no title: it would repeat the key in capitals."""
        return False


def editor_schema(document: str = "site") -> str:
    """Return the JSON schema (draft 2020-12) of one of `DOCUMENTS` as text with a line end."""
    return schema_of(DOCUMENTS[document], document)


def schema_of(model: type[BaseModel], document: str) -> str:
    """Return the JSON schema of *model*, the schema of what people call a *document* file, as `editor_schema` does."""
    schema = model.model_json_schema(schema_generator=_EditorSchema)
    for section in schema["$defs"].values():
        section.pop("title")
    top = {"$schema": _EditorSchema.schema_dialect, "title": f"Gate scanner: {document} file"}
    return json.dumps(top | {k: v for k, v in schema.items() if k != "title"}, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(editor_schema(*sys.argv[1:2]))
