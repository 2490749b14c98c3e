"""Detection of a covered lens and of a frozen sensor (camera tampering): both go on giving frames.

A picture is tested for being one even grey, and for being the same as before to the last bit. A torn
frame is neither: it costs one frame, and error correction keeps it from being read wrongly.

**Covered.** The picture is cut into tiles of 64 × 64 pixels; when the brightest mean and the darkest
lie less than 6 grey levels apart for 3 s, there is nothing to see. A tape, a hand, paint, a bag and
a dazzled sensor look like that. Noise does not hide it: 10 levels of it, a small sensor at full
gain, move the mean of a tile (1,024 pixels of it are looked at) by a third of a level, and the
extremes of 300 tiles by about two. A hall at night is not covered: one lit exit sign, a street
lamp through a door or the gate's own red lamp on the floor lifts a tile by more than 6, and so does
the shading of any wall or ceiling by daylight. A room so dark that nothing stands out is reported
too, for no card could be read there. A phone that lights up there is read at once, and a read code, or
something to see for a second without a break, ends it; the blinking of the gate's own fault lamp does not.

**Frozen.** The noise of a living sensor changes some bit in every frame, so frames with one checksum
for 3 s come from a driver that repeats itself; opening the camera anew is what helps, and while that
shows the same picture still it is lost with its first frame. A picture that is
one grey may be clipped to the same value everywhere, noise and all, and is not called frozen.

Only a live camera is watched so: a replayed photo does not move.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from device.errors import CameraLost
from device.words import sentence

if TYPE_CHECKING:
    from device.model import Frame, Luma

FOR_MS = 3_000
"""How long it must last. With the looks half a second apart it is told well within 5 s."""
LOOK_EVERY_MS = 500
BACK_MS = 1_000
"""How long there must be something to see until the lens counts as uncovered again."""
EVEN = 6
"""Grey levels between the brightest and the darkest tile below which there is nothing to see."""
COVERED = sentence("the camera sees nothing but one even grey; uncover or clean the lens, or light the room")
FROZEN = sentence("the camera has given one and the same picture for 3 s; it is opened again")

_TILE = 64


class CoveredLensDetector:
    """Watches the frames of a live camera, also when it is opened again. Used on the eye's one thread.

    Attributes:
        something_shown: the lens counts as covered, and yet this frame shows something: worth decoding.
    """

    def __init__(self) -> None:
        self._looked_ms: int | None = None
        self._even_since_ms: int | None = None
        self._same_since_ms = 0
        self._checksum = -1
        self._covered = False
        self._back_since_ms: int | None = None
        self.something_shown = False

    def look(self, frame: Frame) -> str | None:
        """Return why this frame shows nothing; ``None`` while the camera sees.

        Looks twice a second, and at every frame while the lens is covered.

        Raises:
            CameraLost: the picture is frozen.
        """
        now_ms = frame.captured_ms
        if self._covered or self._looked_ms is None or now_ms - self._looked_ms >= LOOK_EVERY_MS:
            self._looked_ms = now_ms
            self._take_in(frame.luma, now_ms)
        return COVERED if self._covered else None

    def code_read(self) -> None:
        """Count the lens as uncovered: a code was read."""
        self._covered = self.something_shown = False

    def _take_in(self, luma: Luma, now_ms: int) -> None:
        if spread(luma) < EVEN:
            if self._even_since_ms is None:
                self._even_since_ms = now_ms
            self._covered = self._covered or now_ms - self._even_since_ms >= FOR_MS
            self._back_since_ms, self.something_shown, self._checksum = None, False, -1
            return
        self._even_since_ms = None
        if self._covered:
            if self._back_since_ms is None:
                self._back_since_ms = now_ms
            self._covered = now_ms - self._back_since_ms < BACK_MS
        self.something_shown = self._covered
        self._watch_bits(luma, now_ms)

    def _watch_bits(self, luma: Luma, now_ms: int) -> None:
        checksum = zlib.crc32(np.ascontiguousarray(luma).data)
        if checksum != self._checksum:
            self._checksum, self._same_since_ms = checksum, now_ms
        elif now_ms - self._same_since_ms >= FOR_MS:
            raise CameraLost(FROZEN)


def spread(luma: Luma) -> float:
    """Return by how many grey levels the brightest tile of a plane (H×W uint8) is above the darkest.

    Every fourth row is looked at; a ragged edge is left out, and a plane smaller than two tiles is
    judged by its single pixels.
    """
    rows, columns = luma.shape[0] // _TILE, luma.shape[1] // _TILE
    if rows * columns < 2:
        return float(int(luma.max(initial=0)) - int(luma.min(initial=255)))
    some = luma[: rows * _TILE : 4, : columns * _TILE]
    means = some.reshape(rows, _TILE // 4, columns, _TILE).mean(axis=(1, 3), dtype=np.float32)
    return float(means.max() - means.min())
