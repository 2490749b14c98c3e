"""One refusal in English and in Vietnamese."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import pytest

from device.errors import ConfigurationError
from device.words import Language, speaking

ENGLISH: Final = re.compile(
    r"\b(?:the|of|is|are|was|not|and|or|must|write|only|with|nothing|cannot|there|at most|numbers?|lines|more)\b"
)
"""Words of which every English refusal has one, and which no Vietnamese one has."""


def in_both(refused: Callable[[], object], path: str) -> tuple[str, str]:
    """Return what *refused* raises in English, then in Vietnamese; without *path*, which may hold English words."""
    told = []
    for language in (Language.ENGLISH, Language.VIETNAMESE):
        with pytest.raises(ConfigurationError) as caught, speaking(language):
            refused()
        told.append(str(caught.value).replace(path, "…"))
    return told[0], told[1]
