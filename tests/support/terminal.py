"""A terminal of a given width, and what a command wrote on it."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence


def on_terminal(arguments: Sequence[str], columns: int, **environment: str) -> list[str]:
    """Run this Python with *arguments* on a terminal and return the lines it wrote, without their ends."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    settings = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8", **environment}
    process = subprocess.Popen([sys.executable, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=settings)
    os.close(theirs)
    written = b""
    try:
        while block := _read(ours):
            written += block
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return written.decode().replace("\r\n", "\n").splitlines()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # EIO: nobody has the other end any more
        return b""
