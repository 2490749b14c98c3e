from __future__ import annotations

from pathlib import Path

import pytest

from device.errors import ConfigurationError
from device.hub.printing.fonts import FONTS, fonts_among


def test_without_a_font_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="apt-get install fonts-dejavu-core"):
        fonts_among(((tmp_path / "no.ttf", tmp_path / "no-bold.ttf"),))


def test_a_font_that_is_none_is_told(tmp_path: Path) -> None:
    for name in ("a.ttf", "b.ttf"):
        (tmp_path / name).write_bytes(b"no font")
    with pytest.raises(ConfigurationError, match="no font that can be read"):
        fonts_among(((tmp_path / "a.ttf", tmp_path / "b.ttf"),))


def test_the_first_font_that_is_there_is_taken() -> None:
    assert fonts_among(((Path("/nowhere/a.ttf"), Path("/nowhere/b.ttf")), *FONTS)) == fonts_among()
