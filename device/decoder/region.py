"""Region of interest (ROI): where in a frame a QR code could be, by edge density; costly tries look only there.

A QR code is the part of a picture that is fullest of edges in both directions. On simulated gate
frames the region found this way is a seventh of the frame on average and holds the code in more
than 95 of 100 (`DECISIONS.md`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from device.decoder.engines import Corners
    from device.model import Luma

    Flags = npt.NDArray[np.bool_]
    Map = npt.NDArray[np.float64]

_TILE = 16
"""Side of a tile of the map in pixels; every second pixel and row is looked at."""
_SHARE = 0.3
"""How far above the calmest parts, towards the fullest, a tile must be to belong to the region."""
_MARGIN = 3
"""Tiles kept around: the map is smoothed, and a code needs its quiet zone."""
_COARSE = 12
"""Tiles across from which half of what is more is kept around too: the modules of so large a code are as wide as a
tile, some at its rim are plain, and without a quiet zone it would lose a finder pattern."""
_PLAIN = 1.0
"""Texture below which there is nothing to read: about a noise of one grey level."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a plane, in pixels; right and bottom are not in it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def pixels(self) -> int:
        """Its area."""
        return (self.right - self.left) * (self.bottom - self.top)

    def cut(self, luma: Luma) -> Luma:
        """Return this part of a plane, without a copy."""
        return luma[self.top : self.bottom, self.left : self.right]


def whole(luma: Luma) -> Box:
    """Return the box of a whole plane."""
    return Box(0, 0, luma.shape[1], luma.shape[0])


def around(corners: Corners, luma: Luma, margin: float = 0.4) -> Box | None:
    """Return the box around a symbol and *margin* of its size on each side; ``None`` if it is not in the plane."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    spare = round(margin * max(max(xs) - min(xs), max(ys) - min(ys))) + 8
    left, top = max(0, min(xs) - spare), max(0, min(ys) - spare)
    right, bottom = min(luma.shape[1], max(xs) + spare), min(luma.shape[0], max(ys) + spare)
    return Box(left, top, right, bottom) if left < right and top < bottom else None


def around_all(places: Sequence[Corners], luma: Luma) -> Box | None:
    """Return the box around several symbols; ``None`` when there are none in the plane."""
    boxes = [box for corners in places if (box := around(corners, luma)) is not None]
    if not boxes:
        return None
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def fullest(luma: Luma) -> Box | None:
    """Return the part of a plane that is fullest of edges; ``None`` when all of it is plain.

    A plane too small for a map (under five tiles) is its own fullest part.
    """
    height, width = (luma.shape[0] - 2) // _TILE, (luma.shape[1] - 2) // _TILE
    if height < 5 or width < 5:
        return whole(luma)
    full = _smooth(np.sqrt(_edges(luma, height, width)))
    row, column = (int(n) for n in np.unravel_index(full.argmax(), full.shape))
    peak, calm = float(full[row, column]), float(np.percentile(full[2:-2, 2:-2], 10))
    if peak < _PLAIN:
        return None
    belongs = full > calm + _SHARE * (peak - calm)
    rows, columns = _run(belongs[:, column], row), _run(belongs[row], column)
    for _ in range(2):  # grow where at least half of a row, or column, of the region so far belongs
        rows = _run(belongs[:, columns].mean(axis=1) > 0.5, row)
        columns = _run(belongs[rows].mean(axis=0) > 0.5, column)
    (left, right), (top, bottom) = _with_margin(columns), _with_margin(rows)
    return Box(left, top, min(luma.shape[1], right), min(luma.shape[0], bottom))


def _with_margin(run: slice) -> tuple[int, int]:
    """Return from where to where in pixels a run of tiles goes, with what is kept around."""
    margin = _MARGIN + max(0, run.stop - run.start - _COARSE) // 2
    return max(0, run.start - margin) * _TILE, (run.stop + margin) * _TILE


def _edges(luma: Luma, height: int, width: int) -> Map:
    """Return for each tile the mean step across or down, whichever is less: a stripe is no code."""
    some = np.ascontiguousarray(luma[: height * _TILE + 2 : 2, : width * _TILE + 2 : 2])
    here = some[:-1, :-1]
    across, down = (
        _summed(np.maximum(there, here) - np.minimum(there, here)) for there in (some[:-1, 1:], some[1:, :-1])
    )
    least: Map = np.minimum(across, down) / (_TILE // 2) ** 2
    return least


def _summed(steps: Luma) -> npt.NDArray[np.uint16]:
    """Return the sums over half a tile each way, whole rows first: numpy is slow along short ones."""
    total = np.add(steps[::2], steps[1::2], dtype=np.uint16)
    total = total[::2] + total[1::2]
    total = total[::2] + total[1::2]
    for _ in range(3):
        total = total[:, ::2] + total[:, 1::2]
    return total


def _smooth(tiles: Map) -> Map:
    """Return the mean over 5 × 5 tiles; outside the picture counts as plain."""
    total = np.pad(tiles, ((3, 2), (3, 2))).cumsum(axis=0).cumsum(axis=1)
    mean: Map = (total[5:, 5:] - total[:-5, 5:] - total[5:, :-5] + total[:-5, :-5]) / 25
    return mean


def _run(flags: Flags, at: int) -> slice:
    """Return the unbroken run of flags around *at*."""
    off = np.flatnonzero(~flags)
    place = int(np.searchsorted(off, at))
    first = int(off[place - 1]) + 1 if place else 0
    end = int(off[place]) if place < len(off) else len(flags)
    return slice(min(first, at), max(end, at + 1))
