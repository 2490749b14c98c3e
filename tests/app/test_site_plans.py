"""What a site file leaves open, and who decides it then."""

from __future__ import annotations

import pytest

from device.app.site_plans import camera_plan, pin_plan
from device.indicator.pins import ButtonPin
from device.settings.load import parse

LEAST = "place: {name: Chợ Hoa, province: Huế}\npins: {green: 17, red: 27}\n"


@pytest.mark.parametrize(
    ("written", "width", "height", "rate"),
    [
        ("{source: picamera2}", 0, 0, 0),
        ("{size: auto, frame_rate: auto}", 0, 0, 0),
        ("{size: 640x480}", 640, 480, 0),
        ("{frame_rate: 5}", 0, 0, 5),
        ("{source: replay, replay: {path: photos}}", 1296, 972, 15),
        ("{source: replay, frame_rate: 2, replay: {path: photos}}", 1296, 972, 2),
    ],
)
def test_what_is_left_open_of_a_camera_is_measured_by_the_eye_and_of_a_replay_is_fixed(
    written: str, width: int, height: int, rate: int
) -> None:
    plan = camera_plan(parse(f"{LEAST}camera: {written}\n"))
    assert (plan.width, plan.height, plan.frame_rate) == (width, height, rate)


def test_the_contact_that_people_pass_reaches_the_pins_with_how_long_it_must_hold() -> None:
    for written, pin in (
        ("26", ButtonPin(26)),
        ("{pin: 26, pull_up: false, steady: 200ms}", ButtonPin(26, pull_up=False, steady_s=0.2)),
    ):
        site = parse(f"place: {{name: A, province: Huế}}\npins: {{green: 17, red: 27, passage: {written}}}\n")
        assert pin_plan(site.pins).inputs == {"passage": pin}
    site = parse(f"{LEAST[:-2]}, manual_button: 5, out_switch: 6}}\n")
    assert pin_plan(site.pins).inputs == {"manual_button": ButtonPin(5), "out_switch": ButtonPin(6)}
