"""A QR code as a page draws it (segno's SVG), as a gate's camera would see it."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8]
SCALE: Final = 6
_PATH: Final = re.compile(r'stroke="#000" d="([^"]+)"')
_MOVE: Final = re.compile(r"([Mmh])(-?[0-9.]+)(?:[ ,]?(-?[0-9.]+))?")


def seen(svg: str) -> Plane:
    """Return the pixels of the code in *svg*: white, and black where its strokes go."""
    found = _PATH.search(svg)
    assert found, svg[:300]
    strokes, x, y = [], 0.0, 0.0
    for command, first, second in _MOVE.findall(found[1]):
        if command == "h":
            strokes.append((int(x), int(y), int(float(first))))
            x += float(first)
            continue
        before_x, before_y = (0.0, 0.0) if command == "M" else (x, y)
        x, y = before_x + float(first), before_y + float(second or 0)
    side = max(left + length for left, _, length in strokes) + 4
    modules = np.full((side, side), 255, np.uint8)
    for left, top, length in strokes:
        modules[top, left : left + length] = 0
    return np.ascontiguousarray(modules.repeat(SCALE, axis=0).repeat(SCALE, axis=1))
