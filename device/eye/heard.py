"""What one eye has said, and what of it counts: an eye that was taken over may say anything, as often as it likes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from device.eye.messages import EyeOpened, Lost, Message, Walled
from device.model import Sight


@dataclass(slots=True)
class Heard:
    """What one eye has said.

    Attributes:
        at_s: when it last said something that counts: a wall, or an open camera, that is told again shows nothing.
        yielded_s: when the gate last had a sight of it.
        seeing: a frame has come since the camera was last lost.
        opened: the camera was said to be open since then.
        walls: how often it has spoken of its wall.
    """

    at_s: float
    yielded_s: float
    seeing: bool = False
    opened: bool = False
    walls: int = 0

    def take(self, message: Message | None, now_s: float) -> None:
        """Take note of what came."""
        match message:
            case Sight():
                self.at_s, self.yielded_s, self.seeing = now_s, now_s, True
            case Lost():
                self.at_s, self.yielded_s, self.seeing, self.opened = now_s, now_s, False, False
            case EyeOpened() if not self.opened:
                self.at_s, self.opened = now_s, True
            case Walled():
                self.walls += 1
                if self.walls == 1:
                    self.at_s = now_s


def captured_by(sight: Sight, now_ms: int) -> Sight:
    """Return a sight that was captured by now: of a later one nobody could say when it is gone."""
    return sight if sight.captured_ms <= now_ms else replace(sight, captured_ms=now_ms)
