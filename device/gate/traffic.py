"""Traffic: when a code was last in view, so that everything else steps aside for a visitor."""

from __future__ import annotations

import threading
from typing import Final

from device.clock import Clock

BUSY_MS: Final = 500
"""For so long after a code was in view, somebody is taken to stand there."""
STEP_S: Final = 0.05
STEP_ASIDE_MOST_S: Final = 2.0
"""A code held up for longer (a poster in view) does not stop the loops beside the gate altogether."""


class Traffic:
    """Told by the scan loop, asked by the loops beside it. Any thread.

    Args:
        clock: tells how long ago a code was in view.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._in_view_ms = -(10**9)

    def code_in_view(self, at_ms: int) -> None:
        """Note that a code was in view at this monotonic time, read or not."""
        self._in_view_ms = at_ms

    @property
    def busy(self) -> bool:
        """Whether a code was in view within the last half second."""
        return self._clock.monotonic_ms() - self._in_view_ms < BUSY_MS

    def step_aside(self, stop: threading.Event) -> None:
        """Wait while a code is in view, for two seconds at most, or until *stop* is set."""
        waited_s = 0.0
        while waited_s < STEP_ASIDE_MOST_S and self.busy and not stop.is_set():
            self._clock.wait(stop, STEP_S)
            waited_s += STEP_S
