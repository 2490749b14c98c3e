"""Child process for camera and decoder: opens the camera, decodes each frame, writes sights to a pipe.

Started by `device.eye.parent` as ``python -m device.eye.child PIPE PARENT MARKER LEFT_OUT``, with a
`CameraPlan` as JSON on its standard input; `device.eye.messages` has the arguments. It dies with its
parent, holds no secret, no pin and no socket, and may be killed at any moment.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable

from device.camera import CameraPlan, open_camera
from device.clock import Clock, SystemClock
from device.decoder.selftest import ENGINES
from device.errors import CameraError, DecoderUnfit
from device.eye.covered_lens import CoveredLensDetector
from device.eye.decoding import Decoding, Makers
from device.eye.engine_marker import set_marker
from device.eye.messages import Ended, EyeOpened, Lost, Message, encode, left_out_from_text
from device.model import Frame, Sight
from device.monitor.log_format import LEVEL_VARIABLE, start_log
from device.ports import Camera

_PR_SET_PDEATHSIG = 1
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


def run(
    plan: CameraPlan, make: Callable[[], Decoding], clock: Clock, tell: Callable[[Message], None], stop: threading.Event
) -> int:
    """Decode until a replay ends (0) or no engine can run (1); a camera that is lost is reported and tried again."""
    try:
        decoding = make()
    except DecoderUnfit as error:
        tell(Lost(str(error)))
        return 1
    # Kept over reopenings: a picture that is still the frozen one must not look well for another 3 s.
    detector = CoveredLensDetector() if plan.source == "picamera2" else None
    while not stop.is_set():
        try:
            with open_camera(plan, clock) as camera:
                tell(EyeOpened(decoding.engines))
                decode_frames(camera, decoding, clock, tell, detector)
                tell(Ended())
                return 0
        except CameraError as error:  # the parent logs it, once for as long as it lasts
            tell(Lost(str(error)))
            clock.wait(stop, _RETRY_S)
    return 0


def _die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent ends; then check it has not ended already."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def main(makers: Makers = ENGINES) -> int:
    """Run the child; the exit code is 0 at the end of a replay."""
    pipe, parent, marker_fd, left_out = sys.argv[1:5]
    _die_with_parent(int(parent))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    start_log(os.environ.get(LEVEL_VARIABLE, "info"))
    plan = CameraPlan.from_json(sys.stdin.readline())
    os.dup2(2, 1)  # what a library prints must not go anywhere it could be mistaken for data
    clock = SystemClock()

    def tell(message: Message) -> None:
        rest = memoryview(encode(message))
        while rest:
            rest = rest[os.write(int(pipe), rest) :]

    def make() -> Decoding:
        spans_s = left_out_from_text(left_out)
        return Decoding(makers, spans_s, clock.monotonic_s(), lambda engine: set_marker(int(marker_fd), engine))

    return run(plan, make, clock, tell, threading.Event())


if __name__ == "__main__":
    sys.exit(main())
