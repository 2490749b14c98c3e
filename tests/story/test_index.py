"""The tables of stories and of threats name tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

STORIES = Path(__file__).parent
CHECKOUT = STORIES.parents[1]
PAGES = (STORIES / "README.md", CHECKOUT / "systemd/README.md")
NAMED = [
    found for page in PAGES for found in re.findall(r"`(tests/[a-z0-9_/]+\.py)::(test_\w+)`", page.read_text("utf-8"))
]


def test_every_test_in_the_table_is_there() -> None:
    assert len(NAMED) > 30
    missing = [(file, name) for file, name in NAMED if f"def {name}(" not in (CHECKOUT / file).read_text("utf-8")]
    assert missing == []
