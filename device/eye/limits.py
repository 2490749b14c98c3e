"""How long an eye may be silent, or lose its camera again and again, before it is given up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from device.words import number, say

MOST_DOUBLED: Final = 4


@dataclass(frozen=True, slots=True)
class EyeLimits:
    """How long the eye may be silent before it is killed and started again.

    Attributes:
        silent_s: between two messages once it sees.
        start_s: from its start, or from opening the camera, to the first frame; imports and the sensor take
            seconds on a Pi.
        replace_s: how long an eye may open its camera again and again in vain until a new one tries: what
            is stuck inside a process goes with it. Doubled with each that did, `MOST_DOUBLED` times at most.
    """

    silent_s: float = 3.0
    start_s: float = 15.0
    replace_s: float = 30.0

    def exceeded(self, silence_s: float, *, seeing: bool) -> str:
        """Return why an eye that sees, or does not yet, was silent for too long; empty when it was not."""
        limit_s = self.silent_s if seeing else self.start_s
        return say("the eye was silent for {count} s", count=number(limit_s, "g")) if silence_s > limit_s else ""
