from __future__ import annotations

import numpy as np
import pytest

from device.decoder import image

RAMP = np.add.outer(np.arange(20) * 5, np.arange(30) * 3).astype(np.uint8)


def test_a_contiguous_plane_is_not_copied() -> None:
    bounded = image.bounded(RAMP)
    assert bounded is not None
    assert bounded[0] is RAMP
    assert bounded[1] == 1


@pytest.mark.parametrize(
    "thing",
    [
        np.zeros((0, 0), np.uint8),
        np.zeros((0, 7), np.uint8),
        np.zeros((7, 0), np.uint8),
        np.zeros(9, np.uint8),
        np.zeros((3, 3, 3), np.uint8),
        np.zeros((9, 9), np.float32),
        np.zeros((9, 9), np.int8),
        np.zeros((9, 9), np.uint16),
        None,
        b"123",
        [[1, 2], [3, 4]],
    ],
)
def test_what_is_no_plane_is_none(thing: object) -> None:
    assert image.bounded(thing) is None


def test_sixteen_megapixels_are_shrunk_under_the_bound() -> None:
    bounded = image.bounded(np.full((3464, 4618), 77, np.uint8))
    assert bounded is not None
    plane, factor = bounded
    assert factor == 3
    assert plane.size <= image.MOST_PIXELS
    assert (plane == 77).all()


def test_a_strip_thinner_than_the_factor_is_shrunk_too() -> None:
    bounded = image.bounded(np.full((1, 16_000_000), 9, np.uint8))
    assert bounded is not None
    assert bounded[0].size <= 16_000_000 // 3
    assert (bounded[0] == 9).all()


def test_shrinking_takes_the_mean_of_each_block_and_leaves_a_ragged_edge_out() -> None:
    plane = np.array([[0, 2, 10, 10, 99], [4, 6, 10, 10, 99], [1, 1, 1, 1, 99]], np.uint8)
    np.testing.assert_array_equal(image.shrunk(plane, 2), [[3, 10]])


def test_doubling_keeps_the_pixels_and_puts_means_between() -> None:
    np.testing.assert_array_equal(
        image.doubled(np.array([[0, 100], [200, 40]], np.uint8)), [[0, 50, 100], [100, 85, 70], [200, 120, 40]]
    )


def test_sharpening_leaves_a_slope_alone_and_steepens_an_edge() -> None:
    np.testing.assert_array_equal(image.sharpened(RAMP), RAMP)
    edge = np.repeat(np.array([[50, 50, 50, 50, 90, 170, 210, 210, 210, 210]], np.uint8), 12, axis=0)
    sharp = image.sharpened(edge).astype(int)
    assert sharp[5, 6] - sharp[5, 3] > 210 - 50
    assert sharp.min() >= 0
    assert sharp.max() <= 255


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (4, 4), (5, 5)])
def test_no_picture_is_too_small_for_the_arithmetic(shape: tuple[int, int]) -> None:
    plane = np.full(shape, 200, np.uint8)
    assert (image.sharpened(plane) == 200).all()
    assert (image.doubled(plane) == 200).all()
    assert (image.shrunk(plane, 3) == 200).all()
    assert (image.tile_means(plane, 16) == 200).all()


def test_tiles_are_means_and_leave_a_ragged_edge_out() -> None:
    plane = np.zeros((40, 36), np.uint8)
    plane[:16, 16:32] = 80
    np.testing.assert_array_equal(image.tile_means(plane, 16), [[0, 80], [0, 0]])


def test_bolder_ink_grows_by_a_pixel_down_and_to_the_right() -> None:
    plane = np.full((4, 4), 200, np.uint8)
    plane[1, 1] = 10
    expected = np.full((4, 4), 200, np.uint8)
    expected[1:3, 1:3] = 10
    np.testing.assert_array_equal(image.bolder(plane), expected)
    assert plane[2, 2] == 200


def test_turning_light_and_dark_round_leaves_the_frame_alone() -> None:
    plane = np.array([[0, 255, 7]], np.uint8)
    np.testing.assert_array_equal(image.inverted(plane), [[255, 0, 248]])
    np.testing.assert_array_equal(plane, [[0, 255, 7]])


def test_sharpening_by_strips_is_the_same_as_at_once() -> None:
    plane = np.random.default_rng(2).integers(0, 256, (200, 50), dtype=np.uint8)
    wide = plane.astype(int)
    four = wide[:-4, 2:-2] + wide[4:, 2:-2] + wide[2:-2, :-4] + wide[2:-2, 4:]
    inside = np.clip((wide[2:-2, 2:-2] * 20 - four * 3) // 8, 0, 255)
    np.testing.assert_array_equal(image.sharpened(plane)[2:-2, 2:-2], inside)


def test_corners_go_back_to_the_pixels_they_came_from() -> None:
    assert image.scaled(((10, 20), (30, 20), (30, 40), (10, 40)), 2.0) == ((5, 10), (15, 10), (15, 20), (5, 20))
