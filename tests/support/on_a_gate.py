"""Which files of the package a gate is installed without."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

DEVICE = Path(__file__).parents[2] / "device"
NOT_ON_A_GATE = ("hub/*", "demo/*", "cli/hub_*.py", "words/vietnamese/hub*.py", "words/vietnamese/demo.py")
"""What ``leave_out`` of ``systemd/install.sh`` takes away when a gate is installed."""


def left_out(path: Path) -> bool:
    """Return whether a gate is installed without this file."""
    return any(fnmatch(str(path.relative_to(DEVICE)), pattern) for pattern in NOT_ON_A_GATE)
