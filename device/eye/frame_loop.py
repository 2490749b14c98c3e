"""Frame loop of the eye process: opens the camera, decodes each frame, tells what was seen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from device.camera import CameraPlan, open_camera
from device.clock import Clock
from device.errors import CameraError, CameraLibraryUnfit, DecoderUnfit
from device.eye.covered_lens import CoveredLensDetector
from device.eye.decoding import Decoding
from device.eye.messages import Ended, EyeOpened, Lost, Message
from device.eye.pace import settled
from device.model import Frame, Sight
from device.ports import Camera

FIRST_RETRY_S = 1.0
MOST_RETRY_S = 30.0
"""How long until the camera is opened again: longer each time in vain, for each writes into the journal."""
_REPEAT_MS = 1000
"""How often a covered lens, or a lost camera, is told again: the eye must not seem silent."""


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


def run(  # noqa: PLR0913 - what the loop is made of
    plan: CameraPlan,
    make: Callable[[], Decoding],
    clock: Clock,
    tell: Callable[[Message], None],
    stop: threading.Event,
    *,
    open_: Callable[..., Camera] = open_camera,
) -> int:
    """Decode until a replay ends; a camera that is lost is reported and tried again, ever more slowly.

    Args:
        plan: which camera.
        make: makes the decoder.
        clock: paces it.
        tell: sends a message.
        stop: ends it.
        open_: makes the camera, as `open_camera` does.

    Returns:
        0 at the end of a replay; 1 when no engine can run, or the library of the camera cannot be loaded.
    """
    try:
        decoding = make()
    except DecoderUnfit as error:
        tell(Lost(str(error)))
        return 1

    def lose(error: CameraError) -> None:
        tell(Lost(str(error)))  # the parent logs it, once for as long as it lasts

    plan, million_us = settled(plan, decoding.decoder, clock)  # once, however often the camera is opened
    # Kept over reopenings: a picture that is still the frozen one must not look well for another 3 s.
    detector = CoveredLensDetector() if plan.source == "picamera2" else None
    retry_s = FIRST_RETRY_S
    while not stop.is_set():
        seen_s = clock.monotonic_s()
        try:
            with open_(plan, clock, lose) as camera:
                tell(EyeOpened(decoding.engines))
                if camera.view is not None:
                    width, height = camera.view.size
                    tell(replace(camera.view, busy_us=round(million_us * width * height / 1_000_000)))
                seen_s = clock.monotonic_s()
                try:
                    decode_frames(camera, decoding, clock, tell, detector)
                except CameraError as error:
                    lose(error)  # before it is closed: that may take for ever
                    raise
                tell(Ended())
                return 0
        except CameraLibraryUnfit as error:
            lose(error)
            return 1
        except CameraError as error:
            if clock.monotonic_s() - seen_s > MOST_RETRY_S:  # it saw
                retry_s = FIRST_RETRY_S
            _wait_telling(error, retry_s, clock, lose, stop)
            retry_s = min(2 * retry_s, MOST_RETRY_S)
    return 0


def _wait_telling(
    error: CameraError, wait_s: float, clock: Clock, lose: Callable[[CameraError], None], stop: threading.Event
) -> None:
    """Wait until the camera is opened again; meanwhile the reason is told each second."""
    until_s = clock.monotonic_s() + wait_s
    while not stop.is_set() and (left_s := until_s - clock.monotonic_s()) > 0:
        lose(error)
        clock.wait(stop, min(left_s, _REPEAT_MS / 1000))
