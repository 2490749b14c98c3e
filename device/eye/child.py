"""The child process: opens the camera, decodes each frame, and writes sights to a pipe.

Started by `device.eye.parent` as ``python -m device.eye.child FD PARENT``, with a `CameraPlan` as JSON on
its standard input. It dies with its parent, holds no secret, no pin and no socket, and may be
killed at any moment.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable

from device.camera import CameraPlan, open_camera
from device.clock import Clock, SystemClock
from device.decoder import Cascade, default_decoder
from device.errors import CameraError, DecoderUnfit
from device.eye.messages import Ended, Lost, Message, Opened, encode
from device.model import Sight
from device.ports import Camera

_PR_SET_PDEATHSIG = 1
_RETRY_S = 1.0

log = logging.getLogger("gate.eye")


def watch(camera: Camera, decoder: Cascade, clock: Clock, tell: Callable[[Message], None]) -> None:
    """Turn frames into sights until a replay ends; a lost camera raises `CameraError`."""
    while (frame := camera.capture()) is not None:
        began_s = clock.monotonic_s()
        symbols, broken = decoder.decode(frame.luma)
        tell(
            Sight(
                frame_seq=frame.seq,
                captured_ms=frame.captured_ms,
                symbols=symbols,
                broken=broken,
                moving=decoder.moving,
                decode_us=round((clock.monotonic_s() - began_s) * 1_000_000),
            )
        )


def run(plan: CameraPlan, clock: Clock, tell: Callable[[Message], None], stop: threading.Event) -> int:
    """Watch for ever; a camera that is lost or cannot be opened is reported and tried again."""
    try:
        decoder, engines = default_decoder()
    except DecoderUnfit as error:
        tell(Lost(str(error)))
        return 1
    for line in decoder.left_out:
        log.warning("engine left out reason=%s", line)
    while not stop.is_set():
        try:
            with open_camera(plan, clock) as camera:
                tell(Opened(engines))
                watch(camera, decoder, clock, tell)
                tell(Ended())
                return 0
        except CameraError as error:
            log.warning("camera lost reason=%s", error)
            tell(Lost(str(error)))
            clock.wait(stop, _RETRY_S)
    return 0


def _die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent ends; then check it has not ended already."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def main() -> int:
    """Run the child; the exit code is 0 at the end of a replay."""
    _die_with_parent(int(sys.argv[2]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    pipe = int(sys.argv[1])
    plan = CameraPlan.from_json(sys.stdin.readline())
    os.dup2(2, 1)  # what a library prints must not go anywhere it could be mistaken for data

    def tell(message: Message) -> None:
        rest = memoryview(encode(message))
        while rest:
            rest = rest[os.write(pipe, rest) :]

    return run(plan, SystemClock(), tell, threading.Event())


if __name__ == "__main__":
    sys.exit(main())
