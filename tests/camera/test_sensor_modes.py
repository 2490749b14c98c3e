"""Which mode of a sensor, and which shape of stream, shows the whole of what the lens throws on it."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from device.camera import CameraPlan
from device.camera.pi import PiCamera
from device.camera.sensor_modes import configure, stream_size
from tests.support.sensors import BY_NAME, SENSORS, SensorCamera, SensorLibrary, chosen_by_picamera2

DEFAULT = (1296, 972)
NAMES = [sensor.name for sensor in SENSORS]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [DEFAULT, (1280, 720), (640, 480), (1024, 768), (1920, 1080)])
def test_every_sensor_shows_its_whole_view_at_every_usual_size(name: str, size: tuple[int, int]) -> None:
    camera = SensorCamera(BY_NAME[name])
    view = configure(camera, size, 15)
    assert camera.share_of_width() >= 0.97
    assert view.shares is not None
    assert min(view.shares) >= 970
    assert view.shares[0] == round(1000 * camera.share_of_width())


@pytest.mark.parametrize("name", NAMES)
def test_no_stream_is_larger_than_what_the_sensor_reads_out(name: str) -> None:
    for size in (DEFAULT, (320, 240), (1920, 1080)):
        view = configure(SensorCamera(BY_NAME[name]), size, 15)
        assert view.size <= view.mode
        assert view.size[1] <= view.mode[1]
        assert view.size[0] % 2 == view.size[1] % 2 == 0


@pytest.mark.parametrize(
    ("name", "mode", "bit_depth", "stream"),
    [
        ("imx219", (1640, 1232), 10, DEFAULT),
        ("imx477", (2028, 1520), 12, DEFAULT),
        ("imx378", (2028, 1520), 12, DEFAULT),
        ("imx519", (2328, 1748), 10, DEFAULT),
        ("imx708", (2304, 1296), 10, (1728, 972)),
        ("ov5647", (1296, 972), 10, DEFAULT),
        ("ov64a40", (2312, 1736), 10, DEFAULT),
        ("imx296", (1456, 1088), 10, DEFAULT),
        ("imx500", (2028, 1520), 10, DEFAULT),
        ("ov9281", (1280, 800), 10, (1280, 800)),
    ],
)
def test_the_smallest_whole_mode_is_taken_and_a_wide_sensor_gets_a_wide_stream(
    name: str, mode: tuple[int, int], bit_depth: int, stream: tuple[int, int]
) -> None:
    view = configure(SensorCamera(BY_NAME[name]), DEFAULT, 15)
    assert (view.sensor, view.mode, view.bit_depth, view.size) == (name, mode, bit_depth, stream)


@pytest.mark.parametrize(
    ("name", "size", "share"),
    [
        ("imx708", DEFAULT, 0.5),
        ("imx219", (1280, 720), 0.59),
        ("ov5647", (1280, 720), 0.75),
        ("imx219", (640, 480), 0.4),
    ],
)
def test_without_a_mode_named_a_part_of_the_view_would_be_lost(name: str, size: tuple[int, int], share: float) -> None:
    assert chosen_by_picamera2(BY_NAME[name], size).share_of_width() == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_no_more_modes_are_tried_than_lie_below_the_one_that_is_taken(name: str) -> None:
    camera = SensorCamera(BY_NAME[name])
    configure(camera, DEFAULT, 15)
    assert len(camera.configured) <= 3
    assert camera.configured[-1] == camera.mode.size if camera.mode else False


def test_a_rate_that_the_small_whole_mode_cannot_hold_never_costs_a_part_of_the_view() -> None:
    camera = SensorCamera(BY_NAME["imx219"])
    view = configure(camera, DEFAULT, 60)
    assert (view.mode, view.frame_rate) == ((1640, 1232), 41)
    assert camera.mode is not None
    assert camera.mode.size == (1640, 1232)


def test_a_mode_for_thirty_frames_that_says_a_little_less_is_fast_enough() -> None:
    assert configure(SensorCamera(BY_NAME["imx519"]), DEFAULT, 30).frame_rate == 30


def test_a_mode_that_is_too_large_for_the_memory_leaves_the_one_that_worked() -> None:
    camera = SensorCamera(BY_NAME["imx477"], too_large=(2028, 1520))
    view = configure(camera, DEFAULT, 15)
    assert view.mode == (2028, 1080)
    assert view.shares == (710, 711)


def test_a_camera_that_takes_no_mode_at_all_raises_its_own_error() -> None:
    with pytest.raises(OSError, match="Cannot allocate"):
        configure(SensorCamera(BY_NAME["imx708"], too_large=(0, 0)), DEFAULT, 15)


def test_a_camera_that_tells_no_crops_gets_the_smallest_mode_and_no_share_is_claimed() -> None:
    view = configure(SensorCamera(BY_NAME["imx219"], says_crops=False), DEFAULT, 15)
    assert (view.mode, view.shares) == ((1640, 1232), None)


class WithoutModes:
    """A USB camera, or libcamera's virtual one: no raw formats, no crops; picamera2 takes no sensor= for it."""

    def __init__(self, listed: list[dict[str, object]]) -> None:
        self._raw_modes = listed
        self.camera_properties = {"Model": "Gate"}
        self.camera_controls: dict[str, tuple[object, ...]] = {"FrameDurationLimits": (16_666, 66_666, 33_333)}
        self.wanted: list[dict[str, Any]] = []

    def create_video_configuration(self, **wanted: object) -> dict[str, object]:
        return wanted

    def configure(self, wanted: dict[str, Any]) -> None:
        self.wanted.append(wanted)


