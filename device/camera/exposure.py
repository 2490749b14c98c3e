"""Keeps the exposure under a ceiling, so that a moving hand is not smeared over the modules.

libcamera's automatic exposure has no ceiling of its own. When it asks for longer than the
ceiling we fix the exposure time there and leave the gain to it; when even the lowest gain is
then enough (it got bright), we give the exposure time back.
"""

from __future__ import annotations

from collections.abc import Mapping

_LOWEST_GAIN = 1.05


class ExposureCeiling:
    """Watches the metadata of each frame; used on the eye's one thread."""

    def __init__(self, ceiling_us: int) -> None:
        self._ceiling_us = ceiling_us
        self._fixed = False

    def adjust(self, metadata: Mapping[str, object]) -> dict[str, int] | None:
        """Return the controls to set after a frame with this metadata; ``None`` to leave all as it is."""
        exposure, gain = metadata.get("ExposureTime"), metadata.get("AnalogueGain")
        if not isinstance(exposure, int | float) or not isinstance(gain, int | float):
            return None
        if not self._fixed and exposure > self._ceiling_us:
            self._fixed = True
            return {"ExposureTime": self._ceiling_us}
        if self._fixed and gain <= _LOWEST_GAIN:
            self._fixed = False
            return {"ExposureTime": 0}  # 0 gives it back to automatic exposure
        return None
