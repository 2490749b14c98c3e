"""Plain pictures of codes for the decoder's tests."""

from __future__ import annotations

import numpy as np
import segno
from numpy.typing import NDArray

Plane = NDArray[np.uint8]


def code(content: str | bytes, *, level: str = "m", eci: bool = False, encoding: str | None = "utf-8") -> segno.QRCode:
    """Make a QR code (never a Micro QR code)."""
    if isinstance(content, bytes):
        encoding = None
    return segno.make(content, error=level, micro=False, eci=eci, encoding=encoding, boost_error=False)


def drawn(symbol: segno.QRCode, *, px: int = 4, dark: int = 20, light: int = 235, quiet: int = 4) -> Plane:
    """Draw a code with *px* pixels a module."""
    modules = np.pad(np.array([list(row) for row in symbol.matrix], np.uint8), quiet)
    return np.kron(np.where(modules, dark, light), np.ones((px, px), np.int64)).astype(np.uint8)


def picture(content: str | bytes, *, px: int = 4) -> Plane:
    """Draw *content* as a plain code."""
    return drawn(code(content), px=px)


def placed(thing: Plane, *, shape: tuple[int, int] = (480, 640), at: tuple[int, int] = (100, 200)) -> Plane:
    """Put a picture on a grey frame, *at* (row, column)."""
    frame = np.full(shape, 128, np.uint8)
    frame[at[0] : at[0] + thing.shape[0], at[1] : at[1] + thing.shape[1]] = thing
    return frame


def blurred(plane: Plane, times: int) -> Plane:
    """Blur with a 3 × 3 mean, several times."""
    out = plane.astype(np.float64)
    for _ in range(times):
        out = np.mean([np.roll(out, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)], axis=0)
    return out.astype(np.uint8)


def noisy(plane: Plane, seed: int, *, deviation: float = 3.0) -> Plane:
    """Add the noise of a sensor."""
    noise = np.random.default_rng(seed).normal(0, deviation, plane.shape)
    return np.clip(plane + noise, 0, 255).astype(np.uint8)
