"""Place documents, named by their SHA-256 digest, so that a row carries 8 bytes instead of an address."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import lru_cache

from device.errors import WireError
from device.model import Place


@lru_cache(maxsize=16)
def place_document(place: Place) -> str:
    """Return the canonical JSON of *place*: every field, keys sorted, no spaces, letters as they are.

    A lone surrogate (YAML can make one) becomes ``?``, as it does on the wire.
    """
    document = json.dumps(asdict(place), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return document.encode("utf-8", "replace").decode()


@lru_cache(maxsize=16)
def place_id_of(place: Place) -> str:
    """Return the place's id: the first 16 hexadecimal digits of SHA-256 over its document in UTF-8."""
    return hashlib.sha256(place_document(place).encode()).hexdigest()[:16]


def place_named(place_id: str, document: str) -> Place:
    """Read the document of the place with this id back; raises `WireError` when it is another, or none."""
    if not isinstance(document, str) or hashlib.sha256(document.encode()).hexdigest()[:16] != place_id:
        raise WireError("a place document is not the one it is called")
    return place_from(document)


def place_from(document: str) -> Place:
    """Read a document back; raises `WireError` when it is not a place's."""
    try:
        fields = json.loads(document)
        place = Place(**fields)
    except (ValueError, TypeError, RecursionError) as error:
        raise WireError("a place document cannot be read") from error
    if not all(isinstance(text, str) for text in asdict(place).values()):
        raise WireError("a place document has something else where text must stand")
    return place
