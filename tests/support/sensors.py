"""Sensors of Pi cameras with the modes they have, and a stand-in for picamera2 that chooses among them as it does.

The modes are what ``rpicam-hello --list-cameras`` prints on a Pi, as people quote it: IMX219 and IMX477 in Raspberry
Pi's documentation (pull request 2587), IMX708 in the Photobooth project's manual, IMX519 in AllSky's issue 3348, OV5647
in raspberrypi/linux 5309, OV64A40 in Arducam's and others' notes, IMX296 in AllSky's issue 3632, IMX500 in RPiCamGUI's
issue 14, OV9281 in raspberrypi/libcamera 126; the IMX378 is driven as an IMX477 (imx477.c).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Size = tuple[int, int]
Rectangle = tuple[int, int, int, int]


@dataclass(frozen=True)
class Mode:
    """One line of that list."""

    raw: str
    size: Size
    fps: float
    crop: Rectangle

    @property
    def bit_depth(self) -> int:
        return int("".join(filter(str.isdigit, self.raw.split("_")[0])))


@dataclass(frozen=True)
class Sensor:
    """What a sensor is: the size of its picture, and its modes."""

    name: str
    whole: Size
    modes: tuple[Mode, ...]


def _sensor(name: str, whole: Size, **modes: Sequence[tuple[Size, float, Rectangle]]) -> Sensor:
    return Sensor(name, whole, tuple(Mode(raw, *mode) for raw, listed in modes.items() for mode in listed))


_IMX219 = (
    ((640, 480), 206.65, (1000, 752, 1280, 960)),
    ((1640, 1232), 41.85, (0, 0, 3280, 2464)),
    ((1920, 1080), 47.57, (680, 692, 1920, 1080)),
    ((3280, 2464), 21.19, (0, 0, 3280, 2464)),
)
_IMX477_10 = (((1332, 990), 120.05, (696, 528, 2664, 1980)),)
_IMX477_12 = (
    ((2028, 1080), 50.03, (0, 440, 4056, 2160)),
    ((2028, 1520), 40.01, (0, 0, 4056, 3040)),
    ((4056, 3040), 10.0, (0, 0, 4056, 3040)),
)
SENSORS = (
    _sensor("imx219", (3280, 2464), SRGGB10_CSI2P=_IMX219, SRGGB8=_IMX219),
    _sensor("imx477", (4056, 3040), SRGGB10_CSI2P=_IMX477_10, SRGGB12_CSI2P=_IMX477_12),
    _sensor("imx378", (4056, 3040), SRGGB10_CSI2P=_IMX477_10, SRGGB12_CSI2P=_IMX477_12),
    _sensor(
        "imx519",
        (4656, 3496),
        SRGGB10_CSI2P=(
            ((1280, 720), 80.01, (1048, 1042, 2560, 1440)),
            ((1920, 1080), 60.05, (408, 674, 3840, 2160)),
            ((2328, 1748), 30.0, (0, 0, 4656, 3496)),
            ((3840, 2160), 18.0, (408, 672, 3840, 2160)),
            ((4656, 3496), 9.0, (0, 0, 4656, 3496)),
        ),
    ),
    _sensor(
        "imx708",
        (4608, 2592),
        SRGGB10_CSI2P=(
            ((1536, 864), 120.13, (768, 432, 3072, 1728)),
            ((2304, 1296), 56.03, (0, 0, 4608, 2592)),
            ((4608, 2592), 14.35, (0, 0, 4608, 2592)),
        ),
    ),
    _sensor(
        "ov5647",
        (2592, 1944),
        SGBRG10_CSI2P=(
            ((640, 480), 58.92, (16, 0, 2560, 1920)),
            ((1296, 972), 43.25, (0, 0, 2592, 1944)),
            ((1920, 1080), 30.62, (348, 434, 1928, 1080)),
            ((2592, 1944), 15.63, (0, 0, 2592, 1944)),
        ),
    ),
    _sensor(
        "ov64a40",
        (9248, 6944),
        SBGGR10_CSI2P=(
            ((1920, 1080), 70.56, (784, 1312, 7712, 4352)),
            ((2312, 1736), 32.24, (0, 0, 9280, 6976)),
            ((3840, 2160), 19.40, (784, 1312, 7712, 4352)),
            ((4624, 3472), 9.86, (0, 0, 9280, 6976)),
            ((8000, 6000), 3.18, (624, 472, 8048, 6032)),
            ((9248, 6944), 2.60, (0, 0, 9280, 6976)),
        ),
    ),
    _sensor("imx296", (1456, 1088), SRGGB10_CSI2P=(((1456, 1088), 60.38, (0, 0, 1456, 1088)),)),
    _sensor(
        "imx500",
        (4056, 3040),
        SRGGB10_CSI2P=(((2028, 1520), 30.02, (0, 0, 4056, 3040)), ((4056, 3040), 10.0, (0, 0, 4056, 3040))),
    ),
    _sensor(
        "ov9281",
        (1280, 800),
        R8=(
            ((640, 400), 309.79, (0, 0, 1280, 800)),
            ((1280, 720), 171.79, (0, 0, 1280, 720)),
            ((1280, 800), 143.66, (0, 0, 1280, 800)),
        ),
        R10_CSI2P=(
            ((640, 400), 247.83, (0, 0, 1280, 800)),
            ((1280, 720), 137.42, (0, 0, 1280, 720)),
            ((1280, 800), 114.93, (0, 0, 1280, 800)),
        ),
    ),
)
BY_NAME = {sensor.name: sensor for sensor in SENSORS}


def score(mode: Mode, bit_depth: int, size: Size) -> float:
    """Return how far a mode is from what is asked, as picamera2 0.3.38 reckons (`Picamera2._make_libcamera_config`)."""

    def off(desired: float, actual: float) -> float:
        return (actual - desired) / 4 if actual > desired else 2 * (desired - actual)

    shape, mode_shape = size[0] / size[1], mode.size[0] / mode.size[1]
    sides = off(size[0], mode.size[0]) + off(size[1], mode.size[1])
    return sides + 1500 * off(shape, mode_shape) + 500 * abs(bit_depth - mode.bit_depth)


def cut(crop: Rectangle, size: Size) -> Rectangle:
    """Return what libcamera leaves of a mode's view for a stream: its shape, from the middle (`platformConfigure`)."""
    x, y, width, height = crop
    narrow = min(width, round(height * size[0] / size[1]))
    low = min(height, round(width * size[1] / size[0]))
    return x + (width - narrow) // 2, y + (height - low) // 2, narrow, low


