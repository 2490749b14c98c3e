"""When another eye may be started: a back-off for eyes that do not live, and an end to eyes that cannot be ended.

A picture that crashes eye after eye, a library that is missing or a full machine must not make a start every moment;
an eye that saw is followed by another at once. A process that the kernel holds in state D survives SIGKILL: it is left
behind, looked at now and then, and reaped when it has ended. It may hold the camera until then.
"""

from __future__ import annotations

from typing import Final

from device.eye.connection import EyeConnection
from device.words import say_many

FIRST_PAUSE_S: Final = 0.5
MOST_PAUSE_S: Final = 30.0
LATER_PAUSE_S: Final = 120.0
"""After `MANY` eyes in a row that did not live, ten minutes: each start writes three lines of systemd's own."""
MANY: Final = 25
SHORT_LIVES: Final = 20
"""So many eyes in a row may open their camera and die young until they count as eyes that do not live."""
LIVED_S: Final = 10.0
"""An eye that lived so long did not die of being started."""
MOST_LEFT: Final = 3
"""Eyes left behind, beside which no other is started."""


class Starts:
    """What became of the eyes before, and what that means for the next one. Used on the scan thread.

    Attributes:
        pause_s: how long to wait before the next start.
    """

    def __init__(self) -> None:
        self._left: list[EyeConnection] = []
        self._in_vain = self._short = 0
        self.pause_s = 0.0

    def over(self, eye: EyeConnection | None, *, well: bool, lived: bool = True) -> None:
        """Take note of an eye that was given up.

        Args:
            eye: the eye; ``None`` when none could be started.
            well: its camera had opened, or it lived for `LIVED_S`.
            lived: it did live so long.
        """
        if eye is not None:
            self._left.append(eye)
        self._short = 0 if lived else self._short + well
        well = well and self._short <= SHORT_LIVES
        self._in_vain = 0 if well else self._in_vain + 1
        most_s = MOST_PAUSE_S if self._in_vain < MANY else LATER_PAUSE_S
        self.pause_s = FIRST_PAUSE_S if well else min(max(2 * self.pause_s, FIRST_PAUSE_S), most_s)

    def left(self) -> int:
        """Reap what has ended; return how many have not."""
        if self._left:
            self._left = [eye for eye in self._left if not eye.ended()]
        return len(self._left)

    def told(self) -> str:
        """Return a part of a sentence about the eyes that are left; empty without any."""
        if not self._left:
            return ""
        pids = ", ".join(f"process {eye.process.pid}" for eye in self._left if eye.process.pid is not None)
        count = len(self._left)
        many = say_many("an eye that was killed has not ended", "{count} eyes that were killed have not ended", count)
        return f"{many} ({pids})" if pids else many

    def close(self, within_s: float) -> None:
        """Wait for what is left, no longer than *within_s* in all but the time the kernel takes to look."""
        for eye in self._left:
            if not eye.ended(within_s):
                within_s = 0.0
