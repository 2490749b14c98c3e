from __future__ import annotations

from pathlib import Path

import pytest

SITE = "place: {name: Chợ Hoa, province: Huế}\npins: {green: 17, red: 27}\nstore: {folder: .}\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A site file whose gate, if one runs, listens in its own folder."""
    file = tmp_path / "site.yaml"
    file.write_text(SITE, "utf-8")
    return file
