"""What the eye process is told when it starts: its camera, its wall and what it logs, as one line of JSON."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field

from device.camera import CameraPlan
from device.eye.wall import WallPlan


@dataclass(frozen=True, slots=True)
class EyeSettings:
    """The line: the terms of the camera plan, ``wall``, ``log_level`` and ``prints``.

    Attributes:
        camera: where frames come from.
        wall: what the process gives up; left out, it gives up all it can.
        log_level: from where on it logs.
        prints: what it and its libraries print before the first frame is kept.
    """

    camera: CameraPlan
    wall: WallPlan = field(default_factory=WallPlan)
    log_level: str = "info"
    prints: bool = True

    def to_json(self) -> str:
        """Return the line, without its end."""
        own = {"wall": dataclasses.asdict(self.wall), "log_level": self.log_level, "prints": self.prints}
        return json.dumps({**dataclasses.asdict(self.camera), **own})

    @classmethod
    def from_json(cls, text: str) -> EyeSettings:
        """Read what `to_json` wrote; raises ``TypeError`` or ``ValueError`` on anything else."""
        terms = json.loads(text)
        wall, level, prints = terms.pop("wall", {}), terms.pop("log_level", "info"), terms.pop("prints", True)
        built = WallPlan(tuple(wall.get("hidden", ())), wall.get("unwalled_ok", False))
        return cls(CameraPlan(**terms), built, level, prints)
