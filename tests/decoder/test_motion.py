from __future__ import annotations

import numpy as np

from device.decoder.motion import MotionDetector
from tests.decoder.pictures import noisy

SCENE = np.random.default_rng(5).integers(0, 256, (480, 640), dtype=np.uint8) // 2


def test_the_first_frame_is_a_change() -> None:
    assert MotionDetector().moving(SCENE)


def test_sensor_noise_is_no_change() -> None:
    detector = MotionDetector()
    detector.moving(SCENE)
    assert [detector.moving(noisy(SCENE, seed, deviation=8)) for seed in range(20)] == [False] * 20


def test_something_as_small_as_a_tile_is_a_change() -> None:
    detector = MotionDetector()
    detector.moving(SCENE)
    with_card = SCENE.copy()
    with_card[160:176, 320:336] = 220
    assert detector.moving(with_card)
    assert not detector.moving(with_card)


def test_what_creeps_in_is_seen_in_the_end() -> None:
    detector = MotionDetector()
    detector.moving(SCENE)
    assert [detector.moving(SCENE + np.uint8(n)) for n in range(1, 10)].count(True) == 1


def test_another_size_of_frame_is_a_change() -> None:
    detector = MotionDetector()
    detector.moving(SCENE)
    assert detector.moving(SCENE[:240])
