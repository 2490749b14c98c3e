from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from device.decoder import default_decoder, still_reader, stream_reader
from device.decoder.cascade import _MISSES as MISSES
from device.decoder.cascade import STILL_LOOK, STILL_TRY, Cascade
from device.decoder.engines import EngineResult
from device.decoder.tries import Chain, Try, View
from device.demo.scenes.carriers import Carrier
from device.demo.scenes.geometry import Pose
from device.demo.scenes.people import citizen_card, invent
from device.demo.scenes.render import render
from device.demo.scenes.scene import Optics, Scene
from device.model import Symbol
from tests.decoder.pictures import Plane, blurred, code, drawn, noisy, picture, placed

if TYPE_CHECKING:
    from device.model import Luma

SQUARE = ((0, 0), (9, 0), (9, 9), (0, 9))
CARD = "079096001234|024123456|Đặng Thị Ngọc Ánh|01021996|Nữ|7 Hàng Bún, Quỳnh Lôi|03042021"


class Scripted:
    """An engine that reads when told to, and counts how often it was asked."""

    def __init__(self, name: str, *, reads: bool = False, broken: bool = False) -> None:
        self.name = name
        self.reads = reads
        self.broken = broken
        self.asked = 0

    def read(self, luma: Luma) -> EngineResult:
        self.asked += 1
        return EngineResult(
            (Symbol(self.name.encode(), SQUARE, self.name),) if self.reads else (), (SQUARE,) if self.broken else ()
        )


def scripted(**more: Scripted) -> tuple[Cascade, Scripted, dict[str, Scripted]]:
    first = Scripted("first")
    engines = more or {name: Scripted(name) for name in "abcd"}
    tries = tuple(Try(name, each, whole=True) for name, each in engines.items())
    return Cascade(Chain(Try("first", first, whole=True), tries), cpu_s=lambda: 0.0), first, engines


def changing(count: int) -> list[Plane]:
    """Frames of which each differs from the one before."""
    return [np.full((48, 64), 40 + 100 * (n % 2), np.uint8) for n in range(count)]


STILL = np.full((48, 64), 90, np.uint8)


def test_a_code_the_first_look_reads_costs_no_other_try() -> None:
    cascade, first, engines = scripted()
    first.reads = True
    symbols, broken = cascade.decode(STILL)
    assert [symbol.payload for symbol in symbols] == [b"first"]
    assert not broken
    assert [engine.asked for engine in engines.values()] == [0, 0, 0, 0]


def test_on_a_miss_each_frame_gets_one_more_try_in_turn() -> None:
    cascade, first, engines = scripted()
    for frame in changing(6):
        assert cascade.decode(frame) == ((), False)
    assert first.asked == 6
    assert [engine.asked for engine in engines.values()] == [2, 2, 1, 1]


def test_a_broken_code_gets_two_tries_more_and_is_reported() -> None:
    cascade, first, engines = scripted()
    first.broken = True
    assert cascade.decode(STILL) == ((), True)
    assert [engine.asked for engine in engines.values()] == [1, 1, 1, 0]


def test_the_try_that_read_last_goes_first_on_the_next_frame() -> None:
    cascade, _, engines = scripted()
    engines["c"].reads = True
    read = [bool(cascade.decode(frame)[0]) for frame in changing(6)]
    assert read == [False, False, True, True, True, True]
    assert engines["d"].asked == 0


def test_a_symbol_names_the_try_that_read_it() -> None:
    cascade, _, _ = scripted(sharp=Scripted("engine", reads=True))
    assert cascade.decode(STILL)[0][0].engine == "sharp"


def test_a_still_scene_without_a_code_is_tried_in_every_way_and_then_seldom() -> None:
    cascade, first, engines = scripted()
    for _ in range(1 + 4):
        cascade.decode(STILL)
    assert min(engine.asked for engine in engines.values()) >= 1
    asked = first.asked
    for _ in range(4 * STILL_LOOK):
        assert cascade.decode(STILL) == ((), False)
    assert first.asked - asked == 4


def test_a_still_scene_has_the_quick_look_alone_but_for_every_fourth_time() -> None:
    cascade, first, engines = scripted()
    for _ in range(1 + 8 * STILL_LOOK * STILL_TRY):
        cascade.decode(STILL)
    assert first.asked == 1 + 4 + 8 * STILL_TRY
    assert sum(engine.asked for engine in engines.values()) == 1 + 4 + 8


