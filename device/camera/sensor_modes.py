"""Sensor modes: which of them shows the whole view of a Pi camera, and the shape of stream that loses none of it.

A sensor reads itself out in one of a few modes, some of which are only its middle. picamera2 scores them by size, shape
and bit depth, never by what they show (`Picamera2._make_libcamera_config`): for 1296x972 it takes a Camera Module 3's
mode of 1536x864, which is two thirds of the width, and libcamera then cuts a stream of 4:3 out of those 16:9.

Its own list, `Picamera2.sensor_modes`, allocates buffers for every mode to find out what each shows: that fails on a
Pi Zero 2 W (picamera2 issue 1358) and takes its time elsewhere. So modes are tried in order of size with the streams
that are wanted, and each is read back; most sensors need one try.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from device.model import CameraView

log = logging.getLogger(__name__)

Size = tuple[int, int]
"""Width and height in pixels."""
Rectangle = tuple[int, int, int, int]
"""x, y, width and height in pixels of the sensor."""

WHOLE: Final = 0.98
"""From this share of width and height on a mode shows the whole view: some leave out a few columns at the edge."""
SAME_SHAPE: Final = 0.03
"""Streams whose shape is so near to the sensor's keep it: less is cut off than a lens blurs."""
_RATE_SLACK: Final = 0.005
"""Sensors whose mode is for 30 frames a second say 29.98 or 30.02."""
_RAW = re.compile(r"(?:S[RGB]{4}|R)(\d{1,2})(?:_\w+)?", re.ASCII)
"""libcamera's names of raw formats: SRGGB10_CSI2P, R8; the number is the bit depth."""
_WANTED_BITS: Final = 10
"""More are not seen in 8 bits of luma, fewer show in the dark."""


@dataclass(frozen=True, slots=True)
class SensorMode:
    """One way of reading the sensor out.

    Attributes:
        size: of what it gives.
        bit_depth: of a pixel.
        crop: which part of the sensor that is; ``None``: not known before it is tried.
        fps: the most frames a second; ``None`` as before.
    """

    size: Size
    bit_depth: int
    crop: Rectangle | None = None
    fps: float | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """A mode as the camera came out configured with it.

    Attributes:
        mode: which; ``None``: the camera has none to choose from.
        shares: of the sensor's width and height that the mode shows; ``None``: the camera does not say.
        fps: the most frames a second; ``None`` as before.
    """

    mode: SensorMode | None
    shares: tuple[float, float] | None
    fps: float | None

    @property
    def whole(self) -> bool:
        """Whether all of the sensor is seen, as far as the camera says."""
        return self.shares is None or min(self.shares) >= WHOLE

    def fast_enough(self, frame_rate: int) -> bool:
        """Whether so many frames a second are to be had, as far as the camera says."""
        return self.fps is None or self.fps * (1 + _RATE_SLACK) >= frame_rate

    def worth(self) -> tuple[bool, float, float]:
        """Return what to compare tries by that are not both whole and fast: the view first, then the rate."""
        share = 1.0 if self.shares is None else self.shares[0] * self.shares[1]
        return self.whole, 0.0 if self.whole else share, self.fps or 0.0


def offered(camera: Any) -> tuple[SensorMode, ...]:  # noqa: ANN401 - picamera2 is untyped
    """Return the raw modes of a `Picamera2`; empty for cameras without (USB, libcamera's virtual one)."""
    listed: Any = getattr(camera, "_raw_modes", None)  # what its `sensor_modes` starts from, without the trying
    if listed is None:  # an older picamera2
        try:
            listed = getattr(camera, "sensor_modes", ())
        except Exception as failure:  # noqa: BLE001 - for want of memory, say: then it chooses for itself
            log.warning("event=camera-modes-unknown reason=%s", type(failure).__name__)
            listed = ()
    return tuple(_modes(listed))


def _modes(listed: Iterable[Mapping[str, Any]]) -> Iterator[SensorMode]:
    for entry in listed:
        raw = _RAW.fullmatch(str(entry.get("format", "")))
        if raw and "size" in entry:
            width, height = entry["size"]
            yield SensorMode((width, height), int(raw[1]), entry.get("crop_limits"), entry.get("fps"))


def whole_size(camera: Any, modes: Sequence[SensorMode]) -> Size:  # noqa: ANN401 - picamera2 is untyped
    """Return the size of the sensor's picture: the pixels that get light, else the largest mode."""
    properties = getattr(camera, "camera_properties", {})
    areas = properties.get("PixelArrayActiveAreas")
    width, height = areas[0][2:] if areas else properties.get("PixelArraySize") or (0, 0)
    return (width, height) if width and height else max(mode.size for mode in modes)


def stream_size(wanted: Size, whole: Size) -> Size:
    """Return the smallest stream in the sensor's shape that has *wanted* in it, no larger than the sensor.

    So a code has as many pixels as in a stream of the size that was asked for, cut out of the middle.
    """
    width, height = wanted
    shape = whole[0] / whole[1]
    if abs(width / height / shape - 1) > SAME_SHAPE:
        width, height = max(width, round(height * shape)), max(height, round(width / shape))
    return min(width, whole[0]) & ~1, min(height, whole[1]) & ~1  # even: two chroma samples share four pixels


