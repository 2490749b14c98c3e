"""How many people are inside, as far as this gate has seen them."""

from __future__ import annotations

from datetime import date

from device.clock import ClockReading
from device.model import Direction
from device.policy.local import day_since, moment
from device.policy.rules import Policy
from device.verdict import Decision, Outcome


class Room:
    """Counts granted passages, in and out. Used on the scan thread; others may read `inside`.

    It knows what passed this gate since it started, and no more: the ledger's rows are sealed, so a
    restart cannot count them again and begins at nought. Whoever was referred is not counted, since the
    gate is not told what the guard decided. A count never falls below nought.
    """

    def __init__(self) -> None:
        self.inside = 0
        self._day: date | None = None

    def people(self, policy: Policy, at: ClockReading) -> int:
        """Return how many are inside now; starts over when the policy's day has turned."""
        resets_at = None if policy.capacity is None else policy.capacity.resets_at_minute
        now = moment(at, policy.zone)
        if resets_at is not None and now is not None:
            day = day_since(resets_at, now.local)
            if self._day is not None and day > self._day:  # a clock set back a day empties no room
                self.inside = 0
            self._day = day
        return self.inside

    def passed(self, decision: Decision, direction: Direction) -> None:
        """Count a decision that has been written down."""
        if decision.outcome is not Outcome.GRANTED or not decision.counted:
            return
        if direction is Direction.IN:
            self.inside += 1
        elif direction is Direction.OUT:
            self.inside = max(0, self.inside - 1)
