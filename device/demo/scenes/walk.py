"""Frame sequence of a visitor who walks up to the gate: in from the edge, still, away again."""

from __future__ import annotations

import dataclasses
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from device.demo.scenes.carriers import SCREENS, Carrier
from device.demo.scenes.codes import modules
from device.demo.scenes.geometry import Pose, Size
from device.demo.scenes.render import render
from device.demo.scenes.scene import Light, Optics, Scene, Wear

if TYPE_CHECKING:
    from device.model import Luma

FRAME_RATE = 15
"""Frames a second that the steps are made for."""

_COMFORTABLE_PX = 4.2
_TALLEST_CODE = 0.46
"""Of the frame's height: a certificate's code is held no nearer than that."""


class Flaw(StrEnum):
    """Why no reader can read a code that is plainly there.

    Of the first two a reader finds the finder patterns and says that the code is broken; of the
    others it sees no code at all.
    """

    WORN = "worn"
    """More than half of it lies in rubbed-out patches."""
    COVERED = "covered"
    """A thumb lies on two fifths of it."""
    BLURRED = "blurred"
    """Held far too near: the blur is wider than a module."""
    FAR = "far"
    """Held so far off that a module is hardly a pixel."""


@dataclass(frozen=True, slots=True)
class Approach:
    """One visitor, from the first sight of the carrier to the last.

    Attributes:
        payload: what the code says.
        carrier: what it is on.
        steady: frames in which it is held before the lens, with the hand's tremor.
        entering: frames before that, small, blurred and moving.
        leaving: frames after that.
        seed: of the pose, the tremor and the noise.
        flaw: makes it unreadable; ``None`` for a good code.
        place: which background, the same for all visitors of a gate.
        start_s: when it begins, for the background's movement.
        exposure: see `Optics.exposure`.
    """

    payload: bytes
    carrier: Carrier
    steady: int = 30
    entering: int = 6
    leaving: int = 5
    seed: int = 0
    flaw: Flaw | None = None
    place: int = 0
    start_s: float = 0.0
    exposure: float = 1.0

    def __len__(self) -> int:
        """Count the frames."""
        return self.entering + self.steady + self.leaving

    def is_steady(self, index: int) -> bool:
        """Return whether frame *index* shows the carrier held still."""
        return self.entering <= index < self.entering + self.steady

    def scenes(self, size: Size) -> Iterator[Scene]:
        """Yield what there is to see, frame by frame."""
        held = self._held(size)
        rng = np.random.default_rng((self.seed, zlib.crc32(self.payload), 0x5741))
        from_edge = ((-0.55, 0.35), (1.5, 0.4), (0.4, 1.5), (0.65, 1.55))
        before, after = from_edge[rng.integers(4)], from_edge[rng.integers(4)]
        for index in range(len(self)):
            moment_s = self.start_s + index / FRAME_RATE
            if self.is_steady(index):
                scene = _trembling(held, rng, index - self.entering)
            elif index < self.entering:
                scene = _on_the_way(held, before, (self.entering - index) / self.entering, size)
            else:
                scene = _on_the_way(held, after, (index - self.entering - self.steady + 1) / self.leaving, size)
            yield dataclasses.replace(scene, moment_s=moment_s)

    def frames(self, size: Size) -> Iterator[Luma]:
        """Yield the frames, H×W uint8; *size* is width and height."""
        for index, scene in enumerate(self.scenes(size)):
            yield render(scene, size, (self.seed << 20) + index)

    def _held(self, size: Size) -> Scene:
        """Return the scene in the middle of the steady frames."""
        rng = np.random.default_rng((self.seed, 0x504F))
        pose = comfortable(self.payload, size)
        tilt, turn, roll = rng.uniform((-14, -16, -9), (14, 16, 9))
        curvature = float(rng.uniform(0.1, 0.35)) if self.carrier is Carrier.PAPER else 0.0
        light = Light(slope=float(rng.uniform(-0.4, 0.4)), glare=float(rng.uniform(0, 0.5)))
        if self.carrier in SCREENS:
            light = dataclasses.replace(light, moire=float(rng.uniform(0.2, 0.7)))
        optics = Optics(exposure=self.exposure, noise=3.0 if self.exposure > 0.6 else 5.0)
        wear = Wear(curvature=curvature)
        if self.flaw is Flaw.WORN:
            wear = dataclasses.replace(wear, damage=0.6)
        elif self.flaw is Flaw.COVERED:
            wear = dataclasses.replace(wear, cover=0.45)
        elif self.flaw is Flaw.BLURRED:
            optics = dataclasses.replace(optics, defocus_px=1.1 * pose.module_px)
        elif self.flaw is Flaw.FAR:
            pose = dataclasses.replace(pose, module_px=1.15)
        centre = (0.66 if self.carrier is Carrier.CARD else 0.5) + float(rng.uniform(-0.05, 0.05)), 0.46
        pose = dataclasses.replace(
            pose, centre=centre, tilt_deg=float(tilt), turn_deg=float(turn), roll_deg=float(roll)
        )
        return Scene(self.payload, self.carrier, pose, optics, light, wear, self.place)


