"""Rate limits: by gate questions of status (a stolen key must not read them out) and reports, enrolment by address."""

from __future__ import annotations

from collections import deque
from ipaddress import IPv6Address, ip_address
from typing import Final

from device.clock import Clock

MOST_A_MINUTE: Final = 45
"""Half as much again as a gate asks by itself (`device.gate.status_lookup`): one just started anew is not held up."""
MOST_REPORTS_A_MINUTE: Final = 6
"""A gate reports once a minute at most (`device.sync.state_reporter`)."""
_MINUTE_S: Final = 60.0


def network_of(address: str) -> str:
    """Return what counts as one address: IPv4 as it is, of IPv6 the /64, which one customer has all of."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "?"
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or f"{IPv6Address(int(parsed) >> 64 << 64)}/64")
    return str(parsed)


class RateLimit:
    """Counts the requests of each gate, or address. Used on one thread; several hubs behind a balancer count apart.

    Args:
        clock: for the minute.
        most: requests of one in any minute.
        most_keys: how many are remembered; beyond it the one that was quiet longest is forgotten.
    """

    def __init__(self, clock: Clock, most: int = MOST_A_MINUTE, most_keys: int = 20_000) -> None:
        self._clock = clock
        self._most = most
        self._most_keys = most_keys
        self._asked_s: dict[str, deque[float]] = {}

    def __len__(self) -> int:
        """Count those that are remembered: who asked within a minute or so."""
        return len(self._asked_s)

    def wait_s(self, key: str) -> int:
        """Take in a request; return 0 when it may be answered, else after how many seconds it may."""
        now_s = self._clock.monotonic_s()
        self._forget(now_s)
        if full_for_s := self.full_for_s(key):
            return full_for_s
        asked = self._asked_s.pop(key, None) or deque(maxlen=self._most)
        asked.append(now_s)
        self._asked_s[key] = asked  # at the end: the oldest lie first
        return 0

    def full_for_s(self, key: str) -> int:
        """Return after how many seconds the next request may be answered, 0 at once; none is taken in."""
        now_s = self._clock.monotonic_s()
        asked = self._asked_s.get(key)
        if asked is None or len(asked) < self._most or now_s - asked[0] >= _MINUTE_S:
            return 0
        return max(1, round(asked[0] + _MINUTE_S - now_s))

    def _forget(self, now_s: float) -> None:
        """Drop those that have not asked for a minute, and the oldest of too many."""
        while self._asked_s:
            oldest = next(iter(self._asked_s))
            asked = self._asked_s[oldest]
            if now_s - asked[-1] < _MINUTE_S and len(self._asked_s) < self._most_keys:
                return
            del self._asked_s[oldest]
