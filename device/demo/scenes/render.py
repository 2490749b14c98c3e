"""Renderer of one camera frame: a carrier before a background, through the blur of a lens and the noise of a sensor.

Only the part of the frame where the carrier is gets rendered anew; faces and background are kept.
Thread: any; the caches are shared.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from device.demo.scenes.backdrop import backdrop
from device.demo.scenes.bend import bend
from device.demo.scenes.carriers import SCREENS, Face, draw_face
from device.demo.scenes.geometry import Size, homography, perspective_coefficients, project
from device.demo.scenes.hand import Hand
from device.demo.scenes.scene import Optics, Scene

if TYPE_CHECKING:
    import numpy.typing as npt

    from device.demo.scenes.geometry import Matrix, Points
    from device.model import Luma

    Plane = npt.NDArray[np.float32]


def render(scene: Scene, size: Size, seed: int) -> Luma:
    """Return the frame as H×W uint8, C-contiguous.

    Args:
        scene: what there is to see.
        size: width and height in pixels.
        seed: of the sensor's noise; the rest follows from *scene*.
    """
    canvas = backdrop(size, scene.place, scene.moment_s)
    if scene.payload is not None:
        _hold_up(canvas, scene, scene.payload)
    return _expose(np.asarray(canvas), scene.optics, seed)


def _hold_up(canvas: Image.Image, scene: Scene, payload: bytes) -> None:
    """Draw hand and carrier on the canvas, through the lens."""
    texels = min(10, max(2, math.ceil(scene.pose.module_px)))
    face = draw_face(payload, scene.carrier, texels, scene.wear.damage, scene.wear.cover)
    if scene.wear.curvature > 0:
        face = bend(face, scene.wear.curvature)
    matrix = homography(scene.pose, canvas.size) @ _texels_to_modules(face)
    outline = project(matrix, face.outline)
    hand = Hand(matrix, face)
    everything = np.concatenate([outline, hand.reach()])
    blur = scene.optics.defocus_px
    window = _window(everything, 3 * blur + scene.optics.motion_px + 2, canvas.size)
    box = _window(outline, 1, canvas.size)
    if window is None:
        return
    draw = ImageDraw.Draw(canvas)
    hand.draw_behind(draw)
    if box is not None:
        canvas.paste(_seen(face, matrix, box, scene), box[:2], _mask(outline, box))
    hand.draw_before(draw)
    part = canvas.crop(window)
    if blur > 0:
        part = part.filter(ImageFilter.GaussianBlur(blur))
    if scene.optics.motion_px > 1:
        part = _smear(part, scene.optics)
    canvas.paste(part, window[:2])


def _texels_to_modules(face: Face) -> Matrix:
    scale = 1 / face.texels
    x, y = face.origin
    # The centre of the first texel lies half a texel inside, in Pillow as here: no shift needed.
    return np.array([[scale, 0, -x * scale], [0, scale, -y * scale], [0, 0, 1]])


def _window(points: Points, margin: float, size: Size) -> tuple[int, int, int, int] | None:
    """Return the whole pixels around *points* inside the frame; ``None`` when there are none."""
    left, top = np.floor(points.min(axis=0) - margin).astype(int)
    right, bottom = np.ceil(points.max(axis=0) + margin).astype(int)
    inside = max(0, int(left)), max(0, int(top)), min(size[0], int(right)), min(size[1], int(bottom))
    return inside if inside[0] < inside[2] and inside[1] < inside[3] else None


def _mask(outline: Points, box: tuple[int, int, int, int]) -> Image.Image:
    """Cut out the carrier; drawn at twice the size, for soft edges."""
    mask = Image.new("L", (2 * (box[2] - box[0]), 2 * (box[3] - box[1])), 0)
    ImageDraw.Draw(mask).polygon([(2 * (x - box[0]), 2 * (y - box[1])) for x, y in outline], fill=255)
    return mask.reduce(2)


def _seen(face: Face, matrix: Matrix, box: tuple[int, int, int, int], scene: Scene) -> Image.Image:
    """Return the carrier as it stands in the frame, lit."""
    size = box[2] - box[0], box[3] - box[1]
    coefficients = perspective_coefficients(matrix, (box[0], box[1]))
    flat = face.texture.transform(
        size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR, fillcolor=face.rim
    )
    code_px = face.code_modules * scene.pose.module_px
    centre = project(matrix, np.array([face.origin]))[0] - box[:2]
    # x and y in widths of the code from its centre
    x = ((np.arange(size[0]) - centre[0]) / code_px).astype(np.float32)
    y = ((np.arange(size[1]) - centre[1]) / code_px).astype(np.float32)
    lit: Plane = np.asarray(flat, dtype=np.float32)
    shining = scene.carrier in SCREENS
    lit = lit * (1 + (0.08 if shining else 0.25) * scene.light.slope * x)[None, :]
    if scene.light.moire > 0 and shining:
        lit *= _moire(x, y, scene)
    if scene.light.glare > 0:
        at_x, at_y = scene.light.glare_at
        spot = np.outer(np.exp(-(((y - at_y) / 0.35) ** 2)), np.exp(-(((x - at_x) / 0.5) ** 2)))
        lit += (255 - lit) * (scene.light.glare * spot.astype(np.float32))
    return Image.fromarray(np.clip(lit, 0, 255, out=lit).astype(np.uint8))


def _moire(x: npt.NDArray[np.float32], y: npt.NDArray[np.float32], scene: Scene) -> Plane:
    """Return slanted beats (a product of waves along both axes) and bands of flicker, as factors."""
    roll = math.radians(scene.pose.roll_deg + 4)
    across, down = 22 * math.cos(roll) * x, 22 * math.sin(roll) * y + 9 * scene.moment_s
    beats = np.outer(np.cos(down), np.cos(across)) - np.outer(np.sin(down), np.sin(across))
    bands = np.sin(5 * y + 11 * scene.moment_s)[:, None]
    factor: Plane = (1 + scene.light.moire * (0.1 * beats + 0.07 * bands)).astype(np.float32)
    return factor


def _smear(part: Image.Image, optics: Optics) -> Image.Image:
    """Average the picture over the way it moved."""
    steps = min(9, 2 + round(optics.motion_px / 2))
    angle = math.radians(optics.motion_deg)
    reach = math.ceil(optics.motion_px / 2)
    source = np.pad(np.asarray(part), reach, mode="edge")
    width, height = part.size
    total = np.zeros((height, width), dtype=np.uint16)
    for way in np.linspace(-0.5, 0.5, steps) * optics.motion_px:
        y, x = reach + round(way * math.sin(angle)), reach + round(way * math.cos(angle))
        total += source[y : y + height, x : x + width]
    return Image.fromarray((total // steps).astype(np.uint8))


def _expose(luma: Luma, optics: Optics, seed: int) -> Luma:
    """Add vignetting, exposure and noise: per pixel one random byte and one look in a table."""
    height, width = luma.shape
    shaded = (luma * _vignette((width, height)) >> np.uint16(8)).astype(np.uint8)
    chance = np.frombuffer(np.random.default_rng(seed).bytes(luma.size), dtype=np.uint8).reshape(luma.shape)
    both = shaded.astype(np.uint16) << np.uint16(8) | chance
    exposed: Luma = _response(optics.exposure, optics.noise)[both]
    return exposed


@functools.lru_cache(maxsize=4)
def _vignette(size: Size) -> npt.NDArray[np.uint16]:
    """Return factors of 256: a fifth darker in the corners."""
    x = np.linspace(-1, 1, size[0])[None, :] ** 2
    y = np.linspace(-1, 1, size[1])[:, None] ** 2
    return (256 * (1 - 0.1 * (x + y))).astype(np.uint16)


@functools.lru_cache(maxsize=32)
def _response(exposure: float, noise: float) -> Luma:
    """Return what the sensor gives for each luma (high byte) and each random byte (low byte)."""
    light = np.arange(256) * exposure
    # The noise of light grows with its square root; a part of it is there in the dark as well.
    spread = noise * np.sqrt(0.3 + 0.7 * light / 128)
    levels = light[:, None] + spread[:, None] * _normal_quantiles()[None, :]
    return levels.round().clip(0, 255).astype(np.uint8).ravel()


@functools.lru_cache(maxsize=1)
def _normal_quantiles() -> npt.NDArray[np.float64]:
    """Return 256 equally likely values of the normal distribution (its error function turned round)."""
    grid = np.linspace(-4, 4, 4001)
    below = np.array([0.5 * (1 + math.erf(x / math.sqrt(2))) for x in grid])
    return np.interp((np.arange(256) + 0.5) / 256, below, grid)
