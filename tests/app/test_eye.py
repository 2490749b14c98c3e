"""What a gate expects of its camera, and hears of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from device.app.eye import MOST_FRAME_RATE, _Counting
from device.camera import CameraPlan
from device.model import CameraView
from device.monitor.health import Health
from tests.support.fakes import FakeClock, FakeNotifier

VIEW = CameraView("imx708", (2304, 1296), 10, (1296, 972), 15, (999, 1000))


@pytest.mark.parametrize(
    ("source", "in_the_file", "said", "expected"),
    [
        ("picamera2", 15, 2, 15),  # what a person asks counts, whatever the sensor can do
        ("picamera2", 0, 10, 10),
        ("picamera2", 0, 65_535, MOST_FRAME_RATE),
        ("replay", 15, 30, None),
    ],
)
def test_the_rate_that_is_asked_is_the_site_files_or_else_what_the_eye_has_chosen(
    source: str, in_the_file: int, said: int, expected: float | None
) -> None:
    health = Health(FakeClock(), FakeNotifier())
    _Counting(health, CameraPlan(source, frame_rate=in_the_file)).view(replace(VIEW, frame_rate=said))
    assert health.asked_fps == expected
