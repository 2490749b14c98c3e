"""Frame loop of the eye process: opens the camera, decodes each frame, tells what was seen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from device.camera import CameraPlan, open_camera
from device.clock import Clock
from device.errors import CameraError, DecoderUnfit
from device.eye.covered_lens import CoveredLensDetector
from device.eye.decoding import Decoding
from device.eye.messages import Ended, EyeOpened, Lost, Message
from device.eye.pace import settled
from device.model import Frame, Sight
from device.ports import Camera

_RETRY_S = 1.0
_REPEAT_MS = 1000
"""How often a covered lens is told again: the eye must not seem silent."""


def decode_frames(
    camera: Camera,
    decoding: Decoding,
    clock: Clock,
    tell: Callable[[Message], None],
    detector: CoveredLensDetector | None,
) -> None:
    """Send a sight for each frame until a replay ends.

    Args:
        camera: open.
        decoding: the decoder; an engine whose time is over is taken back on the way.
        clock: for the time a decode takes.
        tell: sends a message.
        detector: ``None`` for a replay, which may show one still picture for ever.

    Raises:
        CameraError: the camera is lost.
    """
    told_ms: int | None = None
    while (frame := camera.capture()) is not None:
        renewed = decoding.renew(clock.monotonic_s())
        seen = check_and_decode(frame, decoding, clock, detector)
        if isinstance(seen, str):
            if told_ms is None or frame.captured_ms - told_ms >= _REPEAT_MS:
                told_ms = frame.captured_ms
                tell(Lost(seen, covered=True))
            continue
        if renewed or told_ms is not None:
            told_ms = None
            tell(EyeOpened(decoding.engines))
        tell(seen)


def check_and_decode(
    frame: Frame, decoding: Decoding, clock: Clock, detector: CoveredLensDetector | None
) -> Sight | str:
    """Return the sight of one frame; of a covered lens the reason, unless a code is read all the same."""
    reason = detector.look(frame) if detector is not None else None
    if detector is None or reason is None:
        return decode_frame(frame, decoding, clock)
    if detector.something_shown and (sight := decode_frame(frame, decoding, clock)).symbols:
        detector.code_read()
        return sight
    return reason


def decode_frame(frame: Frame, decoding: Decoding, clock: Clock) -> Sight:
    """Return the sight of one frame."""
    began_s = clock.monotonic_s()
    symbols, broken = decoding.decoder.decode(frame.luma)
    return Sight(
        frame_seq=frame.seq,
        captured_ms=frame.captured_ms,
        symbols=symbols,
        broken=broken,
        moving=decoding.decoder.moving,
        decode_us=round((clock.monotonic_s() - began_s) * 1_000_000),
    )


def run(  # noqa: PLR0913, PLR0917 - what an eye consists of
    plan: CameraPlan,
    make: Callable[[], Decoding],
    clock: Clock,
    tell: Callable[[Message], None],
    stop: threading.Event,
    open_with: Callable[[CameraPlan, Clock], Camera] = open_camera,
) -> int:
    """Decode until a replay ends (0) or no engine can run (1); a camera that is lost is reported and tried again.

    What the plan leaves open is measured once, however often the camera is opened.
    """
    try:
        decoding = make()
    except DecoderUnfit as error:
        tell(Lost(str(error)))
        return 1
    plan, busy_us = settled(plan, decoding.decoder, clock)
    # Kept over reopenings: a picture that is still the frozen one must not look well for another 3 s.
    detector = CoveredLensDetector() if plan.source == "picamera2" else None
    while not stop.is_set():
        try:
            with open_with(plan, clock) as camera:
                tell(EyeOpened(decoding.engines))
                if camera.view is not None:
                    tell(replace(camera.view, busy_us=busy_us))
                decode_frames(camera, decoding, clock, tell, detector)
                tell(Ended())
                return 0
        except CameraError as error:  # the parent logs it, once for as long as it lasts
            tell(Lost(str(error)))
            clock.wait(stop, _RETRY_S)
    return 0
