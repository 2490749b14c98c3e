"""Hub folders as earlier versions made them."""

from __future__ import annotations

from pathlib import Path


def as_before(folder: Path, retention_days: int = 21) -> None:
    """Make a hub's folder one from before there was ``hub.yaml``."""
    (folder / "hub.yaml").unlink()
    (folder / "hub.json").write_text(f'{{"retention_days": {retention_days}}}\n')
