"""Frames made to be dear: finder patterns, broken codes and what looks like them, dark on light and turned round.

Each kind is shown as a picture that stays, one that moves, and one that is another in every frame, over
the whole frame and on a part of it: naive is quick where little of the frame is textured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import segno

from tests.bench.decode_scenes import GATE_SIZE, Draw

if TYPE_CHECKING:
    import numpy.typing as npt

    from device.model import Luma

    Modules = npt.NDArray[np.int64]

SHARES = (1.0, 0.3, 0.05)
"""Of the frame, one after the other."""
WAYS = ("still", "moving", "new")
_DARK, _LIGHT, _GROUND = 20, 235, 128
_WIDTH, _HEIGHT = GATE_SIZE


def _rings(count: int) -> Modules:
    """Return nested squares, *count* modules across, dark outside."""
    off = np.abs(np.arange(count) - count // 2)
    return (np.maximum(off[:, None], off[None]) + 1 + count // 2) % 2


def _finder(_draw: Draw) -> Modules:
    square = np.ones((7, 7), np.int64)
    square[1:6, 1:6] = 0
    square[2:5, 2:5] = 1
    return np.pad(square, 1)


def _code(draw: Draw) -> Modules:
    text = str(draw.integers(10**9, 10**10))
    matrix = segno.make(text, error="l", mask=int(draw.integers(8)), micro=False).matrix
    return np.pad(np.array([list(row) for row in matrix], np.int64), 2)


def _broken(draw: Draw) -> Modules:
    """Return a code whose data says nothing; finder patterns, timing and format stand."""
    whole = _code(draw)
    inside = whole[2:-2, 2:-2]
    data = np.ones(inside.shape, np.bool_)
    data[:9, :9] = data[:9, -8:] = data[-8:, :9] = False
    data[6], data[:, 6] = False, False
    inside[data] = draw.integers(0, 2, inside.shape)[data]
    return whole


def _aztec(draw: Draw) -> Modules:
    matrix = draw.integers(0, 2, (15, 15))
    matrix[2:13, 2:13] = _rings(11)
    return np.pad(matrix, 2)


def _data_matrix(draw: Draw) -> Modules:
    matrix = draw.integers(0, 2, (14, 14))
    matrix[:, 0] = matrix[-1] = 1
    matrix[0], matrix[:, -1] = np.arange(14) % 2 == 0, np.arange(14) % 2
    return np.pad(matrix, 2)


def _tiled(make: Callable[[Draw], Modules], module_px: int, draw: Draw) -> Luma:
    """Fill a frame with one thing beside the other; sixteen different ones are drawn."""
    things = [np.kron(make(draw), np.ones((module_px, module_px), np.int64)) for _ in range(16)]
    side = len(things[0])
    down, across = -(-_HEIGHT // side), -(-_WIDTH // side)
    rows = [np.hstack([things[draw.integers(16)] for _ in range(across)]) for _ in range(down)]
    return np.where(np.vstack(rows)[:_HEIGHT, :_WIDTH], _DARK, _LIGHT).astype(np.uint8)


def _finders_in_noise(draw: Draw) -> Luma:
    frame = np.clip(draw.normal(_GROUND, 60, (_HEIGHT, _WIDTH)), 0, 255).astype(np.uint8)
    square = np.where(np.kron(_finder(draw), np.ones((3, 3))), _DARK, _LIGHT)
    for _ in range(300):
        top, left = draw.integers(_HEIGHT - 27), draw.integers(_WIDTH - 27)
        frame[top : top + 27, left : left + 27] = square
    return frame


def _checkers(_draw: Draw) -> Luma:
    down, across = np.mgrid[:_HEIGHT, :_WIDTH] // 3
    return np.where((down + across) % 2, _LIGHT, _DARK).astype(np.uint8)


def _noise(draw: Draw) -> Luma:
    cells = draw.integers(0, 2, (_HEIGHT // 4, _WIDTH // 4))
    return np.where(np.kron(cells, np.ones((4, 4))), _LIGHT, _DARK).astype(np.uint8)


def _halftone(_draw: Draw) -> Luma:
    down, across = np.mgrid[:_HEIGHT, :_WIDTH]
    grey = 128 + 100 * np.sin(across / 150) * np.cos(down / 120)
    screen = 128 + 127 * np.sin(across * np.pi / 3) * np.sin(down * np.pi / 3)
    return np.where(screen < grey, _LIGHT, _DARK).astype(np.uint8)


KINDS: dict[str, Callable[[Draw], Luma]] = {
    "finder patterns in noise": _finders_in_noise,
    "finder patterns side by side": lambda draw: _tiled(_finder, 2, draw),
    "broken codes": lambda draw: _tiled(_broken, 3, draw),
    "small broken codes": lambda draw: _tiled(_broken, 2, draw),
    "hundreds of small codes": lambda draw: _tiled(_code, 2, draw),
    "nested squares": lambda draw: _tiled(lambda _: np.pad(_rings(13), 1), 2, draw),
    "Aztec codes": lambda draw: _tiled(_aztec, 2, draw),
    "data matrices": lambda draw: _tiled(_data_matrix, 3, draw),
    "checkers": _checkers,
    "noise": _noise,
    "halftone": _halftone,
}


def frames(kind: str, way: str, count: int, *, share: float = 1.0, inverted: bool = False) -> Iterator[Luma]:
    """Yield *count* frames (H×W uint8) of one of `KINDS`, shown in one of `WAYS`; the rest of the frame is plain."""
    draw = np.random.default_rng((7, list(KINDS).index(kind)))
    frame = _on_ground(KINDS[kind](draw), share)
    for number in range(count):
        if way == "new" and number:
            frame = _on_ground(KINDS[kind](draw), share)
        shown = np.roll(frame, (3 * number, 7 * number), (0, 1)) if way == "moving" else frame
        yield np.invert(shown) if inverted else shown


def _on_ground(frame: Luma, share: float) -> Luma:
    if share == 1:
        return frame
    height, width = (round(side * share**0.5) for side in frame.shape)
    top, left = (_HEIGHT - height) // 2, (_WIDTH - width) // 2
    out = np.full_like(frame, _GROUND)
    out[top : top + height, left : left + width] = frame[top : top + height, left : left + width]
    return out
