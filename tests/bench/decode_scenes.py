"""The pictures of ``./setup.sh bench decode``: what is hard about codes at a gate, one kind at a time.

Everything follows from a seed. The ranges are those of real visits (a card held at 12 to 35 cm, a
screen among lamps, a creased sheet), set before anything was measured and meant to leave every
decoder something to miss.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from device.demo.scenes.carriers import Carrier
from device.demo.scenes.geometry import Pose, Size
from device.demo.scenes.people import citizen_card, hc1_like, insurance_card, invent, national_code
from device.demo.scenes.render import render
from device.demo.scenes.scene import Light, Optics, Scene, Wear
from device.demo.scenes.walk import Approach

if TYPE_CHECKING:
    from device.model import Luma

GATE_SIZE: Size = (1296, 972)
SWEEP_SIZE: Size = (800, 600)
SWEEP_PX = tuple(round(1.0 + 0.25 * step, 2) for step in range(13))
"""Pixels a module at which the read rate is plotted."""

Draw = np.random.Generator


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture to read.

    Attributes:
        kind: which row of the table it belongs to.
        scene: what it shows.
        size: width and height of the frame.
        seed: of the sensor's noise.
    """

    kind: str
    scene: Scene
    size: Size
    seed: int

    def luma(self) -> Luma:
        """Render it, H×W uint8."""
        return render(self.scene, self.size, self.seed)


def _held(draw: Draw, lowest_px: float, highest_px: float, steepest_deg: float = 22) -> Pose:
    """Hold a code somewhere in the frame, at a size and at angles drawn at random."""
    tilt, turn, roll = draw.uniform(-1, 1, 3) * (steepest_deg, steepest_deg, 25)
    centre = float(draw.uniform(0.35, 0.65)), float(draw.uniform(0.4, 0.6))
    return Pose(float(draw.uniform(lowest_px, highest_px)), centre, float(tilt), float(turn), float(roll))


def _lens(draw: Draw, noise: float = 4.0) -> Optics:
    return Optics(float(draw.uniform(0.6, 1.0)), float(draw.uniform(0, 1.6)), float(draw.uniform(0, 180)), noise)


def _card(draw: Draw, number: int) -> Scene:
    return Scene(citizen_card(invent(number)), Carrier.CARD, _held(draw, 2.4, 4.8), _lens(draw))


def _insurance(draw: Draw, number: int) -> Scene:
    return Scene(insurance_card(invent(number)), Carrier.PAPER, _held(draw, 2.4, 4.6), _lens(draw))


def _phone(draw: Draw, number: int) -> Scene:
    light = Light(float(draw.uniform(-0.4, 0.4)), float(draw.uniform(0, 0.5)), moire=float(draw.uniform(0.2, 0.7)))
    return Scene(national_code(invent(number)), Carrier.PHONE, _held(draw, 2.4, 4.8), _lens(draw), light)


def _dark_mode(draw: Draw, number: int) -> Scene:
    """The same phones, poses and light as `_phone` draws, with light and dark turned round."""
    return dataclasses.replace(_phone(draw, number), carrier=Carrier.DARK_MODE)


def _glare(draw: Draw, number: int) -> Scene:
    spot = float(draw.uniform(-0.5, 0.5)), float(draw.uniform(-0.5, 0.5))
    light = Light(0.3, float(draw.uniform(0.5, 0.98)), spot)
    return Scene(citizen_card(invent(number)), Carrier.CARD, _held(draw, 2.8, 4.8), _lens(draw), light)


def _blur(draw: Draw, number: int) -> Scene:
    pose = _held(draw, 3.0, 5.0, 10)
    optics = Optics(float(draw.uniform(0.3, 0.55)) * pose.module_px, float(draw.uniform(0, 0.8)) * pose.module_px)
    return Scene(citizen_card(invent(number)), Carrier.CARD, pose, optics)


def _moire(draw: Draw, number: int) -> Scene:
    light = Light(0.2, float(draw.uniform(0, 0.4)), moire=float(draw.uniform(1.0, 4.0)))
    return Scene(national_code(invent(number)), Carrier.PHONE, _held(draw, 2.8, 4.8), _lens(draw), light)


def _low_light(draw: Draw, number: int) -> Scene:
    optics = dataclasses.replace(_lens(draw, float(draw.uniform(4, 9))), exposure=float(draw.uniform(0.1, 0.4)))
    return Scene(citizen_card(invent(number)), Carrier.CARD, _held(draw, 2.8, 4.8), optics)


def _small(draw: Draw, number: int) -> Scene:
    return Scene(citizen_card(invent(number)), Carrier.CARD, _held(draw, 1.3, 2.6, 12), Optics(0.6, noise=3))


def _curved(draw: Draw, number: int) -> Scene:
    wear = Wear(curvature=float(draw.uniform(0.2, 0.75)))
    return Scene(citizen_card(invent(number)), Carrier.PAPER, _held(draw, 2.8, 4.8), _lens(draw), wear=wear)


