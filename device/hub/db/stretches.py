"""Stretches: what is kept of a ledger's chain of moments, so that no row is ever narrowed twice.

A stretch is a run of neighbouring rows of one boot. Two moments of a boot lie a known time apart, so what bounds one
row of a stretch bounds all of them. Of all bounds the best is kept, with the monotonic time it belongs to (`Bound`):
once without any gate's clock (``known``), once with what it claims (``claimed``). A batch touches the last stretch and
those it brings, however long the ledger is (`device.hub.db.extending_stretches`).

A row is stored with what its own boot tells until then. What later rows tell, and other boots, is added when it is read
(`device.hub.db.reading_stretches`): of the stretches around, `NEAR` to each side, the earliest end of those before and
the latest start of those behind. Nothing is written anew when a clock turns out to have lied: its claims do not count
from then on.

This is the chain of `device.hub.db.intervals`, wider (never narrower) where a later row bounds an earlier one: by what
clocks may be slewed between that row and the one with the best bound of the stretch, 0.1 % of the time between. Of a
boot that is called a liar after its rows came, only its bounds are left. Beyond `NEAR` stretches nothing is looked for.

Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from device.hub.db.intervals import Interval, Point, slew_ms

NEAR: Final = 256
"""So many stretches to each side are looked at, for lies and for bounds: more boots than fit between two contacts."""

ALWAYS: Final = Interval(-(2**62), 2**62)


class Bound(NamedTuple):
    """A bound of one moment of a boot, which therefore bounds every moment of it."""

    monotonic_ms: int
    at_ms: int

    @property
    def offset_ms(self) -> int:
        """When the boot began, by this; what bounds of one boot are compared by."""
        return self.at_ms - self.monotonic_ms


@dataclass(frozen=True, slots=True)
class Bounds:
    """The best bounds of a stretch: not before the one, not after the other."""

    earliest: Bound
    latest: Bound

    @classmethod
    def of(cls, points: Sequence[Point], found: Sequence[Interval]) -> Bounds:
        """Return the best of what was found of points of one stretch."""
        at_ms = [point.monotonic_ms for point in points]
        early = [early_ms - monotonic_ms for (early_ms, _), monotonic_ms in zip(found, at_ms, strict=True)]
        late = [late_ms - monotonic_ms for (_, late_ms), monotonic_ms in zip(found, at_ms, strict=True)]
        first, last = early.index(max(early)), late.index(min(late))
        return cls(
            Bound(points[first].monotonic_ms, found[first].earliest_ms),
            Bound(points[last].monotonic_ms, found[last].latest_ms),
        )

    def best(self, other: Bounds | None) -> Bounds:
        """Return the better bounds of the two; these where they are alike."""
        if other is None:
            return self
        return Bounds(
            other.earliest if other.earliest.offset_ms > self.earliest.offset_ms else self.earliest,
            other.latest if other.latest.offset_ms < self.latest.offset_ms else self.latest,
        )

    def at(self, monotonic_ms: int) -> Interval:
        """Return when that moment of the boot was."""
        (early_at, early_ms), (late_at, late_ms) = self.earliest, self.latest
        return Interval(
            early_ms + monotonic_ms - early_at - slew_ms(abs(monotonic_ms - early_at)),
            late_ms + monotonic_ms - late_at + slew_ms(abs(monotonic_ms - late_at)),
        )


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring rows of one boot.

    Attributes:
        first_seq: its first row; the next stretch begins behind its last one.
        boot_id: which boot.
        first_monotonic_ms: of its first row.
        last_monotonic_ms: of its last row.
        known: without what its clock claims; ``None`` when the times of its rows contradict each other, and then they
            are known by their arrival only.
        claimed: with what its clock claims; ``None`` when it claims nothing that can be.
    """

    first_seq: int
    boot_id: str
    first_monotonic_ms: int
    last_monotonic_ms: int
    known: Bounds | None
    claimed: Bounds | None = None

    @property
    def least_ms(self) -> int:
        """How far its last row lies behind its first one, at least."""
        passed_ms = self.last_monotonic_ms - self.first_monotonic_ms
        return passed_ms - slew_ms(passed_ms)

    def at(self, monotonic_ms: int) -> Interval:
        """Return when a moment of it was, with what it claims where that can be."""
        if self.known is None:
            return ALWAYS
        known = self.known.at(monotonic_ms)
        both = known if self.claimed is None else known.intersection(self.claimed.at(monotonic_ms))
        return both if both.possible else known
