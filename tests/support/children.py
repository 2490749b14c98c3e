"""Modules of the tests that run as processes of their own."""

from __future__ import annotations

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