def _certificate(draw: Draw, number: int) -> Scene:
    carrier = Carrier.PAPER if number % 2 else Carrier.PHONE
    return Scene(hc1_like(825, number), carrier, _held(draw, 2.2, 4.2, 14), Optics(float(draw.uniform(0.5, 1.0))))


def _worn(draw: Draw, number: int) -> Scene:
    wear = Wear(damage=float(draw.uniform(0.01, 0.12)))
    return Scene(citizen_card(invent(number)), Carrier.CARD, _held(draw, 2.8, 4.8), _lens(draw), wear=wear)


PHONE, DARK_MODE = "phone, national code", "dark mode"
KINDS: dict[str, Callable[[Draw, int], Scene]] = {
    "citizen card": _card,
    "insurance card": _insurance,
    PHONE: _phone,
    DARK_MODE: _dark_mode,
    "glare": _glare,
    "blur": _blur,
    "moiré": _moire,
    "low light": _low_light,
    "small": _small,
    "curved": _curved,
    "HC1, 825 characters": _certificate,
    "worn": _worn,
}
"""The rows of the table. Those of a phone and of dark mode show the same scenes but for that."""


def shots(seed: int, per_kind: int) -> Iterator[Shot]:
    """Yield *per_kind* pictures of each kind, one kind after the other."""
    for row, (kind, make) in enumerate(KINDS.items()):
        like = list(KINDS).index(PHONE) if kind == DARK_MODE else row
        for number in range(per_kind):
            draw = np.random.default_rng((seed, like, number))
            scene = dataclasses.replace(make(draw, number + 1000 * seed), place=number % 5, moment_s=number * 1.7)
            yield Shot(kind, scene, GATE_SIZE, (seed << 16) + like * 1000 + number)


def sweep(seed: int, per_step: int) -> Iterator[Shot]:
    """Yield cards at growing sizes; the size in pixels a module is ``scene.pose.module_px``."""
    for step, module_px in enumerate(SWEEP_PX):
        for number in range(per_step):
            draw = np.random.default_rng((seed, 77, step, number))
            pose = _held(draw, module_px, module_px, 12)
            scene = Scene(citizen_card(invent(number + 1000 * seed)), Carrier.CARD, pose, _lens(draw), place=number % 5)
            yield Shot("sweep", scene, SWEEP_SIZE, (seed << 16) + step * 1000 + number)


def empty(seed: int, count: int, *, moving: bool) -> Iterator[Luma]:
    """Yield frames of an entrance without a code: somebody walks and the mast sways, or nothing stirs."""
    for number in range(count):
        scene = Scene(None, place=seed, moment_s=number * 0.4 if moving else 0.0)
        yield render(scene, GATE_SIZE, (seed << 20) + number)


_VISITORS: tuple[tuple[Callable[[int], bytes], Carrier], ...] = (
    (lambda number: citizen_card(invent(number)), Carrier.CARD),
    (lambda number: national_code(invent(number)), Carrier.PHONE),
    (lambda number: national_code(invent(number)), Carrier.DARK_MODE),
    (lambda number: insurance_card(invent(number)), Carrier.PAPER),
    (lambda number: hc1_like(825, number), Carrier.PHONE),
    (lambda number: citizen_card(invent(number), fields=11), Carrier.CARD),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor who walks up and holds a code before the lens.

    Attributes:
        approach: the steps.
        nearness: size of the code, as a share of the comfortable one.
        blur: how much softer than sharp the lens is, in pixels.
    """

    approach: Approach
    nearness: float
    blur: float

    def frames(self) -> Iterator[Luma]:
        """Yield what the gate's camera sees, H×W uint8."""
        for index, scene in enumerate(self.approach.scenes(GATE_SIZE)):
            pose = dataclasses.replace(scene.pose, module_px=scene.pose.module_px * self.nearness)
            optics = dataclasses.replace(scene.optics, defocus_px=scene.optics.defocus_px + self.blur)
            moved = dataclasses.replace(scene, pose=pose, optics=optics)
            yield render(moved, GATE_SIZE, (self.approach.seed << 20) + index)


def visits(seed: int, count: int) -> Iterator[Visit]:
    """Yield visitors, card after phone after paper; a third come at night."""
    for number in range(count):
        draw = np.random.default_rng((seed, 99, number))
        payload, carrier = _VISITORS[number % len(_VISITORS)]
        exposure = float(draw.uniform(0.15, 0.4)) if draw.random() < 1 / 3 else 1.0
        who = number + 1000 * seed
        approach = Approach(
            payload(who), carrier, steady=18, leaving=0, seed=who, place=number % 5, start_s=number * 7.0,
            exposure=exposure,
        )  # fmt: skip
        yield Visit(approach, float(draw.uniform(0.5, 1.0)), float(draw.uniform(0, 0.7)))