def approach(payload: bytes, carrier: Carrier, frames: int, seed: int, size: Size) -> Iterator[Luma]:
    """Yield a visitor's frames: walking up, *frames* of them steady, walking away."""
    return Approach(payload, carrier, steady=frames, seed=seed).frames(size)


def nobody(frames: int, seed: int, size: Size, *, place: int = 0, start_s: float = 0.0) -> Iterator[Luma]:
    """Yield the empty entrance between two visitors: the background, with its own noise each frame."""
    for index in range(frames):
        scene = Scene(None, place=place, moment_s=start_s + index / FRAME_RATE)
        yield render(scene, size, (seed << 20) + index)


def comfortable(payload: bytes, size: Size) -> Pose:
    """Return a pose, square to the camera, in which the code of *payload* is easily read.

    4.2 pixels a module, less for a code that would fill the frame.
    """
    count = len(modules(payload))
    return Pose(min(_COMFORTABLE_PX, _TALLEST_CODE * size[1] / count))


def _trembling(held: Scene, rng: np.random.Generator, index: int) -> Scene:
    """Let the hand tremble: a slow sway, and fast small jolts."""
    phase = index / FRAME_RATE * 2 * math.pi
    jolt = rng.normal(0, 1, 4)
    pose = held.pose
    x = pose.centre[0] + 0.004 * math.sin(0.7 * phase) + 0.0006 * jolt[0]
    y = pose.centre[1] + 0.004 * math.sin(0.9 * phase + 1) + 0.0006 * jolt[1]
    moved = dataclasses.replace(
        pose,
        module_px=pose.module_px * (1 + 0.015 * math.sin(0.5 * phase)),
        centre=(float(x), float(y)),
        turn_deg=pose.turn_deg + 1.5 * math.sin(0.6 * phase),
        roll_deg=pose.roll_deg + 0.4 * float(jolt[2]),
    )
    motion_px = abs(float(jolt[3])) * 0.8
    optics = dataclasses.replace(held.optics, motion_px=motion_px, motion_deg=float(40 * jolt[2]))
    return dataclasses.replace(held, pose=moved, optics=optics)


def _on_the_way(held: Scene, edge: tuple[float, float], part: float, size: Size) -> Scene:
    """Stand *part* of the way (0 to 1) off the lens towards a point outside the frame."""
    way = part**1.4
    x, y = held.pose.centre
    pose = dataclasses.replace(
        held.pose,
        module_px=held.pose.module_px * (1 - 0.45 * part),
        centre=(x + (edge[0] - x) * way, y + (edge[1] - y) * way),
        roll_deg=held.pose.roll_deg + 25 * part,
    )
    motion_px = 0.02 * size[0] * part
    direction = math.degrees(math.atan2((edge[1] - y) * size[1], (edge[0] - x) * size[0]))
    optics = dataclasses.replace(
        held.optics, defocus_px=held.optics.defocus_px + 2.2 * part, motion_px=motion_px, motion_deg=direction
    )
    return dataclasses.replace(held, pose=pose, optics=optics)
