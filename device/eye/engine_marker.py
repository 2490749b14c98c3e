"""The mark: what the eye's decoder is doing right now, for whoever finds the eye dead.

A few bytes in an anonymous file that parent and child share. The child writes the name of an
engine into it before that engine looks at a picture, and clears it afterwards; the bytes outlive
the child. A message in the pipe would say the same, at the price of waking the gate several times
for every frame.

Layout: `MARK_BYTES` bytes; the engine's name (a-z 0-9 + -) padded with NUL, or NUL alone while no
engine runs. Whatever else is found there means nothing.
"""

from __future__ import annotations

import os
import re

MARK_BYTES = 32
NOBODY = ""
"""No engine is running."""

_NAME = re.compile(rb"([a-z0-9+-]{1,31})\x00+")


def new_mark() -> int:
    """Make the shared file and return its descriptor; the parent passes it on and closes it at the end."""
    return os.memfd_create("gate-eye-mark")


def set_mark(mark_fd: int, engine: str) -> None:
    """Write which engine is about to run (`NOBODY`: none); costs one system call. The child's side."""
    os.pwrite(mark_fd, engine.encode("ascii")[: MARK_BYTES - 1].ljust(MARK_BYTES, b"\x00"), 0)


def read_mark(mark_fd: int) -> str:
    """Return the engine that was running when the child ended, `NOBODY` otherwise. The parent's side."""
    found = _NAME.fullmatch(os.pread(mark_fd, MARK_BYTES, 0))
    return found[1].decode("ascii") if found else NOBODY
