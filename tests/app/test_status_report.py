"""Parts of what a gate tells of itself."""

from __future__ import annotations

from device.app.status_report import camera_view
from device.model import CameraView


def test_what_the_camera_shows_is_told_in_shares_and_what_is_not_known_is_null() -> None:
    assert camera_view(CameraView("imx708", (2304, 1296), 10, (1728, 972), 25, (999, 1000), 23_140)) == {
        "sensor": "imx708",
        "mode": [2304, 1296],
        "bit_depth": 10,
        "size": [1728, 972],
        "frame_rate": 25,
        "width_share": 0.999,
        "height_share": 1.0,
        "busy_ms": 23.1,
    }
    assert camera_view(CameraView("", (0, 0), 0, (640, 480), 15)) == {
        "sensor": None,
        "mode": None,
        "bit_depth": None,
        "size": [640, 480],
        "frame_rate": 15,
        "width_share": None,
        "height_share": None,
        "busy_ms": None,
    }
