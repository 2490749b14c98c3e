"""Turns of those who find no room: each is told to come when the ones before have been written, not all at once.

When the power or the line of a town comes back, thousands of gates deliver in the same second. Told to wait a second,
they would all be refused again and again; pauses of their own, doubled each time, let the hub stand idle in the end. So
the time that is still free is given away, piece by piece, at the pace at which batches are written, and a gate adds no
more than a second to its turn (`device.uplink.retry`). How often the hub is asked in vain is therefore its own affair:
the more gates have a turn, the longer it tells the last of them to stay away.
"""

from __future__ import annotations

import math
from typing import Final

from device.clock import Clock

FIRST_BYTES_A_SECOND: Final = 4e6
"""Of compressed batches: 9,500 check-ins, until it is known."""
MOST_S: Final = 30
"""Few gates are never told to wait longer, whatever the pace seems to be."""
GATES_A_SECOND: Final = 75
"""Of many gates so many at most come on average before it is their turn: each is refused in 2 ms, before it is read."""
LONGEST_S: Final = 300
"""Nobody is told to wait longer, however many there are."""
_HASTE: Final = 1.5
"""Some come back too early rather than that the hub waits for them: a batch costs it ten times a refusal."""
_NOTABLE_BYTES: Final = 64 * 1024
"""Less, written at once, says nothing about the pace of large batches."""
_MEMORY_S: Final = 5.0
_GOLDEN: Final = 0.618
"""Multiples of it, without what is whole, never lie close to each other."""


class Turns:
    """Gives turns. Used on one thread; several hubs give them apart, each for its own gates.

    Args:
        clock: for the time that has passed.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._bytes_a_second = FIRST_BYTES_A_SECOND
        self._free_from_s = 0.0
        self._given: dict[str, float] = {}
        self._spread = 0.0

    def wrote(self, size: int, took_s: float) -> None:
        """Take in how long it took to write *size* bytes."""
        if size >= _NOTABLE_BYTES and took_s > 0:
            share = min(1.0, took_s / _MEMORY_S)
            self._bytes_a_second += share * (size / took_s - self._bytes_a_second)

    def wait_s(self, device_id: str, size: int, waiting_bytes: int) -> int:
        """Give the next turn; a gate that comes before its own hears of the same one, however often it comes.

        Args:
            device_id: to which gate.
            size: in bytes, of what found no room.
            waiting_bytes: what is written before anything else.

        Returns:
            After how many seconds it is to come again: from 1 to `LONGEST_S`.
        """
        now_s, pace = self._clock.monotonic_s(), self._bytes_a_second * _HASTE
        self._forget(now_s)
        most_s = min(LONGEST_S, max(MOST_S, len(self._given) // GATES_A_SECOND))
        at_s = self._given.get(device_id, now_s)
        if at_s <= now_s:
            at_s = max(self._free_from_s, now_s + waiting_bytes / pace)
            if at_s <= now_s + most_s:
                self._free_from_s = at_s + size / pace
            else:  # its turn is too far off to be known: some time in the second half, each another
                self._spread = (self._spread + _GOLDEN) % 1
                at_s = now_s + most_s * (1 - self._spread / 2)
            self._given.pop(device_id, None)
            self._given[device_id] = at_s
        return min(LONGEST_S, max(1, math.ceil(at_s - now_s)))

    def _forget(self, now_s: float) -> None:
        while self._given and self._given[first := next(iter(self._given))] <= now_s:
            del self._given[first]
