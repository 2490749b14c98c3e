"""Plain pictures of codes for the decoder's tests."""

from __future__ import annotations

import numpy as np
import segno
from numpy.typing import NDArray

Plane = NDArray[np.uint8]


def code(
    content: str | bytes,
    *,
    level: str = "m",
    eci: bool = False,
    encoding: str | None = "utf-8",
    mode: str | None = None,
) -> segno.QRCode:
    """Make a QR code (never a Micro QR code)."""
    if isinstance(content, bytes):
        encoding = None
    return segno.make(content, error=level, micro=False, eci=eci, encoding=encoding, mode=mode, boost_error=False)


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


def cheap_code(payload: bytes, *, mask: int) -> segno.QRCode:
    """Make a QR code with a mask chosen beforehand: choosing the best one is nearly all of segno's time."""
    return segno.make(payload, error="m", micro=False, mask=mask, boost_error=False)


def empty_code() -> segno.QRCode:
    """Make a code that says it holds 0 bytes, which segno refuses to: version 1-L, mask 0."""
    symbol = segno.make("x", version=1, error="l", mask=0, micro=False, boost_error=False)
    words = [0x40, 0x00] + [0xEC, 0x11] * 9  # mode 0100, count 0, terminator, then padding
    bits = [word >> n & 1 for word in _with_correction(words[:19], 7) for n in range(7, -1, -1)]
    for bit, (row, column) in zip(bits, _data_places(), strict=True):
        symbol.matrix[row][column] = bit ^ (row + column + 1) % 2
    return symbol


def _with_correction(words: list[int], count: int) -> list[int]:
    """Append the Reed-Solomon words of ISO/IEC 18004 (polynomial 0x11D)."""
    powers = [1]
    for _ in range(254):
        powers.append(powers[-1] << 1 ^ (0x11D if powers[-1] & 0x80 else 0))
    powers = [power & 0xFF for power in powers]

    def times(a: int, b: int) -> int:
        return powers[(powers.index(a) + powers.index(b)) % 255] if a and b else 0

    generator = [1]
    for n in range(count):
        generator = [a ^ times(b, powers[n]) for a, b in zip([*generator, 0], [0, *generator], strict=True)]
    rest = words + [0] * count
    for n in range(len(words)):
        factor = rest[n]
        for k, coefficient in enumerate(generator):
            rest[n + k] ^= times(coefficient, factor)
    return words + rest[len(words) :]


def _data_places() -> list[tuple[int, int]]:
    """List where the bits of a version 1 code go, in order: two columns wide, up and down."""
    places = []
    rows = list(range(20, -1, -1))
    for right in (20, 18, 16, 14, 12, 10, 8, 5, 3, 1):
        for row in rows:
            for column in (right, right - 1):
                corner = (row < 9 and (column < 9 or column > 12)) or (row > 12 and column < 9)
                if not corner and 6 not in (row, column):
                    places.append((row, column))
        rows.reverse()
    return places
