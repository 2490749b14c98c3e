"""Frames of single scenes: readable where a visitor would expect it, and the same every time."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
import zxingcpp

from device.demo.scenes import people
from device.demo.scenes.carriers import Carrier
from device.demo.scenes.geometry import Pose, Size
from device.demo.scenes.render import render
from device.demo.scenes.scene import Light, Optics, Scene, Wear
from device.demo.scenes.walk import comfortable
from tests.demo.scenes.reading import zbar_reads, zxing_reads

if TYPE_CHECKING:
    from device.model import Luma

GATE: Size = (1296, 972)
SMALL: Size = (640, 480)
CARD = people.citizen_card(people.invent(11, any_letters=True), fields=11)


def as_libzbar_needs_it(luma: Luma, carrier: Carrier) -> Luma:
    """Show a negative: libzbar does not read light on dark, and the product does the same."""
    return 255 - luma if carrier is Carrier.DARK_MODE else luma


@pytest.mark.parametrize("carrier", Carrier)
@pytest.mark.parametrize(
    "payload",
    [CARD, people.insurance_card(people.invent(2), new=False), people.hc1_like(), people.wifi()],
    ids=["citizen-card", "insurance-card", "hc1-like", "wifi"],
)
def test_every_carrier_at_a_comfortable_size_is_read_to_the_byte_by_both_engines(
    carrier: Carrier, payload: bytes
) -> None:
    pose = dataclasses.replace(comfortable(payload, GATE), centre=(0.55, 0.45), tilt_deg=8, turn_deg=-9, roll_deg=5)
    frame = render(Scene(payload, carrier, pose), GATE, seed=1)
    assert zxing_reads(frame) == [payload]
    assert zbar_reads(as_libzbar_needs_it(frame, carrier)) == [payload]


@pytest.mark.parametrize("carrier", Carrier)
def test_a_small_frame_shows_a_readable_card_too(carrier: Carrier) -> None:
    frame = render(Scene(CARD, carrier, comfortable(CARD, SMALL)), SMALL, seed=1)
    assert frame.shape == (480, 640)
    assert zxing_reads(frame) == [CARD]


def test_a_frame_is_one_contiguous_plane_of_bytes() -> None:
    frame = render(Scene(CARD), GATE, seed=1)
    assert frame.shape == (972, 1296)
    assert frame.dtype == np.uint8
    assert frame.flags.c_contiguous


@pytest.mark.parametrize("carrier", Carrier)
def test_the_same_scene_and_seed_give_the_same_frame(carrier: Carrier) -> None:
    scene = Scene(CARD, carrier, Pose(3.0, (0.4, 0.5), 5, 6, 7), wear=Wear(curvature=0.2), light=Light(glare=0.5))
    first = render(scene, SMALL, seed=5)
    render(dataclasses.replace(scene, place=3, moment_s=4.0), SMALL, seed=6)
    assert np.array_equal(first, render(scene, SMALL, seed=5))


def test_another_seed_changes_the_noise_and_nothing_else() -> None:
    scene = Scene(CARD, optics=Optics(noise=3.0))
    one, other = (render(scene, SMALL, seed=seed).astype(np.int16) for seed in (1, 2))
    difference = one - other
    assert 0.5 < difference.std() < 8
    assert abs(difference.mean()) < 0.1


def test_without_noise_the_seed_does_not_matter() -> None:
    scene = Scene(CARD, optics=Optics(noise=0.0))
    assert np.array_equal(render(scene, SMALL, seed=1), render(scene, SMALL, seed=2))


def test_dark_mode_is_light_on_dark() -> None:
    means = {}
    for carrier in (Carrier.PHONE, Carrier.DARK_MODE):
        frame = render(Scene(CARD, carrier, Pose(4.0), Optics(noise=0.0)), GATE, seed=1)
        means[carrier] = frame[374:384, 600:700].mean()  # just above the code
    assert means[Carrier.DARK_MODE] < 50
    assert means[Carrier.PHONE] > 200


def test_a_dark_hall_is_dark_and_a_card_in_it_still_read() -> None:
    lit, dim = (render(Scene(CARD, optics=Optics(exposure=exposure)), GATE, seed=1) for exposure in (1.0, 0.35))
    assert dim.mean() < 0.5 * lit.mean()
    assert zxing_reads(dim) == [CARD]


@pytest.mark.parametrize(("turn_deg", "longer"), [(35, "left"), (-35, "right")])
def test_a_turned_card_is_drawn_in_perspective_its_nearer_side_longer(turn_deg: float, longer: str) -> None:
    left, right = sides_of_the_code(Pose(5.0, turn_deg=turn_deg))
    assert (left > 1.05 * right) if longer == "left" else (right > 1.05 * left)


def test_a_card_square_to_the_camera_has_sides_of_one_length() -> None:
    left, right = sides_of_the_code(Pose(5.0))
    assert left == pytest.approx(right, abs=2)


def sides_of_the_code(pose: Pose) -> tuple[int, int]:
    frame = render(Scene(CARD, Carrier.POSTER, pose, Optics(noise=0.0)), GATE, seed=1)
    at = zxingcpp.read_barcodes(frame)[0].position
    return at.bottom_left.y - at.top_left.y, at.bottom_right.y - at.top_right.y


def test_blur_from_movement_runs_along_the_movement() -> None:
    aside, down = (
        render(Scene(CARD, Carrier.POSTER, Pose(6.0), Optics(noise=0.0, motion_px=8, motion_deg=deg)), GATE, seed=1)
        for deg in (0.0, 90.0)
    )
    assert sharpness(aside, axis=1) < 0.85 * sharpness(down, axis=1)
    assert sharpness(down, axis=0) < 0.85 * sharpness(aside, axis=0)


def sharpness(frame: Luma, axis: int) -> float:
    """Return the mean step between neighbours inside the code."""
    code = frame[400:560, 560:720].astype(np.int16)
    return float(np.abs(np.diff(code, axis=axis)).mean())


def test_a_visitor_outside_the_frame_leaves_the_background_alone() -> None:
    gone = render(Scene(CARD, pose=Pose(centre=(-3.0, 0.5))), SMALL, seed=1)
    assert np.array_equal(gone, render(Scene(None), SMALL, seed=1))


def test_an_empty_scene_has_no_code_and_moves_with_time() -> None:
    now, later = (render(Scene(None, optics=Optics(noise=0.0), moment_s=s), GATE, seed=1) for s in (0.0, 3.0))
    assert zxing_reads(now) == []
    assert zbar_reads(now) == []
    assert not np.array_equal(now, later)


def test_little_damage_is_repaired_by_the_code_itself() -> None:
    frame = render(Scene(CARD, pose=Pose(4.5), wear=Wear(damage=0.06)), GATE, seed=1)
    assert zxing_reads(frame) == [CARD]
