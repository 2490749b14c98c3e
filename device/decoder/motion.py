"""Motion detection by frame differencing on a thumbnail: a still scene is not decoded again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from device.decoder.image import tile_means

if TYPE_CHECKING:
    import numpy.typing as npt

    from device.model import Luma

_TILE = 16
_STEP = 8
"""Grey levels a tile must change by. Sensor noise of 10 levels moves the mean of a tile by about 1.3."""


class MotionDetector:
    """Compares each frame with the last one that changed, on a thumbnail.

    What changes slowly is seen too: the comparison is with the frame of the last change, not with
    the one before.
    """

    def __init__(self) -> None:
        self._reference: npt.NDArray[np.int16] | None = None

    def moving(self, luma: Luma) -> bool:
        """Return whether *luma* (H×W uint8, not empty) differs from the last frame that did; the first does."""
        tiles = tile_means(luma, _TILE)
        before = self._reference
        if before is not None and before.shape == tiles.shape and int(np.abs(tiles - before).max(initial=0)) < _STEP:
            return False
        self._reference = tiles
        return True