def test_a_broken_code_in_a_still_scene_is_tried_at_every_look() -> None:
    cascade, first, engines = scripted()
    first.broken = True
    for _ in range(1 + STILL_LOOK * STILL_TRY):
        cascade.decode(STILL)
    assert sum(engine.asked for engine in engines.values()) == 3 * first.asked


def test_the_cascade_tells_whether_the_frame_had_changed() -> None:
    cascade, _, _ = scripted()
    moving = []
    for frame in (STILL, STILL, STILL + 60, STILL + 60):
        cascade.decode(frame)
        moving.append(cascade.moving)
    assert moving == [True, False, True, False]


def test_a_code_held_still_keeps_being_reported_and_is_looked_at_every_tenth_frame() -> None:
    cascade, first, _ = scripted()
    first.reads = True
    for _ in range(1 + 5 * STILL_LOOK):
        assert len(cascade.decode(STILL)[0]) == 1
    assert first.asked == 6


def test_one_missed_look_at_an_unchanged_picture_does_not_lose_the_code() -> None:
    cascade, first, _ = scripted()
    first.reads = True
    cascade.decode(STILL)
    first.reads = False
    reported = [bool(cascade.decode(STILL)[0]) for _ in range(STILL_LOOK + MISSES)]
    assert reported == [True] * (STILL_LOOK + MISSES - 2) + [False] * 2
    first.reads = True
    cascade, first, _ = scripted()
    first.reads = True
    cascade.decode(STILL)
    first.reads = False
    for _ in range(STILL_LOOK):
        assert cascade.decode(STILL)[0]
    first.reads = True
    for _ in range(3 * STILL_LOOK):
        assert cascade.decode(STILL)[0]


def test_a_code_taken_away_is_gone_with_the_next_frame() -> None:
    cascade, first, _ = scripted()
    first.reads = True
    cascade.decode(STILL)
    first.reads = False
    assert cascade.decode(STILL + 60)[0] == ()


@pytest.mark.parametrize("deviation", [0.0, 6.0])
def test_a_card_held_still_under_sensor_noise_is_still_and_read(deviation: float) -> None:
    cascade, _ = default_decoder()
    frame = placed(picture(CARD, px=3))
    moving = []
    for seed in range(30):
        symbols, _ = cascade.decode(noisy(frame, seed, deviation=deviation))
        assert [symbol.payload for symbol in symbols] == [CARD.encode()]
        moving.append(cascade.moving)
    assert moving == [True] + [False] * 29


def test_a_card_that_enters_a_still_scene_is_read_in_its_first_frame() -> None:
    cascade, _ = default_decoder()
    empty = np.full((480, 640), 128, np.uint8)
    for seed in range(25):
        assert cascade.decode(noisy(empty, seed))[0] == ()
    symbols, _ = cascade.decode(noisy(placed(picture(CARD, px=3)), 99))
    assert [symbol.payload for symbol in symbols] == [CARD.encode()]


def test_a_blurred_card_that_the_first_look_misses_is_read_by_a_later_try() -> None:
    frame = blurred(placed(picture(CARD, px=3)), 4)
    first = default_decoder()[0]._chain.first
    assert first.look(View(frame)).symbols == ()
    assert still_reader()(frame) == [CARD.encode()]
    read = stream_reader()
    assert [CARD.encode()] in [read(frame) for _ in range(8)]


def test_a_try_on_a_part_gives_corners_of_the_frame() -> None:
    sharp = picture(CARD, px=3)
    frame = blurred(placed(sharp, at=(100, 300)), 4)
    cascade, _ = default_decoder()
    read = [symbols for symbols, _ in (cascade.decode(frame) for _ in range(8)) if symbols]
    (symbol,) = read[0]
    far = sharp.shape[0] - 12
    expected = [(312, 112), (300 + far, 112), (300 + far, 100 + far), (312, 100 + far)]
    assert symbol.engine != "zxing"
    assert np.abs(np.array(symbol.corners) - np.array(expected)).max() <= 6


def test_a_seldom_try_takes_its_turn_every_fourth_time_round() -> None:
    often, seldom = Scripted("often"), Scripted("seldom")
    tries = (Try("often", often, whole=True), Try("seldom", seldom, whole=True, seldom=True))
    cascade = Cascade(Chain(Try("first", Scripted("first"), whole=True), tries), cpu_s=lambda: 0.0)
    for frame in changing(20):
        cascade.decode(frame)
    assert (often.asked, seldom.asked) == (16, 4)


