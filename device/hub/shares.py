"""Shares of the server's one thread: how much of it one gate may take, or an address that has proved nothing yet.

A few bytes of chunks, headers or handshakes cost the hub more than whoever sends them, and all that one has sent would
be read before anybody else's turn comes. So what is done for each is counted, as measured or as it usually costs, and
who is over the share waits; an address gets back what a connection has cost until a gate signed on it.
"""

from __future__ import annotations

from typing import Final

from device.clock import Clock

AT_ONCE_S: Final = 0.5
"""Of work, in advance: a hundred and more gates behind one address come at once when its power does."""
MOST_OF_ONE: Final = 0.2
"""Of the thread, in the long run."""
MOST_OF_STRANGERS: Final = 0.5
"""Of the thread, for all addresses together that owe something."""
MOST_HOLDERS: Final = 20_000
"""Are remembered."""
HANDSHAKE_S: Final = 0.002
REQUEST_S: Final = 0.002


class Shares:
    """What each holder of connections has used. Used on the server's one thread.

    Args:
        clock: for what has passed.
        most_of_all: of the thread, for all of them together; ``None`` where there is no such limit.
    """

    def __init__(self, clock: Clock, most_of_all: float | None = None) -> None:
        self._clock = clock
        self._most_of_all = most_of_all
        self._owed: dict[str, tuple[float, float]] = {}  # seconds of work, and when that was so

    def __len__(self) -> int:
        """Count those that owe something."""
        return len(self._owed)

    def spend(self, holder: str, seconds: float) -> None:
        """Count *seconds* of work for one; a negative number gives them back."""
        now_s = self._clock.monotonic_s()
        self._forget(now_s)
        owed_s = max(0.0, self._owes_s(holder, now_s) + seconds)
        self._owed.pop(holder, None)
        if owed_s:
            self._owed[holder] = owed_s, now_s  # at the end: who was quiet longest is first

    def wait_s(self, holder: str) -> float:
        """Return how long one is to wait before anything else is done for it; 0 when it need not."""
        over_s = self._owes_s(holder, self._clock.monotonic_s()) - AT_ONCE_S
        return max(0.0, over_s) / self._rate

    @property
    def _rate(self) -> float:
        if self._most_of_all is None:
            return MOST_OF_ONE
        return min(MOST_OF_ONE, self._most_of_all / max(1, len(self._owed)))

    def _owes_s(self, holder: str, now_s: float) -> float:
        owed_s, then_s = self._owed.get(holder, (0.0, now_s))
        return max(0.0, owed_s - (now_s - then_s) * self._rate)

    def _forget(self, now_s: float) -> None:
        """Forget who was quiet longest, as long as they owe nothing any more or are too many."""
        while self._owed:
            oldest = next(iter(self._owed))
            if self._owes_s(oldest, now_s) and len(self._owed) < MOST_HOLDERS:
                return
            del self._owed[oldest]
