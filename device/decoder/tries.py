"""The ways to look at one frame: the quick look at each, and what is tried when it misses.

Each try is an engine and what is done to the picture before. They are listed in the order in
which they are worth most for their time; `DECISIONS.md` has the measured rows, also of the ideas
that are not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from device.decoder import image
from device.decoder.engines import Engine, Finding, Zbar, Zxing

if TYPE_CHECKING:
    from device.model import Luma

Change = Callable[["Luma"], "Luma"]


@dataclass(frozen=True, slots=True)
class Try:
    """One way to look at a frame.

    Attributes:
        name: what a symbol read this way gives as its engine, e.g. ``zxing-sharp``.
        engine: who reads.
        change: what is done to the plane before; ``None``: nothing.
        scale: how many times as large *change* makes the plane.
    """

    name: str
    engine: Engine
    change: Change | None = None
    scale: float = 1.0

    def look(self, luma: Luma) -> Finding:
        """Read a plane; corners come back in its own pixels."""
        changed = luma if self.change is None else self.change(luma)
        found = self.engine.read(changed)
        if not found.symbols and not found.broken:
            return found
        return Finding(
            tuple(replace(s, engine=self.name, corners=image.scaled(s.corners, self.scale)) for s in found.symbols),
            tuple(image.scaled(corners, self.scale) for corners in found.broken),
        )


@dataclass(frozen=True, slots=True)
class Chain:
    """All ways to look.

    Attributes:
        first: the quick look at every frame.
        more: what is tried on a miss, one a frame in turn.
    """

    first: Try
    more: tuple[Try, ...]


def chain(fit: Mapping[str, Engine]) -> Chain:
    """Arrange the tries of the engines that passed their self-test (at least one of zxing and zbar)."""
    zxing, zbar = fit.get("zxing"), fit.get("zbar")
    if zxing is None:
        assert zbar is not None
        # Without zxing-cpp libzbar does it alone: as it comes, and every second frame turned round.
        return Chain(Try("zbar", zbar), (Try("zbar-inverted", Zbar(inverted=True)),))
    more = [
        Try("zxing-sharp", zxing, image.sharpened),
        Try("zxing-double", zxing, image.doubled, 2.0),
        Try("zxing-global", Zxing(global_threshold=True)),
    ]
    if zbar is not None:
        more.insert(1, Try("zbar", zbar))
    return Chain(Try("zxing", zxing), tuple(more))
