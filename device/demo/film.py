"""Watches the pins: what is read back from them after each change, and when."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from device.clock import Clock
from device.indicator.pins import GpioPins
from device.model import Output


@dataclass(frozen=True, slots=True)
class Shot:
    """What was lit from a moment on; *at_ms* is monotonic."""

    at_ms: int
    lit: frozenset[Output]


class FilmedPins:
    """Implements `device.indicator.pins.Outputs`: passes on to the real pins and reads back what they say."""

    def __init__(self, pins: GpioPins, clock: Clock, on_change: Callable[[Shot], None]) -> None:
        self._pins = pins
        self._clock = clock
        self._on_change = on_change
        self._lock = threading.Lock()
        self._shots: list[Shot] = []

    def set(self, on: frozenset[Output]) -> None:
        """Switch the pins, then read them."""
        self._pins.set(on)
        self._remember()

    def close(self) -> None:
        """Let the pins go; what is not there is dark."""
        self._pins.close()
        self._remember()

    def _remember(self) -> None:
        shot = Shot(self._clock.monotonic_ms(), self._pins.lit())
        with self._lock:
            if self._shots and self._shots[-1].lit == shot.lit:
                return
            self._shots.append(shot)
        self._on_change(shot)

    def between(self, first_ms: int, end_ms: int) -> list[Shot]:
        """Return what changed from *first_ms* up to *end_ms*."""
        with self._lock:
            return [shot for shot in self._shots if first_ms <= shot.at_ms < end_ms]
