"""The eye: camera and decoder in a child process that may crash, hang or be killed at any time."""

from device.eye.parent import ChildEye, EyeLimits, EyeReports

__all__ = ["ChildEye", "EyeLimits", "EyeReports"]
