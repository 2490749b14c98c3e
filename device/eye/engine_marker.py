"""Crash marker in shared memory (memfd): which decoder engine is running, for the parent of an eye that died.

A few bytes in an anonymous file that parent and child share. The child writes the name of an
engine into it before that engine looks at a picture, and clears it afterwards; the bytes outlive
the child. A message in the pipe would say the same, at the price of waking the gate several times
for every frame.

Layout: `MARKER_BYTES` bytes; the engine's name (a-z 0-9 + -) padded with NUL, or NUL alone while no
engine runs. Whatever else is found there means nothing.
"""

from __future__ import annotations

import fcntl
import os
import re

MARKER_BYTES = 32
NO_ENGINE = ""
"""No engine is running."""

_NAME = re.compile(rb"([a-z0-9+-]{1,31})\x00+")


def new_marker() -> int:
    """Make the shared file, its size fixed, and return its descriptor; the gate passes it on and closes it."""
    marker_fd = os.memfd_create("gate-eye-marker", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(marker_fd, MARKER_BYTES)
    fcntl.fcntl(marker_fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
    return marker_fd


def set_marker(marker_fd: int, engine: str) -> None:
    """Write which engine is about to run (`NO_ENGINE`: none); costs one system call. The child's side."""
    os.pwrite(marker_fd, engine.encode("ascii")[: MARKER_BYTES - 1].ljust(MARKER_BYTES, b"\x00"), 0)


def read_marker(marker_fd: int) -> str:
    """Return the engine that was running when the child ended, `NO_ENGINE` otherwise. The parent's side."""
    found = _NAME.fullmatch(os.pread(marker_fd, MARKER_BYTES, 0))
    return found[1].decode("ascii") if found else NO_ENGINE
