"""Tracking of what is in front of the gate: one track per payload, from when it appears until it has been gone."""

from __future__ import annotations

from dataclasses import dataclass, field

from device.credential import same_person_keys
from device.model import Claim, Credential, Point, Symbol

Box = tuple[int, int, int, int]


def box_of(corners: tuple[Point, ...]) -> Box:
    """Return left, top, right, bottom: the same for engines that begin at different corners."""
    xs = [x for x, _ in corners]
    ys = [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def near(one: Box, other: Box, tolerance_px: int) -> bool:
    """Return whether no side differs by more than the tolerance."""
    return all(abs(a - b) <= tolerance_px for a, b in zip(one, other, strict=True))


@dataclass(slots=True, eq=False)
class Track:
    """One payload in view.

    Attributes:
        symbol: as it was seen last.
        claim: what it was recognised as, once.
        seen_ms: when it was seen last.
        anchor: where it has stood since *anchored_ms*.
        anchored_ms: since when it has not moved.
        answered: it had its reading, or shared that of what it was shown with.
        tangled: it was seen beside the code of another person and that is not cleared up yet.
        ignored: the gate's own poster, or something that does not move.
    """

    symbol: Symbol
    claim: Claim
    seen_ms: int
    anchor: Box
    anchored_ms: int
    answered: bool = False
    tangled: bool = False
    ignored: bool = False
    keys: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.keys = frozenset(same_person_keys(self.claim)) if isinstance(self.claim, Credential) else frozenset()

    def same_person(self, other: Track) -> bool:
        """Return whether two credentials speak of one person; codes that name nobody are told apart by text."""
        return self.claim == other.claim or not self.keys.isdisjoint(other.keys)


def several_people(tracks: list[Track]) -> bool:
    """Return whether these credentials speak of more than one person."""
    return any(not tracks[0].same_person(other) for other in tracks[1:])
