"""Modules of the tests that run as processes of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).parents[2]
_RUN: Final = "import sys, runpy; sys.path.append({!r}); runpy.run_module({!r}, run_name='__main__', alter_sys=True)"


def python_module(name: str) -> list[str]:
    """Return the start of a command that runs ``tests.….name``, whatever the current folder is.

    The checkout comes last in the child's path: ``device`` stays the one that is installed, and nothing is taken
    from the current folder.
    """
    return [sys.executable, "-P", "-c", _RUN.format(str(CHECKOUT), name)]


def surroundings() -> dict[str, str]:
    """Return the environment of a child that finds the modules this process finds, and whose coverage nobody measures.

    It is killed, or each of its calls is written down: files that nobody else has would only be in the way.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    return ours | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
