"""Codes without a quiet zone: what any engine reads on the whole frame is read by the gate within a visit."""

from __future__ import annotations

import pytest

from device.decoder import stream_reader
from device.decoder.engines import Zbar, Zxing
from tests.bench.decode_bare import CARD, bare, pictures, shown
from tests.decoder.pictures import Plane

ENGINES = (Zxing(), Zxing(global_threshold=True), Zbar())


def read_by_an_engine(frame: Plane) -> bool:
    return any(symbol.payload == CARD for engine in ENGINES for symbol in engine.read(frame).symbols)


def read_within_a_round(frame: Plane) -> bool:
    read = stream_reader()
    return any(CARD in read(each) for each in shown(frame))


def test_every_bare_code_that_an_engine_reads_is_read_within_a_visit() -> None:
    frames = pictures(480)
    by_an_engine = [number for number, frame in enumerate(frames) if read_by_an_engine(frame)]
    assert len(by_an_engine) > len(frames) // 2
    assert [number for number in by_an_engine if not read_within_a_round(frames[number])] == []


@pytest.mark.parametrize(("share", "ground"), [(0.55, 80), (0.55, 128), (0.8, 80)])
def test_a_large_bare_code_that_the_region_clips_is_read(share: float, ground: int) -> None:
    frame = bare(972, share, ground, textured=share < 0.8)
    assert read_by_an_engine(frame)
    assert read_within_a_round(frame)
