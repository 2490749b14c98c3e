"""The eye: camera and decoder in a process of its own that may crash, hang or be killed at any time."""

from device.eye.limits import EyeLimits
from device.eye.parent import SupervisedEye
from device.eye.reports import EyeReports

__all__ = ["EyeLimits", "EyeReports", "SupervisedEye"]
