"""What a picture may cost: counted in looks and tries on a clock of the test's own, never in time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest

from device.decoder import default_decoder
from device.decoder.cascade import CROWD, DEAR, MOST_REST, PAID, Cascade
from device.decoder.engines import ZBAR, EngineResult
from device.decoder.selftest import ENGINES
from device.decoder.tries import Chain, Try
from device.eye.decoding import Decoding
from device.model import Symbol
from tests.bench.decode_hostile import KINDS, frames

if TYPE_CHECKING:
    from device.decoder.engines import Corners
    from device.model import Luma

SQUARE: Corners = ((0, 0), (9, 0), (9, 9), (0, 9))
COMPARED_S = 0.5
"""What comparing a frame with the last one costs by `Clock`."""


@dataclass
class Clock:
    """Processor time: each look at it is half a comparison later, and engines add what they cost."""

    now_s: float = 0.0

    def __call__(self) -> float:
        self.now_s += COMPARED_S
        return self.now_s


@dataclass
class Costly:
    """An engine that takes its time, and finds so many codes."""

    clock: Clock
    name: str = "engine"
    cost_s: float = 0.0
    broken: int = 0
    read_too: int = 0
    asked: int = field(default=0)

    def read(self, luma: Luma) -> EngineResult:
        self.asked += 1
        self.clock.now_s += self.cost_s
        return EngineResult((Symbol(b"x", SQUARE, self.name),) * self.read_too, (SQUARE,) * self.broken)


def cascade_of(clock: Clock, first: Costly, *more: Costly) -> Cascade:
    tries = tuple(Try(f"{number}", engine, whole=True) for number, engine in enumerate(more))
    return Cascade(Chain(Try("first", first, whole=True), tries), cpu_s=clock)


def show(cascade: Cascade, count: int, *, still: bool = False) -> None:
    for number in range(count):
        cascade.decode(np.full((48, 64), 40 if still else 40 + 100 * (number % 2), np.uint8))


def test_a_crowd_of_broken_codes_gets_one_more_try_and_never_libzbars() -> None:
    clock = Clock()
    first, zxing, zbar = Costly(clock, broken=CROWD + 1), Costly(clock), Costly(clock, ZBAR)
    show(cascade_of(clock, first, zbar, zxing, zbar), 20)
    assert (zxing.asked, zbar.asked) == (first.asked, 0)
    first.broken = CROWD
    show(cascade_of(clock, first, zbar, zxing, zbar), 1)
    assert zbar.asked == 2


@pytest.mark.parametrize(("broken", "read"), [(CROWD + 1, 0), (0, CROWD + 1), (3, 2)])
def test_frames_after_a_dear_crowd_are_not_looked_at(broken: int, read: int) -> None:
    clock = Clock()
    first = Costly(clock, cost_s=100 * COMPARED_S * PAID, broken=broken, read_too=read)
    cascade = cascade_of(clock, first)
    show(cascade, 3 * (1 + MOST_REST))
    assert first.asked == 3
    assert cascade.decode(np.full((48, 64), 99, np.uint8))[1] is (broken > 0)


def test_a_look_that_is_dear_without_a_code_counts_as_a_crowd() -> None:
    clock = Clock()
    first, zbar = Costly(clock, cost_s=4 * DEAR * COMPARED_S), Costly(clock, ZBAR)
    show(cascade_of(clock, first, zbar), 20)
    assert (first.asked, zbar.asked) == (20 // (1 + MOST_REST), 0)


def test_after_a_dear_try_there_are_frames_without_one_until_it_is_paid() -> None:
    clock = Clock()
    first, dear = Costly(clock), Costly(clock, cost_s=5 * PAID * COMPARED_S)
    show(cascade_of(clock, first, dear), 30)
    assert first.asked == 30
    assert dear.asked == 6


def test_a_broken_code_gets_its_three_tries_only_while_they_are_paid_for() -> None:
    clock = Clock()
    first, cheap = Costly(clock, broken=1), [Costly(clock) for _ in range(6)]
    show(cascade_of(clock, first, *cheap), 8)
    assert sum(each.asked for each in cheap) == 24
    dear = [Costly(clock, cost_s=2 * PAID * COMPARED_S) for _ in range(6)]
    show(cascade_of(clock, Costly(clock, broken=1), *dear), 8)
    assert sum(each.asked for each in dear) == 4


def test_a_dear_try_that_reads_is_made_in_every_frame() -> None:
    clock = Clock()
    reads = Costly(clock, cost_s=9 * PAID * COMPARED_S, read_too=1)
    show(cascade_of(clock, Costly(clock), reads), 12)
    assert reads.asked == 12


def test_a_still_picture_of_dear_tries_gets_all_of_them_in_time() -> None:
    clock = Clock()
    dear = [Costly(clock, cost_s=3 * PAID * COMPARED_S) for _ in range(4)]
    show(cascade_of(clock, Costly(clock), *dear), 12, still=True)
    assert [each.asked for each in dear] == [1, 1, 1, 1]


@pytest.mark.parametrize("kind", ["broken codes", "small broken codes", "finder patterns in noise"])
def test_libzbar_does_not_run_on_frames_full_of_broken_codes(kind: str) -> None:
    ran: list[str] = []
    decoder = Decoding(ENGINES, {}, 0.0, ran.append).decoder
    ran.clear()
    for frame in frames(kind, "moving", 6):
        assert decoder.decode(frame) == ((), True)
    assert ran.count("zxing") <= 2 * 6
    assert ZBAR not in ran


def test_every_hostile_kind_has_frames_of_the_gates_size_and_reads_nothing_wrong() -> None:
    decoder, _ = default_decoder()
    for kind in KINDS:
        (frame,) = frames(kind, "new", 1, share=0.05, inverted=True)
        assert frame.shape == (972, 1296)
        symbols, _ = decoder.decode(frame)
        assert all(symbol.payload.isdigit() for symbol in symbols), kind
