"""Stored rows and the stretches around them: when each row was, by all that is known now. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from device.hub.db.intervals import Interval, slew_ms
from device.hub.db.stretches import ALWAYS, Stretch


@dataclass(frozen=True, slots=True)
class Row:
    """A stored row, as far as its time goes.

    Attributes:
        seq: its number.
        boot_id: which boot.
        monotonic_ms: of that boot.
        arrival: what its arrival tells.
        stored: what was stored of it.
    """

    seq: int
    boot_id: str
    monotonic_ms: int
    arrival: Interval
    stored: Interval


class _Around(NamedTuple):
    """What the other stretches tell of one, and it together with them of the others."""

    floor_ms: int
    """Its first row was not before."""
    cap_ms: int
    """Its last row was not after."""
    behind_ms: int
    """What is behind it was not before."""
    before_ms: int
    """What is before it was not after."""


class Reading:
    """When rows were, by all that is known now of the stretches around them.

    Args:
        stretches: neighbours, in order.
        liars: those of their boots whose claims do not count.
    """

    def __init__(self, stretches: Sequence[Stretch], liars: Collection[str]) -> None:
        self._stretches = stretches
        self._liars = liars
        self._known = _around([replace(one, claimed=None) for one in stretches])
        self._believed = [
            one if one.boot_id not in liars and _can_be(one, around) else replace(one, claimed=None)
            for one, around in zip(stretches, self._known, strict=True)
        ]
        self._found = _around(self._believed)

    def interval(self, row: Row, place: int) -> Interval:
        """Return when *row* was.

        Args:
            row: any.
            place: of the last stretch that begins with it or before, -1 when none does.
        """
        own = self._own(row, place)
        bounds = None if own is None else self._stretches[own].known
        arrival = row.arrival if bounds is None else bounds.at(row.monotonic_ms)
        known = arrival.intersection(self._order(row, place, own, self._known))
        if not known.possible:
            known = row.arrival
        others = known.intersection(self._order(row, place, own, self._found))
        if self._is_believed(row, own):
            told = row.stored if own is None else row.stored.intersection(self._believed[own].at(row.monotonic_ms))
            if (found := others.intersection(told)).possible:
                return found
        return others if others.possible else known

    def _is_believed(self, row: Row, own: int | None) -> bool:
        """Return whether what is stored of a row counts: there may be claims in it."""
        refuted = own is not None and self._stretches[own].claimed is not None and self._believed[own].claimed is None
        return row.boot_id not in self._liars and not refuted

    def _own(self, row: Row, place: int) -> int | None:
        """Return the stretch that a row belongs to; one that came late may lie beyond its end, before it, or apart."""
        if place >= 0 and (one := self._stretches[place]).boot_id == row.boot_id:
            return place if one.first_monotonic_ms <= row.monotonic_ms else None
        if place + 1 < len(self._stretches) and (one := self._stretches[place + 1]).boot_id == row.boot_id:
            return place + 1 if row.monotonic_ms <= one.first_monotonic_ms else None
        return None

    def _order(self, row: Row, place: int, own: int | None, around: Sequence[_Around]) -> Interval:
        """Return what the order of the numbers tells: after what is before, and before what is behind."""
        if place >= 0 and self._stretches[place].known is None:
            return ALWAYS
        if own is None or own != place:
            earliest_ms = around[place].behind_ms if place >= 0 else ALWAYS.earliest_ms
            latest_ms = around[place + 1].before_ms if place + 1 < len(around) else ALWAYS.latest_ms
            return Interval(earliest_ms, latest_ms)
        one = self._stretches[place]
        since_ms = row.monotonic_ms - one.first_monotonic_ms
        until_ms = max(0, one.last_monotonic_ms - row.monotonic_ms)
        floor_ms, cap_ms = around[place].floor_ms, around[place].cap_ms
        return Interval(floor_ms + since_ms - slew_ms(since_ms), cap_ms - until_ms + slew_ms(until_ms))


def _around(stretches: Sequence[Stretch]) -> list[_Around]:
    """Return what the order of the stretches tells of each: one pass forward, one back."""
    floors: list[tuple[int, int]] = []
    behind_ms = ALWAYS.earliest_ms
    for one in stretches:
        floor_ms, own_ms = behind_ms, one.at(one.last_monotonic_ms).earliest_ms
        behind_ms = ALWAYS.earliest_ms if one.known is None else max(own_ms, floor_ms + one.least_ms)
        floors.append((floor_ms, behind_ms))
    caps: list[tuple[int, int]] = []
    before_ms = ALWAYS.latest_ms
    for one in reversed(stretches):
        cap_ms, own_ms = before_ms, one.at(one.first_monotonic_ms).latest_ms
        before_ms = ALWAYS.latest_ms if one.known is None else min(own_ms, cap_ms - one.least_ms)
        caps.append((cap_ms, before_ms))
    return [
        _Around(floor_ms, cap_ms, behind_ms, before_ms)
        for (floor_ms, behind_ms), (cap_ms, before_ms) in zip(floors, reversed(caps), strict=True)
    ]


def _can_be(one: Stretch, around: _Around) -> bool:
    """Return whether what a stretch claims fits into what is known without any claim by now."""
    if one.known is None or one.claimed is None:
        return True
    for bound, sign in ((one.claimed.earliest, 1), (one.claimed.latest, -1)):
        since_ms = bound.monotonic_ms - one.first_monotonic_ms
        until_ms = one.last_monotonic_ms - bound.monotonic_ms
        order = Interval(
            around.floor_ms + since_ms - slew_ms(abs(since_ms)), around.cap_ms - until_ms + slew_ms(abs(until_ms))
        )
        known = one.known.at(bound.monotonic_ms).intersection(order)
        if bound.at_ms > known.latest_ms if sign > 0 else bound.at_ms < known.earliest_ms:
            return False
    return True
