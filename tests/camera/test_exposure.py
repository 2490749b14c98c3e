"""The exposure ceiling: when it holds the time, and when it gives it back."""

from __future__ import annotations

import pytest

from device.camera.exposure import ExposureCeiling

CEILING_US = 10_000
HELD, GIVEN_BACK = {"ExposureTime": CEILING_US}, {"ExposureTime": 0}


def frame(exposure_us: float, gain: float) -> dict[str, object]:
    return {"ExposureTime": exposure_us, "AnalogueGain": gain}


def held(lowest_gain: float = 1.0) -> ExposureCeiling:
    ceiling = ExposureCeiling(CEILING_US, lowest_gain)
    assert ceiling.adjust(frame(20_000, 2.0)) == HELD
    return ceiling


def answers(ceiling: ExposureCeiling, count: int, exposure_us: float, gain: float) -> list[dict[str, int] | None]:
    return [ceiling.adjust(frame(exposure_us, gain)) for _ in range(count)]


def test_an_exposure_at_or_under_the_ceiling_is_left_alone() -> None:
    ceiling = ExposureCeiling(CEILING_US)
    assert answers(ceiling, 20, CEILING_US, 1.0) + answers(ceiling, 20, 100, 8.0) == [None] * 40


def test_a_longer_exposure_is_held_at_the_ceiling_once() -> None:
    ceiling = held()
    assert answers(ceiling, 20, CEILING_US, 4.0) == [None] * 20


def test_when_the_lowest_gain_is_enough_for_eight_frames_the_time_is_given_back() -> None:
    assert answers(held(), 8, CEILING_US, 1.0) == [None] * 7 + [GIVEN_BACK]


def test_after_it_was_given_back_it_can_be_held_again() -> None:
    ceiling = held()
    answers(ceiling, 8, CEILING_US, 1.0)
    assert answers(ceiling, 2, CEILING_US + 1, 1.0) == [HELD, None]


def test_the_drivers_start_values_do_not_make_it_swing() -> None:
    ceiling = ExposureCeiling(CEILING_US)
    started = answers(ceiling, 4, 20_000, 1.0)  # 20 ms at gain 1, before anything was measured
    settled = answers(ceiling, 7, CEILING_US, 1.0) + answers(ceiling, 20, CEILING_US, 3.0)
    assert started + settled == [HELD] + [None] * 30


def test_one_darker_frame_begins_the_count_anew() -> None:
    ceiling = held()
    answers(ceiling, 7, CEILING_US, 1.0)
    assert answers(ceiling, 1, CEILING_US, 2.0) + answers(ceiling, 7, CEILING_US, 1.0) == [None] * 8
    assert answers(ceiling, 1, CEILING_US, 1.0) == [GIVEN_BACK]


@pytest.mark.parametrize(("lowest", "gain", "enough"), [(1.12, 1.12, True), (1.0, 1.12, False), (1.0, 1.04, True)])
def test_the_lowest_gain_is_the_sensors_own(lowest: float, gain: float, enough: bool) -> None:  # noqa: FBT001 - a table
    assert (GIVEN_BACK in answers(held(lowest), 8, CEILING_US, gain)) is enough


def test_an_exposure_rounded_up_to_a_row_of_the_sensor_counts_as_the_ceiling() -> None:
    assert GIVEN_BACK in answers(held(), 8, CEILING_US + 37, 1.0)


@pytest.mark.parametrize(
    "metadata", [{}, {"ExposureTime": 99_999}, {"AnalogueGain": 1.0}, {"ExposureTime": "9", "AnalogueGain": 1.0}]
)
def test_metadata_without_both_figures_changes_nothing(metadata: dict[str, object]) -> None:
    assert ExposureCeiling(CEILING_US).adjust(metadata) is None
