"""Parameters of one rendered frame: what there is to see, light, lens and sensor, damage."""

from __future__ import annotations

from dataclasses import dataclass, field

from device.demo.scenes.carriers import Carrier
from device.demo.scenes.geometry import Pose


@dataclass(frozen=True, slots=True)
class Optics:
    """What lens and sensor do to the picture.

    Attributes:
        defocus_px: standard deviation of the blur; 0.6 is a sharp lens, 3 a card held too near.
        motion_px: how far the carrier moved while the shutter was open.
        motion_deg: in which direction; 0 is to the right, 90 down.
        noise: standard deviation of the noise at middle grey, in grey levels.
        exposure: brightness of the whole frame; 1 is well exposed, 0.2 a hall at night.
    """

    defocus_px: float = 0.7
    motion_px: float = 0.0
    motion_deg: float = 0.0
    noise: float = 3.0
    exposure: float = 1.0


@dataclass(frozen=True, slots=True)
class Light:
    """How light falls on the carrier.

    Attributes:
        slope: from which side, -1 to 1: how much brighter the right edge is than the left.
        glare: strength of a reflection, 0 to 1; at 1 its middle is white.
        glare_at: where it lies, in widths of the code from the code's centre.
        moire: 0 to 1: beats between a screen's pixels and the sensor's, and the screen's flicker.
    """

    slope: float = 0.15
    glare: float = 0.0
    glare_at: tuple[float, float] = (-1.2, -0.6)
    moire: float = 0.0


@dataclass(frozen=True, slots=True)
class Wear:
    """What is wrong with the carrier itself.

    Attributes:
        damage: share of the code's data in rubbed-out patches; from 0.5 on nobody can read it.
        cover: share of the code under a thumb.
        curvature: 0 is flat; see `device.demo.scenes.bend.bend`.
    """

    damage: float = 0.0
    cover: float = 0.0
    curvature: float = 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything in one frame but its noise.

    Attributes:
        payload: what the code says; ``None`` for a scene without a visitor.
        carrier: what the code is on.
        pose: how it is held.
        optics: lens and sensor.
        light: on the carrier.
        wear: of the carrier.
        place: which background.
        moment_s: when; the background moves with it.
    """

    payload: bytes | None
    carrier: Carrier = Carrier.CARD
    pose: Pose = field(default_factory=Pose)
    optics: Optics = field(default_factory=Optics)
    light: Light = field(default_factory=Light)
    wear: Wear = field(default_factory=Wear)
    place: int = 0
    moment_s: float = 0.0