def test_a_try_is_not_made_where_the_frame_is_plain_or_its_part_is_too_big() -> None:
    asked = Scripted("asked")
    never = Try("never", asked, most=0.2)
    plain, big, small = np.full((480, 640), 9, np.uint8), picture(CARD, px=9), placed(picture(CARD, px=2))
    assert [never.worth(View(plane)) for plane in (plain, big, small)] == [False, False, True]


def test_libzbar_alone_reads_dark_mode_within_two_frames() -> None:
    cascade = Cascade(default_decoder(frozenset({"zxing"}))[0]._chain, cpu_s=lambda: 0.0)  # on a busy host, too
    frame = 255 - placed(picture(CARD, px=3))
    read = [symbol.payload for _ in range(2) for symbol in cascade.decode(frame)[0]]
    assert CARD.encode() in read


def test_a_code_on_a_sixteen_megapixel_photo_is_read_with_corners_in_its_pixels() -> None:
    frame = placed(picture(CARD, px=16), shape=(3464, 4618), at=(1000, 2000))
    (symbol,), _ = default_decoder()[0].decode(frame)
    assert symbol.payload == CARD.encode()
    assert symbol.corners[0] == pytest.approx((2064, 1064), abs=24)


@pytest.mark.parametrize(
    "plane",
    [
        np.zeros((0, 0), np.uint8),
        np.zeros((0, 40), np.uint8),
        np.zeros((1, 1), np.uint8),
        np.zeros((1, 5000), np.uint8),
        np.zeros((5000, 1), np.uint8),
        np.zeros((2, 2), np.uint8),
        np.full((480, 640), 255, np.uint8),
        np.zeros((480, 640), np.uint8),
        np.random.default_rng(1).integers(0, 256, (480, 640), dtype=np.uint8),
        np.zeros((480, 640), np.float64),
        np.zeros((48, 64, 3), np.uint8),
    ],
    ids=["0x0", "0x40", "1x1", "row", "column", "2x2", "white", "black", "noise", "float", "colour"],
)
def test_pictures_without_a_code_show_none_and_never_raise(plane: Plane) -> None:
    cascade, _ = default_decoder()
    assert [cascade.decode(plane)[0] for _ in range(6)] == [()] * 6
    assert still_reader()(plane) == []


def test_a_plane_whose_size_changes_between_frames_is_read() -> None:
    cascade, _ = default_decoder()
    for shape in ((480, 640), (600, 800), (480, 640)):
        symbols, _ = cascade.decode(placed(picture(CARD, px=3), shape=shape))
        assert [symbol.payload for symbol in symbols] == [CARD.encode()]
        assert cascade.moving


def test_a_strided_view_is_read_as_it_looks() -> None:
    wide = placed(picture(CARD, px=6), shape=(960, 1280))
    assert still_reader()(wide[::2, ::2]) == [CARD.encode()]
    assert still_reader()(np.asfortranarray(wide)) == [CARD.encode()]


def test_a_dark_mode_code_is_read() -> None:
    assert still_reader()(placed(255 - picture(CARD, px=3))) == [CARD.encode()]


def test_what_can_be_measured_keeps_nothing_between_calls() -> None:
    read = still_reader()
    frame = placed(picture(CARD, px=3))
    assert read(frame) == [CARD.encode()]
    assert read(np.full_like(frame, 128)) == []
    assert read(drawn(code(b"other"))) == [b"other"]


def test_a_picture_of_one_endless_row_is_decoded_without_a_crash() -> None:
    decoder, _ = default_decoder()
    for shape in ((1, 200_000), (200_000, 1), (2, 70_000)):
        assert decoder.decode(np.zeros(shape, np.uint8))[0] == ()


def test_a_hard_code_held_still_is_not_reported_gone() -> None:
    """Only the sensor's noise differs between the frames; one look in some misses."""
    payload = citizen_card(invent(7))
    still = Scene(payload, Carrier.CARD, Pose(3.0), Optics(defocus_px=1.6, noise=4.0, exposure=0.6))
    decoder, _ = default_decoder()
    seen = [bool(decoder.decode(render(still, (640, 480), seed))[0]) for seed in range(100)]
    assert any(seen)
    assert all(seen[seen.index(True) :])
