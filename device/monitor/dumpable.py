"""Protection of a process's memory from others of its user: ``PR_SET_DUMPABLE`` (prctl(2)), where keys are held."""

from __future__ import annotations

import ctypes
from typing import Final

_PR_SET_DUMPABLE: Final = 4


def forbid_dumps() -> None:
    """Leave no core dump, and let nobody but root attach or read this process's ``/proc/PID/mem`` and the like.

    A program it starts is not covered: exec takes it back. Its own files below ``/proc/self`` stay readable.
    """
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
