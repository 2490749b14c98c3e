"""Preprocessing variants (tries) of the QR decoder: the quick look at each frame, and what follows when it misses.

Each try is an engine, a part of the frame, and what is done to it before. They stand in the order
in which they read most for their time on simulated frames; `DECISIONS.md` has the rows, also of
the ideas that are not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from device.decoder import image, region
from device.decoder.engines import Corners, Engine, EngineResult, Zbar, Zxing

if TYPE_CHECKING:
    from device.decoder.region import Box
    from device.model import Luma

Change = Callable[["Luma"], "Luma"]


class View:
    """One frame, and what was made of it so far: two tries that want the same part share it.

    Args:
        luma: the frame.
        place: where to look; ``None``: where the frame is fullest.
    """

    def __init__(self, luma: Luma, place: Box | None = None) -> None:
        self.luma = luma
        self._place = place
        self._made: dict[Change | None, Luma] = {}

    def share(self) -> float:
        """Return how much of the frame that part is; 0 when nothing is worth it."""
        return self.part().pixels / self.luma.size

    def part(self) -> Box:
        """Return the part of the frame that is worth a closer look."""
        if self._place is None:
            self._place = region.fullest(self.luma) or region.Box(0, 0, 0, 0)
        return self._place

    def changed(self, change: Change | None) -> Luma:
        """Return that part, changed."""
        if change not in self._made:
            cut = self.part().cut(self.luma)
            self._made[change] = cut if change is None else change(cut)
        return self._made[change]


@dataclass(frozen=True, slots=True)
class Try:
    """One way to look at a frame.

    Attributes:
        name: what a symbol read this way gives as its engine, e.g. ``zxing-sharp``.
        engine: who reads.
        change: what is done to the picture before; ``None``: nothing.
        scale: how many times as large *change* makes it.
        whole: read the whole frame, not a part.
        least, most: between which shares of the frame a part is worth this: a code that fills the
            frame has pixels enough, and a costly try must be kept to a small part.
        seldom: takes its turn only every fourth time round, because it is costly and reads little.
    """

    name: str
    engine: Engine
    change: Change | None = None
    scale: float = 1.0
    whole: bool = False
    least: float = 0.0
    most: float = 1.0
    seldom: bool = False

    def worth(self, view: View) -> bool:
        """Return whether there is something to look at, and neither too much nor too little of it."""
        return (self.whole and not self.least) or self.least < view.share() <= self.most

    def look(self, view: View) -> EngineResult:
        """Read; corners come back in pixels of the frame."""
        if self.whole:
            return self._named(self.engine.read(view.luma), 0, 0)
        return self._named(self.engine.read(view.changed(self.change)), view.part().left, view.part().top)

    def _named(self, found: EngineResult, left: int, top: int) -> EngineResult:
        if not found.symbols and not found.broken:
            return found

        def back(corners: Corners) -> Corners:
            return image.moved(image.scaled(corners, self.scale), left, top)

        return EngineResult(
            tuple(replace(symbol, engine=self.name, corners=back(symbol.corners)) for symbol in found.symbols),
            tuple(back(corners) for corners in found.broken),
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
        # Without zxing-cpp (32-bit systems) libzbar does it alone, every second frame turned round.
        sharp, inverted = Try("zbar-sharp", zbar, image.sharpened), Try("zbar-inverted", zbar, image.inverted)
        return Chain(Try("zbar", zbar, whole=True), (inverted, sharp))
    flat = Zxing(global_threshold=True)
    more = [
        Try("zxing-global", flat, whole=True),
        Try("zxing-sharp", zxing, image.sharpened),
        Try("zxing-bold", zxing, image.bolder),
        Try("zxing-half", flat, image.half, 0.5),
        Try("zxing-double", zxing, image.sharp_double, 2, most=0.5),
        Try("zxing-global-double", flat, image.sharp_double, 2, most=0.5),
    ]
    if zbar is not None:
        more += [
            Try("zbar", zbar, most=0.3),
            Try("zbar-coarse", Zbar(density=2), least=0.3),
            Try("zbar-bold", zbar, image.bolder, most=0.15),
            Try("zbar-double", zbar, image.sharp_double, 2, most=0.08),
            Try("zbar-bold", zbar, image.bolder, least=0.15, seldom=True),
            Try("zbar-whole", zbar, whole=True, least=0.15),
        ]
    return Chain(Try("zxing", zxing, whole=True), tuple(more))
