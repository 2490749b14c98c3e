"""What the eye process is told when it starts: its camera and its wall, as one line of JSON."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field

from device.camera import CameraPlan
from device.eye.wall import WallPlan


@dataclass(frozen=True, slots=True)
class EyeSettings:
    """The line: the terms of the camera plan, and ``wall``.

    Attributes:
        camera: where frames come from.
        wall: what the process gives up; left out, it gives up all it can.
    """

    camera: CameraPlan
    wall: WallPlan = field(default_factory=WallPlan)

    def to_json(self) -> str:
        """Return the line, without its end."""
        return json.dumps({**dataclasses.asdict(self.camera), "wall": dataclasses.asdict(self.wall)})

    @classmethod
    def from_json(cls, text: str) -> EyeSettings:
        """Read what `to_json` wrote; raises ``TypeError`` or ``ValueError`` on anything else."""
        terms = json.loads(text)
        wall = terms.pop("wall", {})
        return cls(CameraPlan(**terms), WallPlan(tuple(wall.get("hidden", ())), wall.get("unwalled_ok", False)))