@pytest.mark.parametrize(
    "listed",
    [[], [{"format": "NV12", "size": (640, 480)}], [{"format": "MJPEG"}, {"format": "RGB888", "size": (8, 8)}]],
)
def test_a_camera_without_raw_modes_is_configured_once_as_asked(listed: list[dict[str, object]]) -> None:
    camera = WithoutModes(listed)
    view = configure(camera, DEFAULT, 15)
    (wanted,) = camera.wanted
    assert "sensor" not in wanted
    assert wanted["lores"] == {"size": DEFAULT, "format": "YUV420"}
    assert (view.sensor, view.mode, view.size, view.shares, view.frame_rate) == ("Gate", (0, 0), DEFAULT, None, 15)


class WithList(WithoutModes):
    """An older picamera2: nothing but the list that was tried through."""

    def __init__(self) -> None:
        super().__init__([])
        del self._raw_modes
        self.sensor_modes = [
            {"format": "SRGGB10_CSI2P", "bit_depth": 10, "size": mode.size, "crop_limits": mode.crop, "fps": mode.fps}
            for mode in BY_NAME["imx708"].modes
        ]
        self.camera_properties = {"Model": "imx708"}
        self.camera_controls = {}


def test_an_older_picamera2s_own_list_is_believed_and_one_configuration_is_enough() -> None:
    camera = WithList()
    view = configure(camera, DEFAULT, 15)
    (wanted,) = camera.wanted
    assert wanted["sensor"] == {"output_size": (2304, 1296), "bit_depth": 10}
    assert view.shares == (1000, 1000)


class WithoutMemory(WithList):
    """The same, where trying the modes fails: the list is given up, the camera is not."""

    @property
    def sensor_modes(self) -> list[dict[str, object]]:
        raise OSError(12, "Cannot allocate memory")

    @sensor_modes.setter
    def sensor_modes(self, _listed: object) -> None:
        pass


def test_where_an_older_picamera2_has_no_memory_for_its_list_it_chooses_for_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    camera = WithoutMemory()
    configure(camera, DEFAULT, 15)
    (wanted,) = camera.wanted
    assert "sensor" not in wanted
    assert "event=camera-modes-unknown reason=OSError" in caplog.text


@pytest.mark.parametrize("whole", [(4608, 2592), (4056, 3040), (3840, 2160), (3000, 3000), (2000, 3000)])
@pytest.mark.parametrize("wanted", [DEFAULT, (1280, 720), (640, 480)])
def test_a_stream_has_at_least_the_pixels_that_are_wanted_each_way_in_the_sensors_shape(
    wanted: tuple[int, int], whole: tuple[int, int]
) -> None:
    width, height = stream_size(wanted, whole)
    assert width / height == pytest.approx(whole[0] / whole[1], rel=0.03)
    assert (width >= wanted[0], height >= wanted[1]) == (True, True)
    assert width == wanted[0] or height == wanted[1]


def test_a_pi_camera_is_configured_with_a_whole_mode_and_paced_by_what_that_mode_gives(
    caplog: pytest.LogCaptureFixture,
) -> None:
    camera = SensorCamera(BY_NAME["imx708"])
    with (
        caplog.at_level(logging.INFO),
        PiCamera(CameraPlan("picamera2", frame_rate=60), SensorLibrary(camera)) as opened,
    ):
        assert opened.view is not None
        assert (opened.view.mode, opened.view.frame_rate, opened.view.shares) == ((2304, 1296), 56, (1000, 1000))
    assert camera.set["FrameDurationLimits"] == (17_857, 17_857)
    assert "camera-size-adjusted" not in caplog.text
