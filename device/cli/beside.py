"""The hub beside a gate on one Pi: a gate is installed without one, and leaves a hub's commands to that program."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

HUB_PROGRAM: Final = Path("/opt/gate-hub/current/bin/gate-scanner")


def leave_to_the_hub(words: Sequence[str], program: Path = HUB_PROGRAM, package: str = "device.hub") -> None:
    """Become the hub's program, called with the same words; nothing where this one has a hub, or none is beside it.

    Args:
        words: of the command.
        program: of the hub.
        package: which a program with a hub has.
    """
    if find_spec(package) is None and program.is_file():
        os.execv(program, [str(program), *words])  # noqa: S606 - a fixed path of root's
