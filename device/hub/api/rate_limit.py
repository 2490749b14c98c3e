"""Rate limit of status questions, by gate: a stolen key must not read the list of people out, number by number."""

from __future__ import annotations

from collections import deque
from typing import Final

from device.clock import Clock

MOST_A_MINUTE: Final = 20
"""Twice what a gate asks by itself (`device.gate.status_lookup`): one that was just started anew is not held up."""
_MINUTE_S: Final = 60.0


class RateLimit:
    """Counts the questions of each gate. Used on one thread; several hubs behind a balancer count apart.

    Args:
        clock: for the minute.
        most: questions of one gate in any minute.
    """

    def __init__(self, clock: Clock, most: int = MOST_A_MINUTE) -> None:
        self._clock = clock
        self._most = most
        self._asked_s: dict[str, deque[float]] = {}

    def __len__(self) -> int:
        """Count the gates that are remembered: those that asked within a minute or so."""
        return len(self._asked_s)

    def wait_s(self, device_id: str) -> int:
        """Take in a question; return 0 when it may be answered, else after how many seconds it may."""
        now_s = self._clock.monotonic_s()
        self._forget(now_s)
        asked = self._asked_s.setdefault(device_id, deque(maxlen=self._most))
        if len(asked) == self._most and now_s - asked[0] < _MINUTE_S:
            return max(1, round(asked[0] + _MINUTE_S - now_s))
        asked.append(now_s)
        self._asked_s[device_id] = self._asked_s.pop(device_id)  # at the end: the oldest lie first
        return 0

    def _forget(self, now_s: float) -> None:
        """Drop gates that have not asked for a minute."""
        while self._asked_s:
            oldest = next(iter(self._asked_s))
            asked = self._asked_s[oldest]
            if asked and now_s - asked[-1] < _MINUTE_S:
                return
            del self._asked_s[oldest]
