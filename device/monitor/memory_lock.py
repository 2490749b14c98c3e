"""Locking of a process's memory, so that no page of it is written to a swap file: ``mlockall`` (mlock(2))."""

from __future__ import annotations

import ctypes
import logging
import os
import resource
from pathlib import Path
from typing import Final

_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
_ALL: Final = _MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT
"""What is there and what will come, each page when it is first used: no more memory is taken than without."""
_CAP_IPC_LOCK: Final = 14
"""By its number in linux/capability.h; with it no limit holds."""

log = logging.getLogger(__name__)


def may_lock() -> bool:
    """Return whether this process may lock all that it will ever need."""
    if resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY:
        return True
    effective = [
        line for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines() if "CapEff" in line
    ]
    return any(int(line.split()[1], 16) >> _CAP_IPC_LOCK & 1 for line in effective)


def lock_memory() -> bool:
    """Keep this process's memory out of swap, and return whether that was done; a line in the log says why not.

    Under a limit it is not tried: whatever needs memory beyond that would fail later, at the door. The service's unit
    lifts the limit. A program that this process starts is not covered.
    """
    if not may_lock():
        log.info("event=memory-not-locked reason=LimitMEMLOCK")
        return False
    system = ctypes.CDLL(None, use_errno=True)
    if system.mlockall(_ALL):
        log.warning("event=memory-not-locked reason=%r", os.strerror(ctypes.get_errno()))
        return False
    return True
