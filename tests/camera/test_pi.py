"""The Pi's camera, on a module that behaves as picamera2 does; the real one is in tests/appliance."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, Self

import numpy as np
import pytest

from device.camera import CameraPlan
from device.camera.pi import PiCamera
from device.errors import CameraError, CameraLibraryUnfit, CameraLost, CameraUnavailable
from tests.support.fakes import FakeClock

PLAN = CameraPlan(source="picamera2", width=64, height=48, frame_rate=10)
FRAME_NS = 100_000_000
EVERY_CONTROL = {
    "FrameDurationLimits": (1, 1_000_000, 33_333),
    "AfMode": (0, 2, 0),
    "LensPosition": (0.0, 15.0, 1.0),
    "AeFlickerMode": (0, 1, 0),
    "AeFlickerPeriod": (100, 1_000_000, None),
    "ExposureTime": (0, 66_666, None),
    "AnalogueGain": (1.12, 16.0, None),
}


@dataclass
class Request:
    """One finished frame, and whether it was given back."""

    buffer: np.ndarray[Any, Any]
    metadata: dict[str, object]
    released: int = 0

    def get_metadata(self) -> dict[str, object]:
        return self.metadata

    def release(self) -> None:
        self.released += 1
        self.buffer[:] = 255  # the driver writes the next frame into it


@dataclass
class MappedArray:
    request: Request
    stream: str
    reshape: bool
    write: bool

    def __enter__(self) -> Self:
        assert (self.stream, self.reshape, self.write) == ("lores", False, False)
        assert not self.request.released
        return self

    def __exit__(self, *_: object) -> None:
        pass

    @property
    def array(self) -> np.ndarray[Any, Any]:
        return self.request.buffer


@dataclass
class Library:
    """Stands in for the module picamera2: one camera, whose frames a test may write."""

    cameras: int = 1
    offered: dict[str, tuple[object, ...]] = field(default_factory=lambda: dict(EVERY_CONTROL))
    stream_format: str = "YUV420"
    size: tuple[int, int] = (64, 48)
    stride: int = 64
    requests: list[Request] = field(default_factory=list)
    done: list[object] = field(default_factory=list)
    failing: dict[str, Exception] = field(default_factory=dict)
    period_s: float = 0.0
    clock: FakeClock = field(default_factory=FakeClock)
    MappedArray: Callable[..., MappedArray] = MappedArray

    @property
    def Picamera2(self) -> _Opener:  # noqa: N802 - picamera2's word
        return _Opener(self)

    def shoot(self, stamp_ns: object, **metadata: object) -> Request:
        """Add a frame whose rows count upwards, with padding behind each row and chroma behind all."""
        buffer = np.full(self.stride * self.size[1] * 3 // 2, 99, np.uint8)
        rows = buffer[: self.stride * self.size[1]].reshape(self.size[1], self.stride)
        rows[:, : self.size[0]] = np.arange(self.size[1], dtype=np.uint8)[:, None]
        self.requests.append(Request(buffer, {"SensorTimestamp": stamp_ns, **metadata}))
        return self.requests[-1]


class _Opener:
    def __init__(self, library: Library) -> None:
        self._library = library

    def __call__(self, index: int) -> _Camera:
        return _Camera(self._library, index)

    def global_camera_info(self) -> list[dict[str, object]]:
        if "global_camera_info" in self._library.failing:
            raise self._library.failing["global_camera_info"]
        return [{"Num": number} for number in range(self._library.cameras)]


class _Camera:
    def __init__(self, library: Library, index: int) -> None:
        self._library = library
        self._do("open", index)

    def _do(self, step: str, *what: object) -> None:
        self._library.done.append((step, *what))
        if step in self._library.failing:
            raise self._library.failing[step]

    def create_video_configuration(self, **wanted: object) -> dict[str, object]:
        return wanted

    def configure(self, wanted: dict[str, Any]) -> None:
        self._do("configure", wanted["main"]["size"], wanted["lores"])
        assert wanted["queue"] is False  # a frame from before the question would be old

    def camera_configuration(self) -> dict[str, dict[str, object]]:
        return {
            "lores": {
                "format": self._library.stream_format,
                "size": self._library.size,
                "stride": self._library.stride,
            }
        }

    @property
    def camera_controls(self) -> dict[str, tuple[object, ...]]:
        return self._library.offered

    def set_controls(self, controls: dict[str, object]) -> None:
        assert set(controls) <= set(self._library.offered)  # the real one raises RuntimeError
        self._do("set_controls", controls)

    def start(self) -> None:
        self._do("start")

    def close(self) -> None:
        self._do("close")

    def capture_request(self, wait: object) -> Request:
        assert isinstance(wait, float)
        assert 0 < wait <= 1
        self._library.clock.advance(round(self._library.period_s * 1000))
        if "capture_request" in self._library.failing:
            raise self._library.failing["capture_request"]
        if not self._library.requests:
            raise TimeoutError
        return self._library.requests.pop(0)


def steps(library: Library) -> list[object]:
    return [step[0] for step in library.done if isinstance(step, tuple)]


def controls(library: Library) -> list[dict[str, object]]:
    return [step[1] for step in library.done if isinstance(step, tuple) and step[0] == "set_controls"]


def test_the_camera_is_configured_before_it_starts_and_closed_at_the_end() -> None:
    library = Library()
    with PiCamera(PLAN, library):
        pass
    assert steps(library) == ["open", "configure", "set_controls", "start", "close"]
    assert library.done[1] == ("configure", (64, 48), {"size": (64, 48), "format": "YUV420"})


def test_every_control_of_the_plan_is_set_in_libcameras_units() -> None:
    library = Library()
    with PiCamera(replace(PLAN, focus_mm=250, flicker_hz=60), library):
        pass
    assert controls(library) == [
        {
            "FrameDurationLimits": (100_000, 100_000),
            "AfMode": 0,
            "LensPosition": 4.0,
            "AeFlickerMode": 1,
            "AeFlickerPeriod": 8333,
        }
    ]


def test_a_control_that_the_sensor_does_not_offer_is_left_out_and_named(caplog: pytest.LogCaptureFixture) -> None:
    library = Library(offered={"FrameDurationLimits": (1, 2, 3)})
    with caplog.at_level(logging.INFO, "device.camera.pi"), PiCamera(PLAN, library):
        pass
    assert controls(library) == [{"FrameDurationLimits": (100_000, 100_000)}]
    assert "event=camera-controls-missing names=AeFlickerMode,AeFlickerPeriod,AfMode,LensPosition" in caplog.text


def test_a_module_without_focus_and_a_room_without_flicker_ask_for_neither() -> None:
    library = Library()
    with PiCamera(replace(PLAN, focus_mm=None, flicker_hz=0), library):
        pass
    assert controls(library) == [{"FrameDurationLimits": (100_000, 100_000)}]


@pytest.mark.parametrize("stride", [64, 96])
def test_a_frame_is_the_luma_plane_alone_and_outlives_the_drivers_buffer(stride: int) -> None:
    library = Library(stride=stride)
    request = library.shoot(5_000_000_000)
    with PiCamera(PLAN, library) as camera:
        frame = camera.capture()
    assert request.released == 1
    assert frame.luma.shape == (48, 64)
    assert frame.luma.flags.c_contiguous
    assert frame.luma.tolist() == [[row] * 64 for row in range(48)]
    assert frame.captured_ms == 5000


def test_what_the_camera_really_gives_counts_not_what_was_asked(caplog: pytest.LogCaptureFixture) -> None:
    library = Library(size=(60, 40))
    library.shoot(0)
    with PiCamera(PLAN, library) as camera:
        assert camera.capture().luma.shape == (40, 60)
    assert "event=camera-size-adjusted width=60 height=40" in caplog.text


def test_frames_are_counted_by_the_sensors_time_dropped_ones_too() -> None:
    library = Library()
    late_ns = 3_000_000  # no sensor keeps its rate to the nanosecond
    for stamp in (0, FRAME_NS - late_ns, 2 * FRAME_NS + late_ns, 5 * FRAME_NS - late_ns):
        library.shoot(7 * FRAME_NS + stamp)
    with PiCamera(PLAN, library) as camera:
        assert [camera.capture().seq for _ in range(4)] == [0, 1, 2, 5]


def test_a_sensor_faster_than_its_plan_never_gives_one_number_twice() -> None:
    library = Library()
    for stamp in range(6):
        library.shoot(stamp * FRAME_NS // 10)
    with PiCamera(PLAN, library) as camera:
        assert [camera.capture().seq for _ in range(6)] == [0, 1, 2, 3, 4, 5]


def rate_of(library: Library, period_ms: int, decode_ms: int, plan: CameraPlan = PLAN) -> float:
    """How many frames a second their numbers claim, of 40 frames."""
    with PiCamera(plan, library, clock=library.clock) as camera:
        for at in range(40):
            library.shoot(at * period_ms * 1_000_000)
        library.period_s = (period_ms - decode_ms) / 1000
        numbers = [camera.capture().seq for _ in range(40)]
    return (numbers[-1] - numbers[0]) / (39 * period_ms / 1000)


@pytest.mark.parametrize(("period_ms", "decode_ms"), [(500, 20), (500, 90), (200, 60), (1000, 0)])
def test_a_sensor_slower_than_its_plan_gives_no_numbers_to_frames_that_never_were(
    period_ms: int, decode_ms: int
) -> None:
    assert rate_of(Library(), period_ms, decode_ms) == pytest.approx(1000 / period_ms)


def test_frames_missed_while_one_was_decoded_are_counted_as_what_the_sensor_gave() -> None:
    assert rate_of(Library(), period_ms=300, decode_ms=280) == pytest.approx(10)


def test_the_sensors_own_word_on_how_long_a_frame_takes_counts_before_the_plans() -> None:
    library = Library()
    for stamp in (0, 5, 10, 20):
        library.shoot(stamp * FRAME_NS, FrameDuration=500_000)
    with PiCamera(PLAN, library) as camera:
        assert [camera.capture().seq for _ in range(4)] == [0, 1, 2, 4]


def test_a_sensor_whose_time_stands_still_is_lost_but_one_repeat_is_not() -> None:
    library = Library()
    for stamp in (1, 1, 2, 2, 2, 2, 2, 2):
        library.shoot(stamp)
    with PiCamera(PLAN, library) as camera:
        for _ in range(7):
            camera.capture()
        with pytest.raises(CameraLost, match="repeats one frame"):
            camera.capture()


@pytest.mark.parametrize("stamp", [None, "7"])
def test_frames_without_a_time_are_a_lost_camera_and_go_back_to_the_driver(stamp: object) -> None:
    library = Library()
    request = library.shoot(stamp)
    with PiCamera(PLAN, library) as camera, pytest.raises(CameraLost, match="without a time"):
        camera.capture()
    assert request.released == 1


def test_no_frame_within_a_second_is_a_lost_camera() -> None:
    with PiCamera(PLAN, Library()) as camera, pytest.raises(CameraLost, match="no frame within a second"):
        camera.capture()


def test_the_exposure_ceiling_is_held_with_the_sensors_own_lowest_gain() -> None:
    library = Library()
    library.shoot(1, ExposureTime=30_000, AnalogueGain=3.0)
    for stamp in range(2, 10):
        library.shoot(stamp, ExposureTime=10_000, AnalogueGain=1.12)
    with PiCamera(PLAN, library) as camera:
        for _ in range(9):
            camera.capture()
    assert controls(library)[1:] == [{"ExposureTime": 10_000}, {"ExposureTime": 0}]


def test_a_sensor_without_exposure_control_is_left_alone() -> None:
    library = Library(offered={"FrameDurationLimits": (1, 2, 3), "AnalogueGain": (1.0, 8.0, 1.0)})
    library.shoot(1, ExposureTime=30_000, AnalogueGain=3.0)
    with PiCamera(PLAN, library) as camera:
        camera.capture()
    assert len(controls(library)) == 1


def reason_not_opened(library: Library, plan: CameraPlan = PLAN) -> str:
    with pytest.raises(CameraUnavailable) as told, PiCamera(plan, library):
        pass
    return str(told.value)


def test_without_a_camera_the_key_is_named_and_nothing_is_opened() -> None:
    library = Library(cameras=0)
    assert reason_not_opened(library).startswith(
        "camera.source: no camera was found; switch off, check the ribbon cable"
    )
    assert steps(library) == []


def test_a_user_who_may_not_open_the_camera_is_told_which_group_is_missing() -> None:
    with pytest.raises(CameraUnavailable, match="not in the group video"):
        PiCamera(PLAN, Library(cameras=0), no_permission=lambda: True).__enter__()


def test_a_wrong_number_names_its_key_and_how_many_there_are() -> None:
    complaint = reason_not_opened(Library(cameras=2), replace(PLAN, index=2))
    assert complaint == "camera.picamera2.index: there is no camera 2; found: 2, counted from 0"


def test_a_camera_that_another_program_holds_is_told_and_can_be_tried_again() -> None:
    library = Library(failing={"open": RuntimeError("Failed to acquire camera: Device or resource busy")})
    assert reason_not_opened(library) == (
        "camera.source: the camera cannot be opened (RuntimeError: Failed to acquire camera: Device or resource busy); "
        "nobody was found who holds it: restart the machine if that stays so"
    )
    library.failing.clear()
    with PiCamera(PLAN, library):
        pass


def test_whoever_holds_the_camera_is_named_when_known() -> None:
    library = Library(failing={"open": RuntimeError()})
    with pytest.raises(CameraUnavailable, match=r"it is held by rpicam-hello \(process 812\): end that"):
        PiCamera(PLAN, library, lambda: "rpicam-hello (process 812)").__enter__()


@pytest.mark.parametrize("step", ["configure", "set_controls", "start"])
def test_a_camera_that_fails_half_open_is_closed(step: str) -> None:
    library = Library(failing={step: RuntimeError()})
    assert "cannot be opened" in reason_not_opened(library)
    assert steps(library)[-1] == "close"


RAISED = (
    ValueError("numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88"),
    OSError(5, "Input/output error"),
    SystemError("<built-in method> returned NULL without setting an exception"),
    AttributeError("'CompletedRequest' object has no attribute 'picam2'"),
    KeyError("lores"),
)


@pytest.mark.parametrize("step", ["global_camera_info", "open", "configure", "set_controls", "start"])
@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_whatever_the_library_raises_while_it_opens_is_an_unavailable_camera(step: str, error: Exception) -> None:
    assert f"({type(error).__name__}: {str(error)[:40]}" in reason_not_opened(Library(failing={step: error}))


class Failing:
    """Stands for any part of the library, and raises wherever it is used."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(self, *_: object, **__: object) -> NoReturn:
        raise self.error


