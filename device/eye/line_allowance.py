"""Bound on the lines of the log that an eye can bring about: what it says must not fill the journal of a gate.

The journal's own limit would drop every other line of the gate with those.
"""

from __future__ import annotations

import logging
from typing import Final

from device.clock import Clock

AT_ONCE: Final = 30
"""Lines in a row: more than any eye gives rise to that fails, comes back and loses an engine."""
EVERY_S: Final = 10.0
"""After these another one so often."""

PRINTING_EVERY_S: Final = 3600.0
"""Of the eyes that are started within it, one may print before its first frame: the others would say the same."""

log = logging.getLogger(__name__)


class PrintAllowance:
    """Whether the next eye may print what its libraries say. Used on the scan thread.

    Args:
        clock: by which it comes back.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._used_s = float("-inf")

    def may(self) -> bool:
        """Return whether it may, and count it."""
        now_s = self._clock.monotonic_s()
        if now_s - self._used_s < PRINTING_EVERY_S:
            return False
        self._used_s = now_s
        return True


class LineAllowance:
    """How many lines may be written now. Used on the scan thread.

    Args:
        clock: by which it grows again.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at_s = clock.monotonic_s()
        self._left = float(AT_ONCE)
        self._unwritten = 0

    def may(self) -> bool:
        """Return whether one more line may be written, and count it; how many were not is told with the next."""
        now_s = self._clock.monotonic_s()
        self._left = min(float(AT_ONCE), self._left + (now_s - self._at_s) / EVERY_S)
        self._at_s = now_s
        if self._left < 1:
            self._unwritten += 1
            return False
        self._left -= 1
        if self._unwritten:
            log.warning("event=eye-lines-left-out count=%d", self._unwritten)
            self._unwritten = 0
        return True
