"""Camera sources: `pi` (picamera2, libcamera) and `replay` (photos, folders, Y4M videos), by `CameraPlan.source`."""

from __future__ import annotations

from device.camera.plan import CameraPlan
from device.clock import Clock
from device.errors import ConfigurationError
from device.ports import Camera

__all__ = ["CameraPlan", "open_camera"]


def open_camera(plan: CameraPlan, clock: Clock) -> Camera:
    """Return the camera that the plan names, not yet entered; there is no fallback to the other.

    Raises:
        ConfigurationError: the plan names neither.
    """
    if plan.source == "picamera2":
        from device.camera.pi import PiCamera  # noqa: PLC0415 - only this camera needs picamera2

        return PiCamera(plan)
    if plan.source == "replay":
        from device.camera.replay import ReplayCamera  # noqa: PLC0415 - only this camera needs Pillow

        return ReplayCamera(plan, clock)
    raise ConfigurationError("camera.source: write picamera2 or replay")
