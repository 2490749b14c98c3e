"""Background of a rendered frame: an entrance hall, out of focus, with somebody passing."""

from __future__ import annotations

import functools

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from device.demo.scenes.geometry import Size

_COARSE = 4
_SWAY = 6
"""Pixels by which the picture may shift: the mast of the gate is never quite still."""


def backdrop(size: Size, seed: int, moment_s: float) -> Image.Image:
    """Return the empty scene at one moment, mode ``L``.

    Args:
        size: width and height of the frame.
        seed: which place it is.
        moment_s: seconds since some start; the mast sways and a passer-by walks with it.
    """
    width, height = size
    still = _hall(size, seed)
    x = round(_SWAY * (1 + 0.5 * np.sin(1.3 * moment_s)))
    y = round(_SWAY * (1 + 0.4 * np.sin(0.9 * moment_s + 1)))
    picture = still.crop((x, y, x + width, y + height))
    figure = _figure(size)
    # Once across and some way beyond in 20 s, so that often nobody is there.
    across = (moment_s / 20 + seed * 0.37) % 1 * 2.2 - 0.6
    picture.paste(58, (round(across * width) - figure.width // 2, height - figure.height), figure)
    return picture


@functools.lru_cache(maxsize=4)
def _hall(size: Size, seed: int) -> Image.Image:
    """Light from above, a floor, a bright doorway, furniture; all of it blurred as behind the focus."""
    width, height = size[0] + 2 * _SWAY, size[1] + 2 * _SWAY
    coarse = (width // _COARSE + 2, height // _COARSE + 2)
    rng = np.random.default_rng((seed, 0x4841))
    falling = np.linspace(rng.uniform(120, 160), rng.uniform(70, 100), coarse[1])[:, None]
    rough = rng.normal(0, 9, (coarse[1] // 6 + 1, coarse[0] // 6 + 1))
    texture = np.kron(rough, np.ones((6, 6)))[: coarse[1], : coarse[0]]
    picture = Image.fromarray((falling + texture).clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    w, h = coarse
    draw.rectangle((0, 0.74 * h, w, h), fill=int(rng.integers(60, 90)))
    door = rng.uniform(0.1, 0.7)
    draw.rectangle((door * w, 0.18 * h, (door + 0.22) * w, 0.76 * h), fill=206)
    draw.rectangle(((door + 0.1) * w, 0.18 * h, (door + 0.115) * w, 0.76 * h), fill=120)
    for _ in range(9):
        x, y = rng.uniform(0, w), rng.uniform(0.1, 0.9) * h
        wide, tall = rng.uniform(0.03, 0.15) * w, rng.uniform(0.05, 0.3) * h
        draw.rectangle((x, y, x + wide, y + tall), fill=int(rng.integers(40, 180)))
    for x in np.arange(0.12, 1, 0.3) * w:
        draw.rectangle((x, 0.04 * h, x + 0.12 * w, 0.07 * h), fill=250)
    blurred = picture.filter(ImageFilter.GaussianBlur(w / 70))
    return blurred.resize((width, height), Image.Resampling.BICUBIC)


@functools.lru_cache(maxsize=4)
def _figure(size: Size) -> Image.Image:
    """Return the mask of a person some metres off."""
    tall = round(size[1] * 0.8)
    w, h = round(tall * 0.4) // _COARSE, tall // _COARSE
    mask = Image.new("L", (w, h), 0)
    draw = ImageDraw.Draw(mask)
    draw.ellipse((0.36 * w, 0.08 * h, 0.64 * w, 0.26 * h), fill=230)
    draw.rounded_rectangle((0.22 * w, 0.27 * h, 0.78 * w, 1.2 * h), 0.15 * w, fill=230)
    return mask.filter(ImageFilter.GaussianBlur(w / 22)).resize((w * _COARSE, h * _COARSE), Image.Resampling.BILINEAR)
