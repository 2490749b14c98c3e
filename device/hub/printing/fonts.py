"""A font with Vietnamese letters, from a package of Debian; none is in this program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from device.errors import ConfigurationError
from device.words import say

_SHARED: Final = Path("/usr/share/fonts/truetype")
FONTS: Final = (
    (_SHARED / "dejavu/DejaVuSans.ttf", _SHARED / "dejavu/DejaVuSans-Bold.ttf"),
    (_SHARED / "noto/NotoSans-Regular.ttf", _SHARED / "noto/NotoSans-Bold.ttf"),
)
"""Regular and bold, of fonts-dejavu-core (which setup.sh installs) and of fonts-noto-core; the first that is there."""


@dataclass(frozen=True, slots=True)
class Fonts:
    """Names by which ReportLab knows them."""

    regular: str
    bold: str


@lru_cache(4)
def fonts_among(files: Sequence[tuple[Path, Path]] = FONTS) -> Fonts:
    """Return the first font that is there, read once; raises `ConfigurationError` when none is."""
    for regular, bold in files:
        if regular.is_file() and bold.is_file():
            try:
                for path in (regular, bold):
                    pdfmetrics.registerFont(TTFont(path.stem, str(path)))
            except (TTFError, OSError) as error:
                raise ConfigurationError(say("{path}: no font that can be read", path=regular.parent)) from error
            return Fonts(regular.stem, bold.stem)
    raise ConfigurationError(say("no font with Vietnamese letters is installed: apt-get install fonts-dejavu-core"))
