"""True-time interval [earliest, latest] of a check-in, from all that is known about its gate's clocks. Pure.

A gate's wall clock may say anything. What is known without it:

- a row was recorded after its gate was registered, and before its batch arrived;
- rows of one ledger were recorded in the order of their numbers;
- within one boot, monotonic time tells how far two moments lie apart, give or take `SLEW_LIMIT` (the most by which the
  kernel lets a time server change its pace);
- a contact, the moment at which a batch was sent, lies between its arrival and `TRANSIT_MS` before.

A wall clock that says to be synchronised narrows this to itself, give or take `TOLERANCE_MS` and what it may have
drifted since the boot began (`DRIFT`: nobody tells when it last heard a time server). It is believed where it does not
contradict what is known without it. When the clocks of a boot contradict themselves none of them is, and when those
of two boots contradict each other none of both.

All of it is one chain of points in the order in which they happened. Two neighbours of one boot lie a known time
apart, two of different boots only one after the other. One pass forward and one back (`narrowed`) then leave the
narrowest intervals that all of it allows. What is kept of a chain, so that nothing is ever narrowed twice, is in
`device.hub.db.stretches`.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import gt
from typing import Final, NamedTuple

from device.clock import ClockReading, ClockState

TRANSIT_MS: Final = 300_000
"""The longest a request of a gate lasts: the largest ``hub.deadline`` a site file may name."""
TOLERANCE_MS: Final = 16_000
"""The error at which the kernel itself no longer calls a clock synchronised (NTP_PHASE_LIMIT, linux/timex.h)."""
SLEW_LIMIT: Final = 2_000
"""One in so many: 500 ppm, MAXFREQ in linux/timex.h."""
DRIFT: Final = 10_000
"""One in so many: 100 ppm, more than a Pi's crystal is off by."""
_SYNCHRONISED: Final = ClockState.SYNCHRONISED


class Interval(NamedTuple):
    """A time between two, both included; Unix ms by the hub's clock."""

    earliest_ms: int
    latest_ms: int

    def overlaps(self, other: Interval) -> bool:
        """Return whether they have a moment in common."""
        return self.earliest_ms <= other.latest_ms and other.earliest_ms <= self.latest_ms

    @property
    def possible(self) -> bool:
        """Whether it has a moment at all."""
        return self.earliest_ms <= self.latest_ms

    def intersection(self, other: Interval) -> Interval:
        """Return what they have in common; the end lies before the start when that is nothing."""
        return Interval(max(self.earliest_ms, other.earliest_ms), min(self.latest_ms, other.latest_ms))


class Point(NamedTuple):
    """A moment of a gate: a row, or a contact.

    Attributes:
        boot_id: which boot.
        monotonic_ms: of that boot.
        known: when it was, as far as is known by itself.
        claim: what a synchronised wall clock says of it; ``None`` when none says anything.
    """

    boot_id: str
    monotonic_ms: int
    known: Interval
    claim: Interval | None = None


def claim_of(at: ClockReading) -> Interval | None:
    """Return what a row's own clock says, as an interval; ``None`` when it is not synchronised."""
    if at.state is not _SYNCHRONISED:
        return None
    slack_ms = TOLERANCE_MS + at.monotonic_ms // DRIFT
    return Interval(at.wall_ms - slack_ms, at.wall_ms + slack_ms)


def contact(boot_id: str, monotonic_ms: int, arrived_ms: int) -> Point:
    """Return the moment at which a batch was sent that arrived then."""
    return Point(boot_id, monotonic_ms, Interval(arrived_ms - TRANSIT_MS, arrived_ms))


def narrowed(points: Sequence[Point], known: Sequence[Interval] | None = None) -> list[Interval] | None:
    """Return each point's interval by what is known of all; ``None`` when that contradicts itself.

    It is a third of what storing a batch costs: hence plain numbers in place of intervals, and no call a point.

    Args:
        points: in the order in which they happened.
        known: of each, what is known of it by itself; ``None``: what the points say.
    """
    earliest, latest, apart = _forward(points, [point.known for point in points] if known is None else known)
    for index in range(len(apart) - 1, 0, -1):
        least, most = apart[index]
        if (late_ms := latest[index] - least) < latest[index - 1]:
            latest[index - 1] = late_ms
        if most is not None and (early_ms := earliest[index] - most) > earliest[index - 1]:
            earliest[index - 1] = early_ms
    if any(map(gt, earliest, latest)):
        return None
    return list(map(Interval, earliest, latest))


def _forward(
    points: Sequence[Point], known: Sequence[Interval]
) -> tuple[list[int], list[int], list[tuple[int, int | None]]]:
    """Return each point's earliest and latest by what was before it, and how far it lies behind that one.

    That is at least and at most (``None``: nobody knows), in milliseconds.
    """
    earliest: list[int] = []
    latest: list[int] = []
    apart: list[tuple[int, int | None]] = []
    last_boot_id: str | None = None
    last_at_ms, before_ms, behind_ms = 0, known[0].earliest_ms if known else 0, 0
    for (boot_id, at_ms, _, _), (early_ms, late_ms) in zip(points, known, strict=True):
        passed_ms = at_ms - last_at_ms
        if boot_id == last_boot_id and passed_ms >= 0:
            slew = -(-passed_ms // SLEW_LIMIT)  # `slew_ms`
            least, most = passed_ms - slew, passed_ms + slew
            before_ms, behind_ms = max(early_ms, before_ms + least), min(late_ms, behind_ms + most)
            apart.append((least, most))
        else:
            before_ms, behind_ms = max(early_ms, before_ms), late_ms
            apart.append((0, None))
        earliest.append(before_ms)
        latest.append(behind_ms)
        last_boot_id, last_at_ms = boot_id, at_ms
    return earliest, latest, apart


def slew_ms(passed_ms: int) -> int:
    """Return by how much two moments of a boot may lie closer or farther apart than its monotonic time says."""
    # Rounded up: a long chain of short steps must not lose what each may be off by.
    return -(-passed_ms // SLEW_LIMIT)


def follows_in_boot(first: Point, second: Point) -> bool:
    """Return whether monotonic time tells how far apart two neighbours lie."""
    return first.boot_id == second.boot_id and first.monotonic_ms <= second.monotonic_ms