def in_order(modes: Iterable[SensorMode], size: Size, whole: Size) -> list[SensorMode]:
    """Return the modes that need no enlarging, the likeliest first; all, the largest first, when none is large enough.

    Likeliest is the smallest; what is known to be cropped comes last. Of one size, the bit depth nearest above
    `_WANTED_BITS`.
    """

    def rank(mode: SensorMode) -> tuple[bool, int, bool, int]:
        cropped = mode.crop is not None and min(shares_of(mode.crop, whole)) < WHOLE
        return cropped, mode.size[0] * mode.size[1], mode.bit_depth < _WANTED_BITS, mode.bit_depth

    large = [mode for mode in modes if mode.size[0] >= size[0] and mode.size[1] >= size[1]]
    return sorted(large, key=rank) or sorted(modes, key=lambda mode: mode.size, reverse=True)


def shares_of(crop: Rectangle, whole: Size) -> tuple[float, float]:
    """Return which share of the sensor's width and height a part of it is; some drivers count its dark edge too."""
    return min(1.0, crop[2] / whole[0]), min(1.0, crop[3] / whole[1])


def configure(camera: Any, wanted: Size, frame_rate: int) -> CameraView:  # noqa: ANN401 - picamera2 is untyped
    """Configure a `Picamera2` for the whole view of its sensor, and return what came of it.

    The sensor's mode is the smallest that is at least as large as the stream, shows the whole sensor and is fast
    enough; else the fastest that shows it; else the one that shows most.

    Args:
        camera: open, and not started.
        wanted: the least width and height of the stream; just these where the camera has no modes.
        frame_rate: how fast the mode should be.
    """
    modes = offered(camera)
    if not modes:
        _configure(camera, wanted, None)
        return _view(camera, Tried(None, None, _fps(camera)), wanted, None, frame_rate)
    whole = whole_size(camera, modes)
    size = stream_size(wanted, whole)
    best: Tried | None = None
    for mode in in_order(modes, size, whole):
        try:
            _configure(camera, size, mode)
        except Exception:  # picamera2 raises what it likes
            if best is None:
                raise
            break  # a larger mode for which memory is too small, say: better part of the view than none
        tried = Tried(mode, _mode_shares(camera, mode, whole), _fps(camera) or mode.fps)
        if tried.whole and tried.fast_enough(frame_rate):
            return _view(camera, tried, size, whole, frame_rate)
        if best is None or tried.worth() > best.worth():
            best = tried
    assert best is not None
    _configure(camera, size, best.mode)
    return _view(camera, best, size, whole, frame_rate)


def _configure(camera: Any, size: Size, mode: SensorMode | None) -> None:  # noqa: ANN401 - picamera2 is untyped
    sensor = {} if mode is None else {"sensor": {"output_size": mode.size, "bit_depth": mode.bit_depth}}
    configuration = camera.create_video_configuration(
        main={"size": size},
        lores={"size": size, "format": "YUV420"},
        buffer_count=4,
        queue=False,
        display=None,
        encode=None,
        **sensor,
    )
    camera.configure(configuration)


def _mode_shares(camera: Any, mode: SensorMode, whole: Size) -> tuple[float, float] | None:  # noqa: ANN401 - as above
    crop = _crops(camera)[0] or mode.crop
    return None if crop is None else shares_of(crop, whole)


def _crops(camera: Any) -> tuple[Rectangle | None, Rectangle | None]:  # noqa: ANN401 - as above
    """Return the part of the sensor that the mode shows, and the part of it that the stream shows.

    The most and the usual value of the control ScalerCrop (``PipelineHandlerBase::configure`` of libcamera's rpi).
    """
    _, most, used = camera.camera_controls.get("ScalerCrop", (None, None, None))
    return (most if _is_part(most) else None), (used if _is_part(used) else None)


def _is_part(rectangle: object) -> bool:
    return isinstance(rectangle, (tuple, list)) and len(rectangle) == 4 and min(rectangle[2:]) > 0


def _fps(camera: Any) -> float | None:  # noqa: ANN401 - as above
    shortest_us = camera.camera_controls.get("FrameDurationLimits", (0,))[0]
    return 1_000_000 / shortest_us if shortest_us > 1 else None


def _view(camera: Any, tried: Tried, size: Size, whole: Size | None, frame_rate: int) -> CameraView:  # noqa: ANN401 - as above
    """Return what is seen with a configuration."""
    used = _crops(camera)[1]
    shares = shares_of(used, whole) if used and whole else _seen_through(tried.shares, size, whole)
    mode = tried.mode
    return CameraView(
        sensor=str(getattr(camera, "camera_properties", {}).get("Model", "")),
        mode=(0, 0) if mode is None else mode.size,
        bit_depth=0 if mode is None else mode.bit_depth,
        size=size,
        frame_rate=frame_rate if tried.fast_enough(frame_rate) or not tried.fps else max(1, int(tried.fps)),
        shares=None if shares is None else (round(1000 * shares[0]), round(1000 * shares[1])),
    )


def _seen_through(shares: tuple[float, float] | None, size: Size, whole: Size | None) -> tuple[float, float] | None:
    """Return what a stream leaves of a mode's view: libcamera cuts its shape out of the middle."""
    if shares is None or whole is None:
        return None
    shape = shares[0] * whole[0] / (shares[1] * whole[1]) / (size[0] / size[1])
    return shares[0] / max(1.0, shape), shares[1] * min(1.0, shape)
