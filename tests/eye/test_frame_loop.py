"""The child's loop: what it tells of frames, of a covered lens, and of engines that come back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import numpy as np
import pytest
import segno

from device.camera import CameraPlan
from device.clock import Clock
from device.decoder.engines import Engine, EngineResult, Zbar, Zxing
from device.errors import CameraError, CameraLibraryUnfit, CameraLost, CameraUnavailable, DecoderUnfit
from device.eye.covered_lens import COVERED, CoveredLensDetector
from device.eye.decoding import Decoding, MarkedEngine
from device.eye.engine_marker import NO_ENGINE
from device.eye.frame_loop import MOST_RETRY_S, decode_frames, run
from device.eye.messages import EyeOpened, Lost, Message, left_out_from_text, left_out_to_text
from device.eye.pace import RATES, SIZES
from device.model import CameraView, Frame, Sight
from tests.support.fakes import FakeClock

if TYPE_CHECKING:
    from device.model import Luma

MAKERS = (("zxing", Zxing), ("zbar", Zbar))
BLACK = np.zeros((480, 640), np.uint8)


def code(text: str) -> Luma:
    dark = np.array([list(row) for row in segno.make_qr(text).matrix], np.uint8)
    return np.pad(np.kron(255 * (1 - dark), np.ones((6, 6), np.uint8)), 60, constant_values=255)


def unfit() -> Engine:
    raise ImportError("no such library")


class FilmCamera:
    """Shows planes, ten a second; the clock follows."""

    view: CameraView | None = None

    def __init__(self, clock: FakeClock, planes: Iterable[Luma]) -> None:
        self.clock, self.planes, self.seq = clock, iter(planes), -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def capture(self) -> Frame | None:
        self.clock.advance(100)
        self.seq += 1
        luma = next(self.planes, None)
        return None if luma is None else Frame(luma, self.seq, self.clock.since_boot_ms)


def heard(
    planes: Iterable[Luma], decoding: Decoding, clock: FakeClock, detector: CoveredLensDetector | None
) -> list[Message]:
    said: list[Message] = []
    decode_frames(FilmCamera(clock, planes), decoding, clock, said.append, detector)
    return said


def decoding(
    clock: FakeClock,
    left_out_s: dict[str, float] | None = None,
    makers: tuple[tuple[str, Callable[[], Engine]], ...] = MAKERS,
    set_marker: Callable[[str], None] = lambda _engine: None,
) -> Decoding:
    return Decoding(makers, left_out_s or {}, clock.monotonic_s(), set_marker)


def test_every_frame_gives_a_sight() -> None:
    clock = FakeClock()
    said = heard([code("a"), code("b")], decoding(clock), clock, CoveredLensDetector())
    assert [m.symbols[0].payload for m in said if isinstance(m, Sight)] == [b"a", b"b"]


def test_a_covered_lens_is_lost_once_a_second_and_sight_is_opened_again() -> None:
    def film() -> Iterator[Luma]:
        yield from (BLACK for _ in range(55))
        yield code("a")

    clock = FakeClock()
    said = heard(film(), decoding(clock), clock, CoveredLensDetector())
    kinds = [type(message) for message in said]
    began = kinds.index(Lost)
    assert 30 <= began <= 36
    assert kinds[began:] == [Lost, Lost, Lost, EyeOpened, Sight]
    assert said[began] == Lost(COVERED, covered=True)


def test_a_replay_of_one_still_or_empty_picture_is_no_lost_camera() -> None:
    clock = FakeClock()
    planes = [BLACK] * 60 + [code("a")] * 60
    said = heard(planes, decoding(clock), clock, None)
    assert [type(message) for message in said] == [Sight] * 120


def test_an_engine_left_out_does_not_run_and_comes_back_when_its_time_is_over() -> None:
    clock = FakeClock()
    read = decoding(clock, {"zbar": 1.0})
    assert read.engines == ("zxing",)
    assert read.decoder.left_out == ("zbar is left out for now: it crashed",)
    said = heard([code("a")] * 15, read, clock, None)
    assert [message for message in said if isinstance(message, EyeOpened)] == [EyeOpened(("zxing", "zbar"))]
    assert said.index(EyeOpened(("zxing", "zbar"))) == 9


def test_the_last_engine_is_not_left_out_whatever_the_gate_asks() -> None:
    clock = FakeClock()
    assert decoding(clock, {"zxing": 600, "zbar": 600}).engines == ("zxing", "zbar")
    assert decoding(clock, {"zxing": 600}, (("zxing", Zxing), ("zbar", unfit))).engines == ("zxing",)


def test_without_any_engine_there_is_no_decoder() -> None:
    with pytest.raises(DecoderUnfit):
        decoding(FakeClock(), makers=(("zxing", unfit), ("zbar", unfit)))


def test_an_engine_is_named_before_it_runs_and_nobody_after() -> None:
    named: list[str] = []

    class Witness:
        name = "witness"

        def read(self, luma: Luma) -> EngineResult:
            assert named == ["witness"]
            return EngineResult()

    MarkedEngine(Witness(), named.append).read(BLACK)
    assert named == ["witness", NO_ENGINE]


def test_no_engine_of_the_chain_runs_without_its_name() -> None:
    named: list[str] = []
    clock = FakeClock()
    read = decoding(clock, set_marker=named.append)
    assert named == ["zxing", NO_ENGINE, "zbar", NO_ENGINE]  # the self-tests
    chain = read.decoder._chain
    assert all(isinstance(one.engine, MarkedEngine) for one in (chain.first, *chain.more))


def test_what_is_left_out_crosses_to_the_child_as_text() -> None:
    assert left_out_from_text(left_out_to_text({"zbar": 599.6, "zxing": 3})) == {"zbar": 600, "zxing": 3}
    assert left_out_from_text(left_out_to_text({})) == {}


class Openings:
    """Makes cameras as `open_camera` does, each of which raises; stops after so many."""

    view: CameraView | None = None

    def __init__(self, clock: FakeClock, stop: threading.Event, said: list[object], most: int) -> None:
        self.clock, self.stop, self.said, self.most = clock, stop, said, most
        self.opening: CameraError | None = CameraUnavailable("no ribbon")
        self.capturing: CameraError = CameraLost("gone")
        self.at_s: list[float] = []
        self.saw_ms = 0

    def __call__(self, _plan: CameraPlan, _clock: object, lose: Callable[[CameraError], None]) -> Self:
        self.at_s.append(self.clock.monotonic_s())
        if len(self.at_s) == self.most:
            self.stop.set()
        return self

    def __enter__(self) -> Self:
        if self.opening is not None:
            raise self.opening
        return self

    def __exit__(self, *_: object) -> None:
        self.said.append("closed")

    def capture(self) -> Frame | None:
        self.clock.advance(self.saw_ms)
        raise self.capturing


def looped(most: int, **set_: object) -> tuple[Openings, list[object], int]:
    clock, stop, said = FakeClock(), threading.Event(), list[object]()
    openings = Openings(clock, stop, said, most)
    for name, value in set_.items():
        setattr(openings, name, value)
    code = run(CameraPlan("picamera2"), lambda: decoding(clock), clock, said.append, stop, open_=openings)
    return openings, said, code


def pauses(openings: Openings) -> list[float]:
    return [later - earlier for earlier, later in pairwise(openings.at_s)]


def test_a_camera_that_cannot_be_opened_is_tried_ever_more_slowly_and_the_eye_is_never_silent() -> None:
    openings, said, _ = looped(9)
    assert pauses(openings) == [1, 2, 4, 8, 16, MOST_RETRY_S, MOST_RETRY_S, MOST_RETRY_S]
    assert set(map(str, said)) == {str(Lost("no ribbon"))}
    assert len(said) == sum(pauses(openings))  # each second


def test_a_camera_that_saw_for_a_while_is_opened_again_at_once() -> None:
    openings, _, _ = looped(3, opening=None, saw_ms=60_000)
    assert pauses(openings) == [61, 61]


def test_why_a_camera_is_lost_is_told_before_it_is_closed_which_may_take_for_ever() -> None:
    _, said, _ = looped(1, opening=None)
    assert said == [EyeOpened(("zxing", "zbar")), Lost("gone"), "closed"]


def test_a_library_that_cannot_be_loaded_ends_the_eye_for_only_a_new_process_can_load_it() -> None:
    openings, said, code = looped(9, opening=CameraLibraryUnfit("numpy"))
    assert (len(openings.at_s), said, code) == (1, [Lost("numpy")], 1)


class PiFilm(FilmCamera):
    """A camera of a Pi: shows one frame each time it is opened, and is lost."""

    def __init__(self, clock: FakeClock, plan: CameraPlan) -> None:
        super().__init__(clock, [np.full((480, 640), 90, np.uint8)])
        self.view = CameraView("imx708", (2304, 1296), 10, (plan.width, plan.height), plan.frame_rate, (999, 1000))

    def capture(self) -> Frame | None:
        frame = super().capture()
        if frame is None:
            raise CameraLost("it is gone")
        return frame


def test_what_the_camera_shows_is_told_behind_each_opening_and_its_pace_is_measured_once() -> None:
    clock, stop = FakeClock(), threading.Event()
    plans: list[CameraPlan] = []
    said: list[Message] = []

    def opened(plan: CameraPlan, _clock: Clock, _lose: Callable[[CameraError], None]) -> FilmCamera:
        plans.append(plan)
        if len(plans) == 3:
            stop.set()
        return PiFilm(clock, plan)

    free = CameraPlan("picamera2", width=0, height=0, frame_rate=0)
    assert run(free, lambda: decoding(clock), clock, said.append, stop, open_=opened) == 0
    assert len(plans) == 3
    assert len(set(plans)) == 1
    assert (plans[0].width, plans[0].height) in SIZES
    assert plans[0].frame_rate in RATES
    views = [message for message in said if isinstance(message, CameraView)]
    assert [type(message) for message in said[:3]] == [EyeOpened, CameraView, Sight]
    assert views[0].busy_us > 0
    assert len(views) == 3
    assert len(set(views)) == 1
