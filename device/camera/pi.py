"""The Pi's camera through picamera2 (libcamera): the luma plane of a YUV420 stream and nothing else.

The only file that imports picamera2 (from apt, matched to the OS). Facts about it that shape this
code: a capture may block for ever on a pulled ribbon, so every wait is a number; a control that
the sensor does not advertise raises, so each is asked for first; rows may be padded, so the plane
is cut out by its stride.
"""

from __future__ import annotations

import gc
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from device.camera.causes import not_loaded, not_opened, not_working, own_words
from device.camera.exposure import ExposureCeiling
from device.camera.holder import holder, no_permission
from device.camera.plan import CameraPlan
from device.camera.sensor_modes import configure
from device.clock import Clock, SystemClock
from device.errors import CameraError, CameraLibraryUnfit, CameraLost, CameraUnavailable
from device.model import CameraView, Frame
from device.words import say

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_WAIT_S = 1.0
_FROZEN_FRAMES = 5
_WAITS = 8
Failed = Callable[[CameraError], None]

log = logging.getLogger(__name__)


class PiCamera:
    """Implements `device.ports.Camera` on picamera2.

    Args:
        plan: which camera, and how it is set.
        library: stands in for the module picamera2 in tests; ``None`` loads the real one.
        holder: says who holds a camera that cannot be opened; empty when that is not known.
        no_permission: whether there are cameras and this user may open none of them.
        load: loads the module; ``None`` imports it.
        clock: tells how long a frame was waited for.
        failed: told why it cannot be opened, before what is half open is closed: that may take for ever.
    """

    def __init__(  # noqa: PLR0913 - what a test stands in for
        self,
        plan: CameraPlan,
        library: Any = None,  # noqa: ANN401 - picamera2 is untyped
        holder: Callable[[], str] = holder,
        no_permission: Callable[[], bool] = no_permission,
        *,
        load: Callable[[], object] | None = None,
        clock: Clock | None = None,
        failed: Failed | None = None,
    ) -> None:
        self._plan = plan
        self._clock, self._failed = clock or SystemClock(), failed
        self._load = load or _import
        self._holder, self._no_permission = holder, no_permission
        self._library = library
        self._camera: Any = None
        self._ceiling: ExposureCeiling | None = None
        self._stream: dict[str, Any] = {}
        self._last_ns = -1
        self._waits_ns: deque[int] = deque(maxlen=_WAITS)
        self._repeated = 0
        self._seq = -1
        self.view: CameraView | None = None
        """What is seen, once it is open."""

    def __enter__(self) -> Self:
        if self._library is None:
            self._library = _loaded(self._load)
        try:
            self._require_camera(len(self._library.Picamera2.global_camera_info()))
            self._camera = self._library.Picamera2(self._plan.index)
            self._start()
        except Exception as error:  # picamera2 raises bare RuntimeErrors, and what its own parts raise
            told = error if isinstance(error, CameraUnavailable) else CameraUnavailable(not_opened(error, self._who()))
            if self._failed is not None:
                self._failed(told)
            self.__exit__(None, None, None)
            raise told from error
        return self

    def _who(self) -> str:
        """Return who holds the camera; empty too when that cannot be found out."""
        try:
            return self._holder()
        except Exception:  # noqa: BLE001 - the cause is told without
            return ""

    def _require_camera(self, found: int) -> None:
        """Raise `CameraUnavailable` for a missing camera: what picamera2 raises differs between its versions."""
        if found == 0 and self._no_permission():
            raise CameraUnavailable(
                say("camera.source: the camera may not be opened; the gate's user is not in the group video")
            )
        if found == 0:
            raise CameraUnavailable(
                say(
                    "camera.source: no camera was found; switch off, check the ribbon cable, switch on (or choose "
                    "replay)"
                )
            )
        if self._plan.index >= found:
            raise CameraUnavailable(
                say(
                    "camera.picamera2.index: there is no camera {index}; found: {found}, counted from 0",
                    index=self._plan.index,
                    found=found,
                )
            )

    def __exit__(self, *_: object) -> None:
        if self._camera is not None:
            try:
                self._camera.close()  # stops it too
            except Exception as failure:  # noqa: BLE001 - it is being thrown away
                log.warning("event=camera-close-failed reason=%r", own_words(failure))
            self._camera = None
            gc.collect()  # picamera2's parts hold each other: descriptors and buffers would pile up over reopenings

    def _start(self) -> None:
        """Configure the streams, read them back, set what the sensor advertises, and start."""
        view = configure(self._camera, (self._plan.width, self._plan.height), self._plan.frame_rate)
        self._stream = self._camera.camera_configuration()["lores"]
        if self._stream["format"] not in {"YUV420", "NV12"}:  # both begin with the luma plane
            raise CameraUnavailable(say("camera.size: the camera offers no luma plane of this size"))
        width, height = self._stream["size"]
        if (width, height) != view.size:
            log.warning("event=camera-size-adjusted width=%d height=%d", width, height)
        self._plan = replace(self._plan, frame_rate=view.frame_rate)
        self.view = replace(view, size=(width, height))
        offered = self._camera.camera_controls  # name: (lowest, highest, default)
        self._camera.set_controls(self.controls(frozenset(offered)))
        if {"ExposureTime", "AnalogueGain"} <= set(offered):
            self._ceiling = ExposureCeiling(self._plan.max_exposure_us, float(offered["AnalogueGain"][0]))
        self._camera.start()

    def controls(self, advertised: frozenset[str]) -> dict[str, object]:
        """Return the controls of the plan that this sensor knows (libcamera's names and units)."""
        period_us = 1_000_000 // self._plan.frame_rate
        wanted: dict[str, object] = {"FrameDurationLimits": (period_us, period_us)}
        if self._plan.focus_mm:
            wanted |= {"AfMode": 0, "LensPosition": 1000 / self._plan.focus_mm}  # manual; dioptres
        if self._plan.flicker_hz:  # mains at 50 Hz flickers every 10 ms
            wanted |= {"AeFlickerMode": 1, "AeFlickerPeriod": 500_000 // self._plan.flicker_hz}
        left_out = sorted(set(wanted) - advertised)
        if left_out:
            log.info("event=camera-controls-missing names=%s", ",".join(left_out))
        return {name: value for name, value in wanted.items() if name in advertised}

    def capture(self) -> Frame:
        """Wait at most a second for the next frame and copy its luma plane out of the driver's buffer.

        Raises:
            CameraLost: no frame came, or the sensor's timestamp stands still.
        """
        began_s = self._clock.monotonic_s()
        try:
            request = self._camera.capture_request(wait=_WAIT_S)
        except TimeoutError as error:  # of concurrent.futures
            raise CameraLost(say("the camera gave no frame within a second; check the ribbon cable")) from error
        except Exception as error:
            raise CameraLost(not_working(error)) from error
        waited_ns = round((self._clock.monotonic_s() - began_s) * 1_000_000_000)
        try:
            try:
                metadata = request.get_metadata()
                luma = self._luma(request)
            finally:
                request.release()
            stamp_ns = metadata.get("SensorTimestamp")
            controls = self._ceiling.adjust(metadata) if self._ceiling else None
            if controls and isinstance(stamp_ns, int):
                self._camera.set_controls(controls)
        except Exception as error:  # picamera2, libcamera and numpy raise what they like
            raise CameraLost(not_working(error)) from error
        if not isinstance(stamp_ns, int):
            raise CameraLost(say("the camera gives frames without a time"))
        return Frame(luma, self._count(stamp_ns, waited_ns, metadata.get("FrameDuration")), stamp_ns // 1_000_000)

    def _luma(self, request: Any) -> npt.NDArray[np.uint8]:  # noqa: ANN401 - picamera2 is untyped
        """Copy the luma plane, once, out of the buffer that goes back to the driver."""
        width, height = self._stream["size"]
        stride = self._stream["stride"]
        with self._library.MappedArray(request, "lores", reshape=False, write=False) as mapped:
            rows: npt.NDArray[np.uint8] = mapped.array[: stride * height].reshape(height, stride)
            return rows[:, :width].copy()

    def _count(self, stamp_ns: int, waited_ns: int, period_us: object) -> int:
        """Return a frame's number, by which those that were missed are counted, and no frame that never was.

        While one is waited for none comes: so frames are at least as far apart as that took of late.

        Args:
            stamp_ns: the sensor's time; it must move on.
            waited_ns: how long this frame was waited for.
            period_us: the sensor's own word on how long a frame takes; else that of the plan counts.
        """
        self._repeated = self._repeated + 1 if stamp_ns <= self._last_ns else 0
        if self._repeated >= _FROZEN_FRAMES:
            raise CameraLost(say("the camera repeats one frame; check the ribbon cable"))
        said = period_us * 1000 if isinstance(period_us, int) and period_us > 0 else 0
        period_ns = said or 1_000_000_000 // self._plan.frame_rate
        self._waits_ns.append(waited_ns)
        apart_ns = max(period_ns, *self._waits_ns)
        self._seq += 1 if self._seq < 0 else max(1, round((stamp_ns - self._last_ns) / apart_ns))
        self._last_ns = max(self._last_ns, stamp_ns)
        return self._seq


def _loaded(load: Callable[[], object]) -> Any:  # noqa: ANN401 - picamera2 is untyped
    """Load picamera2; raises `CameraLibraryUnfit`, whatever a broken library raises while it is loaded."""
    try:
        library = load()
    except (Exception, SystemExit) as error:
        if isinstance(error, ModuleNotFoundError) and error.name == "picamera2":
            raise CameraLibraryUnfit(
                "camera.source: picamera2 is not installed; run setup.sh install, or choose replay"
            ) from error
        raise CameraLibraryUnfit(not_loaded(error)) from error
    logging.getLogger("picamera2").setLevel(logging.WARNING)  # five lines otherwise, each time it is opened
    return library


def _import() -> object:
    import picamera2  # noqa: PLC0415 - exists on a Pi only

    return picamera2
