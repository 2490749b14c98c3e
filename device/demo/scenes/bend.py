"""Cylindrical distortion of a carrier: paper bent about an upright axis."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from device.demo.scenes.carriers import Face

if TYPE_CHECKING:
    from device.demo.scenes.geometry import Points

_STRIPS = 48


@functools.lru_cache(maxsize=24)
def bend(face: Face, curvature: float) -> Face:
    """Return *face* bent like the outside of a tin.

    Args:
        face: flat.
        curvature: half the angle it spans, as a share of a right angle: 0.3 is a sheet held in
            one hand, 0.8 a sticker on a bottle.
    """
    width, height = face.texture.size
    angle = curvature * np.pi / 2
    # Seen from a little above: the middle, which is nearer, hangs lower.
    drop = 0.15 * width * (1 - np.cos(angle)) / np.sin(angle)
    tall = height + round(drop)
    edges = np.linspace(0, width, _STRIPS + 1).round()
    flat_x = (1 + np.arcsin((edges / width * 2 - 1) * np.sin(angle)) / angle) * width / 2
    down = drop * _nearness(flat_x, width, angle)
    mesh = []
    for i in range(_STRIPS):
        left, right = flat_x[i], flat_x[i + 1]
        quad = (left, -down[i], left, tall - down[i], right, tall - down[i + 1], right, -down[i + 1])
        mesh.append(((int(edges[i]), 0, int(edges[i + 1]), tall), quad))
    texture = face.texture.transform(
        (width, tall), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR, fillcolor=face.rim
    )
    lit = 1 - 0.35 * (1 - _nearness(flat_x, width, angle)) * np.sin(angle)
    shade = np.interp(np.arange(width), edges, lit)
    texture = Image.fromarray((np.asarray(texture) * shade).astype(np.uint8))
    moved = _moved(np.array([face.origin]), width, angle, drop)[0]
    outline = _moved(face.outline, width, angle, drop)
    return dataclasses.replace(face, texture=texture, origin=(float(moved[0]), float(moved[1])), outline=outline)


def _nearness(flat_x: Points, width: int, angle: float) -> Points:
    """Say how near each column is: 1 in the middle, 0 at the edges."""
    theta = (flat_x / width * 2 - 1) * angle
    near: Points = (np.cos(theta) - np.cos(angle)) / (1 - np.cos(angle))
    return near


def _moved(points: Points, width: int, angle: float, drop: float) -> Points:
    x = (1 + np.sin((points[:, 0] / width * 2 - 1) * angle) / np.sin(angle)) * width / 2
    return np.column_stack([x, points[:, 1] + drop * _nearness(points[:, 0], width, angle)])
