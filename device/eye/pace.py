"""Pace of the camera: so many frames a second, of such a size, as this machine's decoder keeps up with.

A Pi Zero 2 W is no Pi 5. So an eye that is left the choice decodes busy frames for a moment before it opens its
camera, and asks it for no more than it can look at: first fewer frames a second, then smaller ones. What it measures
is processor time, which the other programs of a booting Pi lengthen little.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from device.camera import CameraPlan
from device.clock import Clock
from device.decoder.selftest import PICTURE, read_pgm
from device.ports import Decoder

if TYPE_CHECKING:
    from device.model import Luma

SIZES: Final = ((1296, 972), (1216, 912), (1152, 864))
"""Largest first. With the last, the code of a citizen card (18 mm, 49 modules) has 2.1 pixels a module at 20 cm from a
Camera Module 3, and 2.3 at 15 cm from a Module 2: nine pictures of ten are read, with fewer pixels soon none
(``tests/demo/scenes/read-rate.svg``)."""
WIDEST: Final = 4 / 3
"""A camera gives the shape of its sensor: of a size of 4:3, at 16:9, so many times the pixels."""
RATES: Final = (30, 25, 20, 15, 12, 10, 8, 6, 5)
"""Frames a second. More than 30 would tell sooner by 8 ms on average; fewer than 5 see a code that is shown briefly
too seldom."""
BUSY: Final = 0.75
"""Of a processor's time, what a camera full of busy frames may take: the rest is for a warm day and another program."""
FRAMES: Final = 8
"""Busy frames that are decoded: in four of them every try has its turn (`device.decoder.tries`)."""
LEAST_FRAMES: Final = 3
LONGEST_S: Final = 0.8
"""After so long no further frame is begun."""
_STEP: Final = 24
"""By how many pixels the picture moves from frame to frame."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Costs:
    """What frames took the decoder, in seconds of processor time.

    Attributes:
        busy_s: a moving frame in which a code is seen and cannot be read: the mean, as the tries take turns.
        read_s: a moving frame whose code is read.
        frames: how many busy ones were measured.
    """

    busy_s: float
    read_s: float
    frames: int

    def for_pixels(self, share: float) -> float:
        """Return the seconds that a busy frame with this share of the pixels takes: the looks go over all of them."""
        return self.busy_s * share


def settled(
    plan: CameraPlan, decoder: Decoder, clock: Clock, processor_s: Callable[[], float] = time.thread_time
) -> tuple[CameraPlan, int]:
    """Return the plan with a size and a rate, and what a busy frame takes, in µs a million pixels (0: not measured).

    What the plan says is kept; only what it leaves open (0) is chosen, by measurement, which takes about a second at
    the most and is logged.

    Args:
        plan: of a camera; a replay has its own pace, so its plan leaves nothing open.
        decoder: is given frames; what it keeps of them is gone with the next one that moves.
        clock: bounds the measurement.
        processor_s: tells the processor time of this thread.
    """
    if plan.frame_rate and plan.width:
        return plan, 0
    largest = (plan.width, plan.height) if plan.width else SIZES[0]
    costs = measure(decoder, (round(largest[0] * WIDEST) & ~1, largest[1]), clock, processor_s)
    size, rate = choose(costs, largest, plan.frame_rate, fixed_size=bool(plan.width))
    busy_s = costs.for_pixels(size[0] * size[1] / (largest[0] * largest[1]))
    log.log(
        logging.INFO if busy_s * rate <= 1 else logging.WARNING,
        "event=camera-pace busy_ms=%.1f read_ms=%.1f frames=%d size=%s frame_rate=%d busy_share=%.2f",
        costs.busy_s * 1000,
        costs.read_s * 1000,
        costs.frames,
        f"{size[0]}x{size[1]}",
        rate,
        busy_s * rate,
    )
    million_s = busy_s * 1_000_000 / (size[0] * size[1] * WIDEST)
    return replace(plan, width=size[0], height=size[1], frame_rate=rate), round(million_s * 1_000_000)


def choose(costs: Costs, largest: tuple[int, int], frame_rate: int, *, fixed_size: bool) -> tuple[tuple[int, int], int]:
    """Return the largest size, and at that size the highest rate, that leave the decoder its headroom.

    Args:
        costs: measured at the size *largest*, of the widest shape.
        largest: the size to begin with.
        frame_rate: a rate to be held; 0: any of `RATES`.
        fixed_size: there is no other size.

    When nothing leaves it, the smallest size, and the lowest rate unless one is to be held.
    """
    sizes = (largest,) if fixed_size else SIZES
    rates = (frame_rate,) if frame_rate else RATES
    for size in sizes:
        busy_s = costs.for_pixels(size[0] * size[1] / (largest[0] * largest[1]))
        for rate in rates:
            if busy_s * rate <= BUSY:
                return size, rate
    return sizes[-1], rates[-1]


def measure(decoder: Decoder, size: tuple[int, int], clock: Clock, processor_s: Callable[[], float]) -> Costs:
    """Decode rendered frames of this size, and return what they took."""

    def decode(luma: Luma) -> float:
        began_s = processor_s()
        decoder.decode(luma)
        return processor_s() - began_s

    end_s = clock.monotonic_s() + LONGEST_S
    busy = []
    for luma in moving_frames(size, FRAMES + 1, readable=False):
        busy.append(decode(luma))
        if len(busy) > LEAST_FRAMES and clock.monotonic_s() >= end_s:
            break
    read_s = [decode(luma) for luma in moving_frames(size, 2, readable=True)]
    counted = busy[1:]  # the first one pays for what is set up once
    return Costs(sum(counted) / len(counted), read_s[-1], len(counted))


def moving_frames(size: tuple[int, int], count: int, *, readable: bool) -> Iterator[Luma]:
    """Yield frames of a moving scene: rows of print, sensor noise, and a code half the picture's height.

    Args:
        size: width and height of each.
        count: how many.
        readable: the code can be read; else a hand covers the middle of it.
    """
    width, height = size
    broad = width + _STEP * count
    noise = 96 + _scattered(64, 64, 16)
    scene = np.tile(noise, (-(-height // 64), -(-broad // 64)))[:height, :broad]
    letters = np.repeat(_scattered(height // 48, broad // 6, 2) * 60, 6, axis=1)
    for line, row in enumerate(letters):
        scene[line * 48 : line * 48 + 14, : row.size] += row
    code = read_pgm(PICTURE)
    factor = max(1, height // (2 * code.shape[0]))
    code = np.repeat(np.repeat(code, factor, axis=0), factor, axis=1)
    side, third = code.shape[0], code.shape[0] // 3
    if not readable:
        code[third:-third, third:-third] = 110
    top, left = (height - side) // 2, (broad - side) // 2
    scene[top : top + side, left : left + side] = code
    for step in range(count):
        yield np.ascontiguousarray(scene[:, step * _STEP : step * _STEP + width])


def _scattered(height: int, width: int, below: int) -> Luma:
    """Return numbers without a pattern; numpy's generator would cost the eye 7 MB of memory for good."""
    once = np.arange(height * width, dtype=np.uint32) * np.uint32(2_654_435_761)  # Knuth's multiplier
    twice = (once ^ (once >> np.uint32(15))) * np.uint32(2_246_822_519)
    return ((twice >> np.uint32(16)) % np.uint32(below)).astype(np.uint8).reshape(height, width)
