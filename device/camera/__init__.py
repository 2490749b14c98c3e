"""Camera sources: `pi` (picamera2, libcamera) and `replay` (photos, folders, Y4M videos), by `CameraPlan.source`."""

from __future__ import annotations

from collections.abc import Callable

from device.camera.plan import CameraPlan
from device.clock import Clock
from device.errors import CameraError, ConfigurationError
from device.ports import Camera
from device.words import say

__all__ = ["CameraPlan", "open_camera"]


def open_camera(plan: CameraPlan, clock: Clock, failed: Callable[[CameraError], None] | None = None) -> Camera:
    """Return the camera that the plan names, not yet entered; there is no fallback to the other.

    Args:
        plan: which, and how it is set.
        clock: paces a replay.
        failed: told why the camera cannot be opened, before what is half open is closed.

    Raises:
        ConfigurationError: the plan names neither.
    """
    if plan.source == "picamera2":
        from device.camera.pi import PiCamera  # noqa: PLC0415 - only this camera needs picamera2

        return PiCamera(plan, clock=clock, failed=failed)
    if plan.source == "replay":
        from device.camera.replay import ReplayCamera  # noqa: PLC0415 - only this camera needs Pillow

        return ReplayCamera(plan, clock)
    raise ConfigurationError(say("camera.source: write picamera2 or replay"))
