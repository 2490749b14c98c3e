"""Recorder of pin states: what is read back from the GPIO pins after each change, and when."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from device.clock import Clock
from device.indicator.pins import GpioPins
from device.model import Output


@dataclass(frozen=True, slots=True)
class PinState:
    """What was lit from a moment on; *at_ms* is monotonic milliseconds."""

    at_ms: int
    lit: frozenset[Output]


class PinRecorder:
    """Implements `device.indicator.pins.Outputs`: passes on to the real pins and reads back what they say."""

    def __init__(self, pins: GpioPins, clock: Clock, on_change: Callable[[PinState], None]) -> None:
        self._pins = pins
        self._clock = clock
        self._on_change = on_change
        self._lock = threading.Lock()
        self._states: list[PinState] = []

    def set(self, on: frozenset[Output]) -> None:
        """Switch the pins, then read them."""
        self._pins.set(on)
        self._remember()

    def close(self) -> None:
        """Release the pins; what is not there is dark."""
        self._pins.close()
        self._remember()

    def _remember(self) -> None:
        state = PinState(self._clock.monotonic_ms(), self._pins.lit())
        with self._lock:
            if self._states and self._states[-1].lit == state.lit:
                return
            self._states.append(state)
        self._on_change(state)

    def between(self, first_ms: int, end_ms: int) -> list[PinState]:
        """Return what changed from *first_ms* up to *end_ms*."""
        with self._lock:
            return [state for state in self._states if first_ms <= state.at_ms < end_ms]