@dataclass
class SensorCamera:
    """A `Picamera2` with one sensor, as far as configuring goes; it may tell no crops, or fail for some modes."""

    sensor: Sensor
    says_crops: bool = True
    too_large: Size = (99_999, 99_999)
    configured: list[Size] = field(default_factory=list)
    mode: Mode | None = None
    crop: Rectangle | None = None
    stream: Size = (0, 0)
    set: dict[str, object] = field(default_factory=dict)

    @property
    def _raw_modes(self) -> list[dict[str, object]]:
        return [{"format": mode.raw, "size": mode.size} for mode in self.sensor.modes]

    @property
    def sensor_modes(self) -> list[dict[str, object]]:
        raise AssertionError("it would allocate buffers for every mode there is")

    @property
    def camera_properties(self) -> dict[str, object]:
        width, height = self.sensor.whole
        return {
            "Model": self.sensor.name,
            "PixelArraySize": (width + 16, height + 16),
            "PixelArrayActiveAreas": [(8, 8, width, height)],
        }

    @property
    def camera_controls(self) -> dict[str, tuple[object, ...]]:
        if self.mode is None:
            return {}
        told: dict[str, tuple[object, ...]] = {
            "FrameDurationLimits": (round(1_000_000 / self.mode.fps), 10_000_000, 33_333)
        }
        if self.says_crops:
            told["ScalerCrop"] = ((0, 0, 64, 64), self.mode.crop, self.crop)
        return told

    def create_video_configuration(self, **wanted: object) -> dict[str, object]:
        return wanted

    def configure(self, wanted: dict[str, Any]) -> None:
        native = max(self.sensor.modes, key=lambda mode: (mode.size[0] * mode.size[1], mode.bit_depth))
        sensor = wanted.get("sensor") or {"bit_depth": native.bit_depth, "output_size": wanted["main"]["size"]}
        mode = min(self.sensor.modes, key=lambda mode: score(mode, sensor["bit_depth"], sensor["output_size"]))
        if mode.size >= self.too_large:
            raise OSError(12, "Cannot allocate memory")
        self.configured.append(mode.size)
        self.stream = wanted["lores"]["size"]
        self.mode, self.crop = mode, cut(mode.crop, self.stream)

    def camera_configuration(self) -> dict[str, dict[str, object]]:
        return {"lores": {"format": "YUV420", "size": self.stream, "stride": self.stream[0]}}

    def set_controls(self, controls: dict[str, object]) -> None:
        self.set |= controls

    def start(self) -> None:
        pass

    def close(self) -> None:
        pass

    def share_of_width(self) -> float:
        """Return which share of the sensor's width is in the stream now."""
        assert self.crop is not None
        return min(1.0, self.crop[2] / self.sensor.whole[0])


@dataclass
class SensorLibrary:
    """The module picamera2 with that one camera."""

    camera: SensorCamera

    @property
    def Picamera2(self) -> SensorLibrary:  # noqa: N802 - picamera2's word
        return self

    def __call__(self, _index: int) -> SensorCamera:
        return self.camera

    def global_camera_info(self) -> list[dict[str, object]]:
        return [{"Num": 0}]


def chosen_by_picamera2(sensor: Sensor, size: Size) -> SensorCamera:
    """Return the camera as picamera2 configures it when nobody names a mode."""
    camera = SensorCamera(sensor)
    camera.configure(camera.create_video_configuration(main={"size": size}, lores={"size": size}))
    return camera
