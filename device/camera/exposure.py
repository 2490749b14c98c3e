"""Upper limit for libcamera's auto-exposure (AE) against motion blur: a moving hand smears the code's modules.

libcamera's AE has no such limit of its own. When it asks for longer than the
limit, the exposure time is fixed there and the gain left to AE; when even the lowest gain has
been enough for a while (it got bright), the exposure time is given back to it.
"""

from __future__ import annotations

from collections.abc import Mapping

_NEAR = 1.05
"""Sensors count exposure in rows and gain in steps: what is this near is the same."""

_SETTLED_FRAMES = 8
"""How long the lowest gain must be enough. A control shows in the metadata some frames late, and the
first frames come with the driver's own start values (20 ms, gain 1), not with a judgement."""


class ExposureCeiling:
    """Watches the metadata of each frame; used on the eye's one thread.

    Args:
        ceiling_us: longest exposure, microseconds.
        lowest_gain: what the sensor advertises; not 1 with every sensor (1.12 with the IMX708).
    """

    def __init__(self, ceiling_us: int, lowest_gain: float = 1.0) -> None:
        self._ceiling_us = ceiling_us
        self._low_gain = lowest_gain * _NEAR
        self._fixed = False
        self._bright_frames = 0

    def adjust(self, metadata: Mapping[str, object]) -> dict[str, int] | None:
        """Return the controls to set after a frame with this metadata; ``None`` to leave all as it is."""
        exposure, gain = metadata.get("ExposureTime"), metadata.get("AnalogueGain")
        if not isinstance(exposure, int | float) or not isinstance(gain, int | float):
            return None
        if not self._fixed:
            self._fixed = exposure > self._ceiling_us
            return {"ExposureTime": self._ceiling_us} if self._fixed else None
        bright = gain <= self._low_gain and exposure <= self._ceiling_us * _NEAR
        self._bright_frames = self._bright_frames + 1 if bright else 0
        if self._bright_frames < _SETTLED_FRAMES:
            return None
        self._fixed, self._bright_frames = False, 0
        return {"ExposureTime": 0}  # picamera2 turns 0 into "automatic" for every libcamera
