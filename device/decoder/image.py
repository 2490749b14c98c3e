"""Image operations of the decoder in numpy: downscale, upscale, sharpen, thicken (2×2 minimum), invert."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from device.model import Luma, Point, Symbol

MOST_PIXELS = 3_200_000
"""Larger planes are shrunk first, so that no picture costs unbounded work."""
LONGEST_SIDE = 32_000
"""zxing-cpp refuses sides over 65,535 with an exception."""


def bounded(luma: object) -> tuple[Luma, int] | None:
    """Make any array safe to decode.

    Returns:
        A C-contiguous H×W uint8 plane of at most `MOST_PIXELS`, and by which whole factor it was
        shrunk (1 nearly always: then an already contiguous plane is not copied). ``None`` when
        *luma* is no such plane at all: another type, another number of dimensions, no pixels.
    """
    if not isinstance(luma, np.ndarray) or luma.ndim != 2 or luma.dtype != np.uint8 or luma.size == 0:
        return None
    factor = max(int(np.ceil(np.sqrt(luma.size / MOST_PIXELS))), -(-max(luma.shape) // LONGEST_SIDE))
    if factor <= 1:
        return np.ascontiguousarray(luma), 1
    return shrunk(luma, factor), factor


def shrunk(luma: Luma, factor: int) -> Luma:
    """Shrink by a whole factor: each pixel is the mean of a block; a ragged edge is left out."""
    height, width = max(1, luma.shape[0] // factor), max(1, luma.shape[1] // factor)
    total = np.zeros((height, width), np.uint32)
    count = 0
    for i in range(min(factor, luma.shape[0])):
        for j in range(min(factor, luma.shape[1])):
            total += luma[i::factor, j::factor][:height, :width]
            count += 1
    return (total // count).astype(np.uint8)


_STRIP = 48
"""Rows sharpened at a time: what is worked on stays in the processor's cache."""


def sharpened(luma: Luma, distance: int = 2) -> Luma:
    """Undo some blur: 2.5 times each pixel less 1.5 times the mean of four neighbours.

    The neighbours lie *distance* pixels off; the rim is left as it is.
    """
    d = distance
    height, width = luma.shape
    sharp = luma.copy()
    if min(height, width) <= 2 * d:
        return sharp
    for top in range(d, height - d, _STRIP):
        bottom = min(top + _STRIP, height - d)
        wide = luma[top - d : bottom + d].astype(np.int16)
        middle = wide[d:-d, d:-d]
        around = wide[: -2 * d, d:-d] + wide[2 * d :, d:-d]
        around += wide[d:-d, : -2 * d]
        around += wide[d:-d, 2 * d :]
        around *= 3
        out = middle * 20
        out -= around
        out >>= 3
        np.clip(out, 0, 255, out=out)
        sharp[top:bottom, d:-d] = out
    return sharp


def bolder(luma: Luma) -> Luma:
    """Let each pixel be the darkest of itself and its left, upper and upper left neighbours.

    Ink that light has eaten grows back.
    """
    out = luma.copy()
    np.minimum(out[:, 1:], luma[:, :-1], out=out[:, 1:])
    across = out.copy()
    np.minimum(out[1:], across[:-1], out=out[1:])
    return out


def inverted(luma: Luma) -> Luma:
    """Turn light and dark round."""
    return np.invert(luma)


def half(luma: Luma) -> Luma:
    """Shrink twice: noise and the beats of a screen average out."""
    return shrunk(luma, 2)


def sharp_double(luma: Luma) -> Luma:
    """Sharpen, then enlarge twice."""
    return doubled(sharpened(luma))


def doubled(luma: Luma) -> Luma:
    """Enlarge twice, with straight lines between the pixels (H×W becomes 2H-1 × 2W-1)."""
    height, width = luma.shape
    out = np.empty((2 * height - 1, 2 * width - 1), np.uint8)
    wide = luma.astype(np.uint16)
    out[::2, ::2] = luma
    out[::2, 1::2] = (wide[:, :-1] + wide[:, 1:]) >> 1
    down = wide[:-1] + wide[1:]
    out[1::2, ::2] = down >> 1
    out[1::2, 1::2] = (down[:, :-1] + down[:, 1:]) >> 2
    return out


def tile_means(luma: Luma, side: int) -> npt.NDArray[np.int16]:
    """Make a thumbnail: the mean of each tile of *side* × *side* pixels, from every fourth row.

    A ragged edge is left out; a plane smaller than one tile is one tile.
    """
    height, width = luma.shape
    if height < side or width < side:
        return np.array([[int(luma[::4].mean())]], np.int16)
    rows, columns = height // side, width // side
    step = 4 if side % 4 == 0 else 1
    some = luma[: rows * side : step, : columns * side]
    across = some.reshape(-1, columns, side).sum(axis=2, dtype=np.uint32)
    tiles = across.reshape(rows, side // step, columns).sum(axis=1)
    means: npt.NDArray[np.int16] = (tiles // (side * side // step)).astype(np.int16)
    return means


def scaled(corners: tuple[Point, Point, Point, Point], scale: float) -> tuple[Point, Point, Point, Point]:
    """Bring corners back from a plane that was made *scale* times as large."""
    if scale == 1:
        return corners
    one, two, three, four = ((round(x / scale), round(y / scale)) for x, y in corners)
    return one, two, three, four


def moved(corners: tuple[Point, Point, Point, Point], left: int, top: int) -> tuple[Point, Point, Point, Point]:
    """Bring corners back from a part of a plane that starts at *left*, *top*."""
    one, two, three, four = ((x + left, y + top) for x, y in corners)
    return one, two, three, four


def enlarged_symbols(symbols: tuple[Symbol, ...], factor: int) -> tuple[Symbol, ...]:
    """Bring symbols back from a plane that was shrunk by *factor*."""
    if factor == 1:
        return symbols
    return tuple(replace(symbol, corners=scaled(symbol.corners, 1 / factor)) for symbol in symbols)
