"""Occupancy: how many people are inside, as far as this gate has seen them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from device.clock import ClockReading, ClockState
from device.model import Decision, Direction, Outcome
from device.policy.local import day_since, moment
from device.policy.rules import Policy


class Occupancy:
    """Counts granted passages, in and out. Used on the scan thread; others may read `inside`.

    It knows what passed this gate since it started, and no more: the ledger's rows are sealed, so a
    restart cannot count them again and begins at nought. Whoever was referred is not counted, since the
    gate is not told what the guard decided. A count never falls below nought.
    """

    def __init__(self) -> None:
        self.inside = 0
        self._day: date | None = None
        self._offset_ms: int | None = None
        self._trusted = False

    def people(self, policy: Policy, at: ClockReading) -> int:
        """Return how many are inside now; starts over when the policy's day has turned.

        Days are counted on the last trusted time, carried on by the monotonic clock, and before the first one on
        the wall clock's claim: a gate without a network must not stay full for ever.
        """
        if policy.capacity is None or policy.capacity.resets_at_minute is None:
            return self.inside
        set_right = self._take_time(at)
        assert self._offset_ms is not None
        reckoned = replace(at, wall_ms=at.monotonic_ms + self._offset_ms, state=ClockState.SYNCHRONISED)
        now = moment(reckoned, policy.zone)
        assert now is not None
        day = day_since(policy.capacity.resets_at_minute, now.local)
        if self._day is not None and day > self._day and not set_right:  # a clock set back a day empties no room
            self.inside = 0
        self._day = day
        return self.inside

    def _take_time(self, at: ClockReading) -> bool:
        """Take over what the wall clock says, when it counts; return whether it was set right for the first time."""
        trusted = at.state is ClockState.SYNCHRONISED
        first = self._offset_ms is None
        if trusted or first:
            self._offset_ms = at.wall_ms - at.monotonic_ms
        set_right = trusted and not self._trusted and not first
        self._trusted = self._trusted or trusted
        return set_right

    def passed(self, decision: Decision, direction: Direction) -> None:
        """Count a decision that has been written down."""
        if decision.outcome is not Outcome.GRANTED or not decision.counted:
            return
        if direction is Direction.IN:
            self.inside += 1
        elif direction is Direction.OUT:
            self.inside = max(0, self.inside - 1)
