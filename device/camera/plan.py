"""Camera settings for the eye process, passed to it as one line of JSON."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """The ``camera:`` section of the site file, in the units the code works in.

    Attributes:
        source: ``picamera2`` or ``replay``.
        width: of the luma plane, pixels; of a Pi camera the least, since it gets the shape of its sensor
            (`device.camera.sensor_modes`). 0: `device.eye.pace` chooses.
        height: as *width*.
        frame_rate: frames a second; 0: as above.
        index: which camera (picamera2 only).
        focus_mm: fixed focus distance; ``None`` for a module without a focus motor.
        max_exposure_us: exposure ceiling against motion blur.
        flicker_hz: mains frequency of the lamps; 0 switches anti-flicker off.
        replay_path: an image, a folder of images, or a ``.y4m`` video.
        show_ms: how long each replayed image is held up.
        gap_ms: an empty view between images.
        at_end: ``hold`` the last frame, ``loop``, or ``stop``.
    """

    source: str
    width: int = 1296
    height: int = 972
    frame_rate: int = 15
    index: int = 0
    focus_mm: int | None = 200
    max_exposure_us: int = 10_000
    flicker_hz: int = 50
    replay_path: str = ""
    show_ms: int = 1000
    gap_ms: int = 1000
    at_end: str = "hold"

    def to_json(self) -> str:
        """Return the plan as one line of JSON."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> CameraPlan:
        """Read what `to_json` wrote; raises ``TypeError`` or ``ValueError`` on anything else."""
        return cls(**json.loads(text))