@pytest.mark.parametrize(
    "part", ["capture_request", "get_metadata", "release", "MappedArray", "reshape", "set_controls"]
)
@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_whatever_the_library_raises_at_a_frame_is_a_lost_camera(part: str, error: Exception) -> None:
    library = Library()
    request = library.shoot(1, ExposureTime=30_000, AnalogueGain=3.0)
    with PiCamera(PLAN, library) as camera:
        if part in {"capture_request", "set_controls"}:
            library.failing[part] = error
        elif part == "MappedArray":
            library.MappedArray = Failing(error)
        elif part == "reshape":
            request.buffer = request.buffer[:7]
        else:
            setattr(request, part, Failing(error))
        with pytest.raises(CameraLost) as told:
            camera.capture()
    words = "ValueError: cannot reshape array" if part == "reshape" else f"{type(error).__name__}: {str(error)[:40]}"
    assert f"the camera failed ({words}" in str(told.value)


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_a_library_that_cannot_be_loaded_says_so_in_its_own_words(error: Exception) -> None:
    with pytest.raises(CameraLibraryUnfit) as told:
        PiCamera(PLAN, load=Failing(error)).__enter__()
    assert f"picamera2 cannot be loaded ({type(error).__name__}: {str(error)[:40]}" in str(told.value)


