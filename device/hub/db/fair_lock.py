"""A lock that is handed on in the order in which it was asked for.

SQLite's busy handler lets whoever looks at the right moment go first, and the unlucky wait for seconds; Python's own
lock promises no order either. Threads of one process queue here, and only other processes wait in SQLite.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Self

from device.clock import Clock


class FairLock:
    """First come, first served. Not to be taken twice by one thread.

    Args:
        clock: for the figures.
        places: how many may have it at once.

    Attributes:
        taken: how many times it was had.
        longest_ms: the longest time that somebody had it.
        longest_wait_ms: the longest time that somebody waited for it.
    """

    def __init__(self, clock: Clock, places: int = 1) -> None:
        self.taken = self.longest_ms = self.longest_wait_ms = 0
        self._clock = clock
        self._guard = threading.Lock()
        self._free = places
        self._mine = threading.local()
        self._waiting: deque[threading.Lock] = deque()

    def __enter__(self) -> Self:
        turn: threading.Lock | None = None
        asked_ms = self._clock.monotonic_ms()
        with self._guard:
            if self._free:
                self._free -= 1
            else:
                turn = threading.Lock()
                turn.acquire()
                self._waiting.append(turn)
        if turn is not None:
            turn.acquire()
        self._mine.since_ms = self._clock.monotonic_ms()
        with self._guard:
            self.taken += 1
            self.longest_wait_ms = max(self.longest_wait_ms, self._mine.since_ms - asked_ms)
        return self

    def __exit__(self, *_: object) -> None:
        took_ms = self._clock.monotonic_ms() - self._mine.since_ms
        with self._guard:
            self.longest_ms = max(self.longest_ms, took_ms)
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1

    @property
    def waiting(self) -> int:
        """How many wait for it."""
        return len(self._waiting)
