"""Codes without a quiet zone: what any engine reads on the whole frame is read by the gate within a visit."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from device.decoder import default_decoder, region
from device.decoder.engines import Zbar, Zxing
from tests.decoder.pictures import Plane, code, drawn, noisy

CARD = "079096001234|024123456|Đặng Thị Ngọc Ánh|01021996|Nữ|7 Hàng Bún, Quỳnh Lôi|03042021".encode()
ENGINES = (Zxing(), Zxing(global_threshold=True), Zbar())
ROUND = 13
"""Frames in which every try has its turn; a visit has 30."""


def bare(height: int, share: float, *, ground: int, inverted: bool = False, textured: bool = False) -> Plane:
    """Draw a code *share* of the frame's height high, without a quiet zone."""
    frame = np.full((height, height * 4 // 3), ground, np.int64)
    if textured:
        cells = np.random.default_rng(3).integers(-60, 60, (height // 12 + 1, height // 9 + 1))
        frame = frame + np.kron(cells, np.ones((12, 12), np.int64))[: frame.shape[0], : frame.shape[1]]
    symbol = code(CARD)
    thing = drawn(symbol, px=int(height * share) // len(list(symbol.matrix)), quiet=0)
    top, left = (frame.shape[0] - len(thing)) // 2, (frame.shape[1] - len(thing)) // 2
    frame[top : top + len(thing), left : left + len(thing)] = 255 - thing if inverted else thing
    return noisy(np.clip(frame, 0, 255).astype(np.uint8), 1)


def read_by_an_engine(frame: Plane) -> bool:
    return any(symbol.payload == CARD for engine in ENGINES for symbol in engine.read(frame).symbols)


def read_within_a_round(frame: Plane) -> bool:
    decoder, _ = default_decoder()
    shown = (np.roll(frame, (2 * number, 3 * number), (0, 1)) for number in range(ROUND))
    return any(symbol.payload == CARD for each in shown for symbol in decoder.decode(each)[0])


GROUNDS = ((80, False), (128, False), (235, False), (30, True), (170, True))
"""Grey around the code, and whether the code is light on dark."""


@pytest.mark.parametrize(("share", "fewest"), [(0.3, 5), (0.55, 6), (0.8, 7)])
def test_every_bare_code_that_an_engine_reads_is_read_within_a_visit(share: float, fewest: int) -> None:
    frames = [
        bare(480, share, ground=ground, inverted=inverted, textured=textured)
        for (ground, inverted), textured in product(GROUNDS, (False, True))
    ]
    by_an_engine = [number for number, frame in enumerate(frames) if read_by_an_engine(frame)]
    assert len(by_an_engine) >= fewest
    assert [number for number in by_an_engine if not read_within_a_round(frames[number])] == []


@pytest.mark.parametrize(("share", "ground"), [(0.55, 80), (0.55, 128), (0.8, 80)])
def test_a_large_bare_code_that_only_libzbar_reads_is_not_clipped(share: float, ground: int) -> None:
    frame = bare(972, share, ground=ground, textured=share < 0.8)
    assert read_by_an_engine(frame)
    assert read_within_a_round(frame)


def test_the_region_of_a_large_bare_code_holds_all_of_it() -> None:
    frame = bare(972, 0.8, ground=80)
    part = region.fullest(frame)
    assert part is not None
    size = len(drawn(code(CARD), px=int(972 * 0.8) // len(list(code(CARD).matrix)), quiet=0))
    left, top = (1296 - size) // 2, (972 - size) // 2
    assert part.left <= left < left + size <= part.right
    assert part.top <= top < top + size <= part.bottom
