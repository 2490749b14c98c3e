"""A progress bar on standard error, where a person is watching; silence elsewhere."""

from __future__ import annotations

import sys
from typing import TextIO

_WIDTH = 30


class Progress:
    """Shows how far a benchmark has come; used on one thread.

    Args:
        total: how many steps there will be.
        stream: where it is shown; nothing is unless that is a terminal.
    """

    def __init__(self, total: int, stream: TextIO = sys.stderr) -> None:
        self.done = 0
        self._total = max(1, total)
        self._stream = stream
        self._shown = -1

    def step(self) -> None:
        """Tell that one more step is done."""
        self.done += 1
        percent = min(100, 100 * self.done // self._total)
        if percent != self._shown and self._stream.isatty():
            self._shown = percent
            bar = "█" * (percent * _WIDTH // 100)
            self._stream.write(f"\r{bar:·<{_WIDTH}} {percent:3} %")
            self._stream.flush()

    def end(self) -> None:
        """Wipe the bar."""
        if self._shown >= 0:
            self._stream.write("\r" + " " * (_WIDTH + 8) + "\r")
            self._stream.flush()
