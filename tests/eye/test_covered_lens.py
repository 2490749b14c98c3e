"""A covered lens and a frozen sensor are told; a dark hall, a plain wall and a still entrance are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest

from device.demo.scenes.carriers import Carrier
from device.demo.scenes.people import citizen_card, invent
from device.demo.scenes.render import render
from device.demo.scenes.scene import Optics, Scene
from device.errors import CameraLost
from device.eye.covered_lens import BACK_MS, COVERED, EVEN, FOR_MS, LOOK_EVERY_MS, CoveredLensDetector, spread
from device.model import Frame

if TYPE_CHECKING:
    from device.model import Luma

SIZE = (1296, 972)
FRAME_MS = 100


def noisy(level: float, noise: float, count: int, seed: int = 1) -> Iterator[Luma]:
    chance = np.random.default_rng(seed)
    for _ in range(count):
        yield chance.normal(level, noise, (SIZE[1], SIZE[0])).clip(0, 255).astype(np.uint8)


def told(planes: Iterable[Luma], detector: CoveredLensDetector | None = None, began_ms: int = 0) -> list[str | None]:
    watched = detector or CoveredLensDetector()
    return [watched.look(Frame(luma, n, began_ms + n * FRAME_MS)) for n, luma in enumerate(planes)]


def again(luma: Luma, count: int) -> Iterator[Luma]:
    return (luma for _ in range(count))


def entrance(*, exposure: float = 1.0, noise: float = 3.0, payload: bytes | None = None) -> Scene:
    return Scene(payload, Carrier.PHONE, optics=Optics(exposure=exposure, noise=noise))


@pytest.mark.parametrize("level", [0, 3, 110, 255])
def test_a_covered_or_dazzled_lens_is_told_within_five_seconds_and_not_before_three(level: int) -> None:
    reasons = told(noisy(level, 6, 50))
    assert set(reasons[: FOR_MS // FRAME_MS]) == {None}
    assert COVERED in reasons
    assert reasons.index(COVERED) * FRAME_MS <= FOR_MS + LOOK_EVERY_MS
    assert set(reasons[reasons.index(COVERED) :]) == {COVERED}


def test_a_black_picture_without_any_noise_is_covered_and_not_frozen() -> None:
    assert told(again(np.zeros((972, 1296), np.uint8), 50))[-1] == COVERED


def test_sight_comes_back_after_a_second_of_something_to_see() -> None:
    detector = CoveredLensDetector()
    assert told(noisy(2, 2, 40), detector)[-1] == COVERED
    lit = told((render(entrance(), SIZE, seed) for seed in range(15)), detector, 40 * FRAME_MS)
    assert lit == [COVERED] * (BACK_MS // FRAME_MS) + [None] * 5


def test_the_gates_own_blinking_fault_lamp_does_not_end_it_but_is_something_shown() -> None:
    detector = CoveredLensDetector()
    told(noisy(2, 2, 40), detector)
    dark = next(noisy(2, 2, 1, 9))
    lit = dark.copy()
    lit[700:, 300:900] += 40
    shown = []
    for n in range(40):
        assert detector.look(Frame(lit if n % 4 < 2 else dark, n, (40 + n) * FRAME_MS)) == COVERED
        shown.append(detector.something_shown)
    assert shown == [n % 4 < 2 for n in range(40)]


def test_a_code_that_was_read_ends_it_at_once() -> None:
    detector = CoveredLensDetector()
    told(noisy(2, 2, 40), detector)
    phone = render(entrance(exposure=0.05, payload=citizen_card(invent(1))), SIZE, 1)
    assert told([phone], detector, 4_000) == [COVERED]
    assert detector.something_shown
    detector.code_read()
    assert told([phone], detector, 4_100) == [None]


def test_a_hall_at_night_is_dark_and_no_covered_lens() -> None:
    planes = (render(entrance(exposure=0.08, noise=6), SIZE, seed) for seed in range(40))
    assert set(told(planes)) == {None}


def test_one_lit_sign_in_a_black_room_is_something_to_see() -> None:
    planes = list(noisy(3, 3, 40))
    for luma in planes:
        luma[200:230, 500:560] = 200
    assert set(told(planes)) == {None}


def test_a_wall_with_the_shading_of_daylight_is_something_to_see() -> None:
    shade = np.linspace(126, 118, SIZE[0])[None, :]
    chance = np.random.default_rng(3)
    planes = ((shade + chance.normal(0, 4, (SIZE[1], SIZE[0]))).clip(0, 255).astype(np.uint8) for _ in range(40))
    assert set(told(planes)) == {None}


def test_strong_noise_alone_does_not_look_like_something() -> None:
    assert all(spread(luma) < EVEN / 2 for luma in noisy(60, 10, 20))


def test_bit_for_bit_the_same_picture_for_three_seconds_is_a_lost_camera() -> None:
    frozen = render(entrance(), SIZE, 1)
    detector = CoveredLensDetector()
    assert set(told(again(frozen, FOR_MS // FRAME_MS), detector)) == {None}
    with pytest.raises(CameraLost, match="one and the same picture"):
        told(again(frozen, 20), detector, FOR_MS)


def test_a_camera_opened_again_is_lost_at_once_with_the_frozen_picture_and_not_with_another() -> None:
    frozen, other = (render(entrance(), SIZE, seed) for seed in (1, 2))
    detector = CoveredLensDetector()
    with pytest.raises(CameraLost):
        told(again(frozen, 40), detector)
    with pytest.raises(CameraLost):
        told([frozen], detector, 6_000)
    assert told([other], detector, 7_000) == [None]


def test_a_still_entrance_seen_by_a_living_sensor_is_not_frozen() -> None:
    assert set(told(render(entrance(), SIZE, seed) for seed in range(50))) == {None}


def test_a_short_stutter_is_not_frozen() -> None:
    planes = [plane for seed in range(3) for plane in again(render(entrance(), SIZE, seed), 20)]
    assert set(told(planes)) == {None}


@pytest.mark.parametrize("shape", [(1, 1), (64, 64), (63, 500), (972, 1300)])
def test_an_even_picture_of_any_shape_has_no_spread(shape: tuple[int, int]) -> None:
    assert spread(np.full(shape, 77, np.uint8)) == 0


@pytest.mark.parametrize("shape", [(1, 2), (64, 64), (63, 500), (972, 1300)])
def test_a_picture_of_two_halves_has_one_in_any_shape(shape: tuple[int, int]) -> None:
    halves = np.full(shape, 77, np.uint8)
    halves[:, shape[1] // 2 :] = 200
    assert spread(halves) > 100
