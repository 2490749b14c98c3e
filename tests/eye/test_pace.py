"""How fast and how large frames are asked of a camera, by what the decoder takes for them on this machine."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import radians, tan
from typing import TYPE_CHECKING

import pytest

from device.camera import CameraPlan
from device.clock import SystemClock
from device.decoder import Cascade
from device.decoder.selftest import fit_engines
from device.decoder.tries import chain
from device.eye.pace import BUSY, FRAMES, LEAST_FRAMES, RATES, SIZES, WIDEST, moving_frames, settled
from tests.support.fakes import FakeClock

if TYPE_CHECKING:
    from device.model import Luma, Symbol

FREE = CameraPlan("picamera2", width=0, height=0, frame_rate=0)
FULL = 1728 * 972
"""Pixels of the largest frame, in the widest shape."""


@dataclass
class SlowDecoder:
    """Implements `device.ports.Decoder`: takes its time for each pixel, most of it for its first frame."""

    clock: FakeClock
    full_ms: int
    shapes: list[tuple[int, ...]] = field(default_factory=list)

    def decode(self, luma: Luma) -> tuple[tuple[Symbol, ...], bool]:
        first = 3 if not self.shapes else 1
        self.shapes.append(luma.shape)
        self.clock.advance(first * round(self.full_ms * luma.size / FULL))
        return (), True


def paced(full_ms: int, plan: CameraPlan = FREE) -> tuple[CameraPlan, int, SlowDecoder]:
    clock = FakeClock()
    decoder = SlowDecoder(clock, full_ms)
    chosen, busy_us = settled(plan, decoder, clock, clock.monotonic_s)
    return chosen, busy_us, decoder


@pytest.mark.parametrize(
    ("full_ms", "size", "rate"),
    [
        (5, (1296, 972), 30),
        (25, (1296, 972), 30),
        (29, (1296, 972), 25),
        (50, (1296, 972), 15),
        (90, (1296, 972), 8),
        (150, (1296, 972), 5),
        (170, (1216, 912), 5),
        (185, (1152, 864), 5),
        (900, (1152, 864), 5),
    ],
)
def test_a_slower_machine_gets_fewer_frames_and_only_then_smaller_ones(
    full_ms: int, size: tuple[int, int], rate: int
) -> None:
    chosen, busy_us, _ = paced(full_ms)
    assert ((chosen.width, chosen.height), chosen.frame_rate) == (size, rate)
    assert busy_us == pytest.approx(full_ms * 1000 * 1_000_000 / FULL, rel=0.01)


@pytest.mark.parametrize("full_ms", range(1, 190, 7))
def test_what_is_chosen_leaves_the_decoder_its_headroom_wherever_that_is_possible(full_ms: int) -> None:
    chosen, busy_us, _ = paced(full_ms)
    pixels = chosen.width * chosen.height * WIDEST
    assert busy_us * pixels / 1_000_000 * chosen.frame_rate / 1_000_000 <= BUSY * 1.001
    assert chosen.frame_rate in RATES
    assert (chosen.width, chosen.height) in SIZES


def test_a_machine_that_is_too_slow_for_the_least_is_told_in_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "device.eye.pace"):
        paced(40)
        paced(900)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        (
            "INFO",
            f"event=camera-pace busy_ms=40.0 read_ms=40.0 frames={FRAMES} size=1296x972 frame_rate=15 busy_share=0.60",
        ),
        (
            "WARNING",
            "event=camera-pace busy_ms=900.0 read_ms=900.0 frames=3 size=1152x864 frame_rate=5 busy_share=3.56",
        ),
    ]


def test_a_slow_machine_is_not_kept_longer_than_three_frames_and_the_first_does_not_count() -> None:
    _, busy_us, decoder = paced(900)
    assert len(decoder.shapes) == 1 + LEAST_FRAMES + 2
    assert busy_us == pytest.approx(900_000 * 1_000_000 / FULL, rel=0.01)


def test_numbers_in_the_site_file_are_kept_and_nothing_is_measured() -> None:
    plan = CameraPlan("picamera2", width=640, height=480, frame_rate=60)
    chosen, busy_us, decoder = paced(900, plan)
    assert (chosen, busy_us, decoder.shapes) == (plan, 0, [])


def test_a_size_in_the_site_file_is_measured_as_it_is_and_only_the_rate_is_chosen() -> None:
    chosen, _, decoder = paced(90, CameraPlan("picamera2", width=1920, height=1080, frame_rate=0))
    assert set(decoder.shapes) == {(1080, 2560)}
    assert (chosen.width, chosen.height, chosen.frame_rate) == (1920, 1080, 5)


@pytest.mark.parametrize(("rate", "size"), [(5, (1296, 972)), (9, (1216, 912)), (10, (1152, 864)), (30, (1152, 864))])
def test_a_rate_in_the_site_file_is_held_by_smaller_frames(rate: int, size: tuple[int, int]) -> None:
    chosen, _, _ = paced(90, CameraPlan("picamera2", width=0, height=0, frame_rate=rate))
    assert ((chosen.width, chosen.height), chosen.frame_rate) == (size, rate)


@pytest.mark.parametrize(("angle", "across", "distance_mm"), [(66, 0.75, 200), (62.2, 1, 150)])
def test_the_smallest_frame_shows_a_cards_code_with_two_pixels_a_module(
    angle: float, across: float, distance_mm: float
) -> None:
    field_mm = 2 * distance_mm * tan(radians(angle / 2)) * across  # of a Module 3, 16:9, what a 4:3 is wide
    assert 18 * SIZES[-1][0] / field_mm / 49 > 2.1


def eyes() -> Cascade:
    return Cascade(chain(fit_engines()[0]))


@pytest.mark.parametrize("size", SIZES)
def test_busy_frames_hold_a_broken_code_that_no_try_reads_and_the_others_one_that_is_read(
    size: tuple[int, int],
) -> None:
    decoder = eyes()
    for luma in moving_frames(size, FRAMES, readable=False):
        assert luma.shape == size[::-1]
        assert decoder.decode(luma) == ((), True)
        assert decoder.moving
    for luma in moving_frames(size, 2, readable=True):
        assert len(decoder.decode(luma)[0]) == 1


def test_frames_are_the_same_in_every_process_so_that_two_measurements_can_be_compared() -> None:
    once, again = (list(moving_frames((640, 480), 3, readable=False)) for _ in range(2))
    assert all((one == other).all() for one, other in zip(once, again, strict=True))


def test_the_real_decoder_is_measured_within_two_seconds_and_reads_on_afterwards() -> None:
    processor_s: Callable[[], float] = time.thread_time
    decoder, began_s = eyes(), time.thread_time()
    chosen, busy_us = settled(FREE, decoder, SystemClock(), processor_s)
    assert time.thread_time() - began_s < 2
    assert busy_us > 100
    assert chosen.frame_rate in RATES
    assert decoder.decode(next(moving_frames((800, 600), 1, readable=False)))[0] == ()