def test_the_reason_is_told_before_what_is_half_open_is_closed() -> None:
    library, told = Library(failing={"start": RuntimeError("Failed to start camera: Connection timed out")}), []

    def hear(error: CameraError) -> None:
        told.append((str(error), steps(library)[-1]))

    with pytest.raises(CameraUnavailable) as raised:
        PiCamera(PLAN, library, failed=hear).__enter__()
    assert told == [(str(raised.value), "start")]
    assert steps(library)[-1] == "close"


def test_a_stream_without_a_luma_plane_names_the_key_and_is_closed() -> None:
    library = Library(stream_format="RGB888")
    assert reason_not_opened(library) == "camera.size: the camera offers no luma plane of this size"
    assert steps(library)[-1] == "close"


def test_a_camera_that_fails_to_close_does_not_hide_what_went_wrong(caplog: pytest.LogCaptureFixture) -> None:
    library = Library(failing={"close": RuntimeError()})
    with pytest.raises(CameraLost, match="no frame"), PiCamera(PLAN, library) as camera:
        camera.capture()
    assert "event=camera-close-failed reason='RuntimeError'" in caplog.text


@pytest.mark.skipif(importlib.util.find_spec("picamera2") is not None, reason="this machine has picamera2")
def test_a_machine_without_picamera2_says_what_to_run() -> None:
    with pytest.raises(CameraUnavailable, match=r"^camera\.source: picamera2 is not installed; run setup\.sh install"):
        PiCamera(PLAN).__enter__()
