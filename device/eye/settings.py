"""What the eye process is told when it starts: its camera, its wall and its log level, as one line of JSON."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field

from device.camera import CameraPlan
from device.eye.wall import WallPlan


@dataclass(frozen=True, slots=True)
class EyeSettings:
    """The line: the terms of the camera plan, ``wall`` and ``log_level``.

    Attributes:
        camera: where frames come from.
        wall: what the process gives up; left out, it gives up all it can.
        log_level: from where on it logs.
    """

    camera: CameraPlan
    wall: WallPlan = field(default_factory=WallPlan)
    log_level: str = "info"

    def to_json(self) -> str:
        """Return the line, without its end."""
        own = {"wall": dataclasses.asdict(self.wall), "log_level": self.log_level}
        return json.dumps({**dataclasses.asdict(self.camera), **own})

    @classmethod
    def from_json(cls, text: str) -> EyeSettings:
        """Read what `to_json` wrote; raises ``TypeError`` or ``ValueError`` on anything else."""
        terms = json.loads(text)
        wall, level = terms.pop("wall", {}), terms.pop("log_level", "info")
        built = WallPlan(tuple(wall.get("hidden", ())), wall.get("unwalled_ok", False))
        return cls(CameraPlan(**terms), built, level)
