"""QR codes as module matrices (segno), whole or damaged."""

from __future__ import annotations

import functools
import zlib
from typing import TYPE_CHECKING

import numpy as np
import segno
from PIL import Image, ImageFilter

if TYPE_CHECKING:
    import numpy.typing as npt

    Modules = npt.NDArray[np.bool_]


@functools.lru_cache(maxsize=64)
def modules(payload: bytes, damage: float = 0.0) -> Modules:
    """Return the code of *payload* as N×N modules, ``True`` where it is dark; no quiet zone.

    Error correction M and no ECI, as on the real cards.

    Args:
        payload: the bytes to encode.
        damage: the share of the data modules that lie in rubbed-out patches, where a module says
            anything. What a reader needs to find the code is spared. From 0.5 on no error
            correction can bring the payload back (level M repairs 15 % of the codewords).
    """
    code = segno.make_qr(payload, error="m", boost_error=False)
    dark = np.array([list(row) for row in code.matrix], dtype=np.bool_)
    if damage > 0:
        rng = np.random.default_rng((zlib.crc32(payload), 0x4441))
        patches = _patches(len(dark), rng)
        data = ~_function_patterns(len(dark))
        rubbed = data & (patches >= np.quantile(patches[data], 1 - damage))
        dark = np.where(rubbed, rng.random(dark.shape) < 0.5, dark)
    dark.setflags(write=False)
    return dark


def _patches(count: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return smooth random heights: the highest parts make patches a few modules wide."""
    rough = Image.fromarray(rng.integers(0, 256, (count, count), dtype=np.uint8))
    smooth = np.asarray(rough.filter(ImageFilter.GaussianBlur(1.5)), dtype=np.float64)
    return smooth + rng.random((count, count)) / 2


def _function_patterns(count: int) -> Modules:
    """Return where finder patterns with format and version, timing, and the last alignment pattern are."""
    reserved = np.zeros((count, count), dtype=np.bool_)
    reserved[:9, :9] = reserved[:9, -8:] = reserved[-8:, :9] = True
    reserved[6, :] = reserved[:, 6] = True
    reserved[-11:-8, :6] = reserved[:6, -11:-8] = True
    reserved[-9:-4, -9:-4] = True
    return reserved
