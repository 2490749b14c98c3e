from __future__ import annotations

import numpy as np
import pytest

from device.decoder import region
from device.decoder.region import Box
from tests.decoder.pictures import Plane, blurred, noisy, picture, placed

CARD = "079096001234|024123456|Đặng Thị Ngọc Ánh|01021996|Nữ|7 Hàng Bún, Quỳnh Lôi|03042021"


def scene() -> Plane:
    """A frame with stripes and a soft shade, in which a code may stand."""
    frame = np.add.outer(np.linspace(60, 140, 480), np.linspace(0, 60, 640)).astype(np.uint8)
    frame[40:200, 20:140] = np.tile(np.repeat(np.array([30, 220], np.uint8), 4), 15)
    return frame


@pytest.mark.parametrize("at", [(20, 300), (200, 200), (260, 420)])
@pytest.mark.parametrize("blur", [0, 4])
def test_the_fullest_part_holds_the_whole_code_and_little_else(at: tuple[int, int], blur: int) -> None:
    frame, code = scene(), picture(CARD, px=3)
    frame[at[0] : at[0] + code.shape[0], at[1] : at[1] + code.shape[1]] = code
    found = region.fullest(noisy(blurred(frame, blur), 1))
    assert found is not None
    side = code.shape[0]
    assert found.left <= at[1]
    assert found.top <= at[0]
    assert found.right >= min(640, at[1] + side)
    assert found.bottom >= min(480, at[0] + side)
    assert found.pixels < 4 * side**2


def test_the_map_of_edges_is_the_mean_step_across_or_down_whichever_is_less() -> None:
    frame = np.random.default_rng(3).integers(0, 256, (100, 150), dtype=np.uint8)
    frame[:48, :48], frame[48:, 48:] = 0, np.arange(102, dtype=np.uint8)
    some = frame[::2, ::2].astype(int)
    across, down = np.abs(np.diff(some, axis=1)), np.abs(np.diff(some, axis=0))
    found = region._edges(frame, 6, 9)
    for row in range(6):
        for column in range(9):
            tile = np.s_[8 * row : 8 * row + 8, 8 * column : 8 * column + 8]
            assert found[row, column] == min(across[tile].mean(), down[tile].mean())


def test_a_plain_frame_has_no_part_worth_a_look() -> None:
    assert region.fullest(np.full((480, 640), 77, np.uint8)) is None


def test_stripes_in_one_direction_are_no_code() -> None:
    assert region.fullest(np.tile(np.repeat(np.array([30, 220], np.uint8), 4), (480, 80))) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (40, 40), (81, 3000)])
def test_a_frame_too_small_for_a_map_is_its_own_part(shape: tuple[int, int]) -> None:
    assert region.fullest(np.zeros(shape, np.uint8)) == Box(0, 0, shape[1], shape[0])


def test_a_box_around_a_symbol_has_a_margin_and_stays_in_the_frame() -> None:
    plane = placed(picture("x"))
    assert region.around(((100, 100), (200, 100), (200, 200), (100, 200)), plane) == Box(52, 52, 248, 248)
    assert region.around(((0, 0), (100, 0), (100, 100), (0, 100)), plane) == Box(0, 0, 148, 148)
    assert region.around(((900, 900), (990, 900), (990, 990), (900, 990)), plane) is None


def test_a_box_around_several_symbols_holds_them_all() -> None:
    plane = placed(picture("x"))
    one = ((100, 100), (110, 100), (110, 110), (100, 110))
    other = ((300, 200), (310, 200), (310, 210), (300, 210))
    assert region.around_all([one, other], plane) == Box(88, 88, 322, 222)
    assert region.around_all([], plane) is None
