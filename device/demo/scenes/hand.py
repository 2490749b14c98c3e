"""Drawing of the hand that holds a carrier, as flat discs and lines: enough for what a lens makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import ImageDraw

from device.demo.scenes.carriers import SKIN, Box, Face
from device.demo.scenes.geometry import project

if TYPE_CHECKING:
    from device.demo.scenes.geometry import Matrix, Points


class Hand:
    """A hand that holds the carrier at its lower left, and the arm below it."""

    def __init__(self, matrix: Matrix, face: Face) -> None:
        """Find where to grip: away from the code, in pixels of the frame."""
        width, height = face.texture.size
        thick = face.thumb
        # on the lower edge of a wide carrier; on the left edge of a tall one, below the middle
        grip = (0.3 * width, height) if width > height else (0.0, 0.8 * height)
        tip = (grip[0], height - 1.2 * thick) if width > height else (0.9 * thick, grip[1] - 0.3 * thick)
        points = np.array([grip, tip, (grip[0] + thick, grip[1])], dtype=np.float64)
        self._grip, self._tip, beside = project(matrix, points)
        self._thick = float(np.hypot(*(beside - self._grip)))

    def reach(self) -> Points:
        """Return points around everything that is drawn."""
        around = 2.2 * self._thick
        x, y = self._grip
        return np.array([(x - around, y - around), (x + around, y + around), self._elbow()])

    def _elbow(self) -> tuple[float, float]:
        return float(self._grip[0] - 2.0 * self._thick), float(self._grip[1] + 9 * self._thick)

    def draw_behind(self, draw: ImageDraw.ImageDraw) -> None:
        """Draw sleeve, palm and the fingers behind the carrier."""
        x, y = (float(number) for number in self._grip)
        elbow = self._elbow()
        draw.line((x, y + 1.2 * self._thick, *elbow), fill=SKIN - 30, width=max(1, round(1.9 * self._thick)))
        draw.line(
            (x - 0.9 * self._thick, y + 4.0 * self._thick, *elbow), fill=52, width=max(1, round(2.8 * self._thick))
        )
        _disc(draw, (x - 0.1 * self._thick, y + 0.75 * self._thick), 1.15 * self._thick, SKIN - 22)
        for number in range(4):
            _disc(draw, (x + (number - 1.2) * 0.75 * self._thick, y + 0.1 * self._thick), 0.5 * self._thick, SKIN - 12)

    def draw_before(self, draw: ImageDraw.ImageDraw) -> None:
        """Draw the thumb that lies on the carrier."""
        steps = 6
        for i in range(steps + 1):
            x, y = self._grip + (self._tip - self._grip) * (i / steps)
            _disc(draw, (float(x), float(y)), 0.48 * self._thick, SKIN)
        nail = self._grip + (self._tip - self._grip) * 1.1
        _disc(draw, (float(nail[0]), float(nail[1])), 0.26 * self._thick, SKIN + 24)


def _disc(draw: ImageDraw.ImageDraw, at: tuple[float, float], radius: float, fill: int) -> None:
    box: Box = at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius
    draw.ellipse(box, fill=fill)
