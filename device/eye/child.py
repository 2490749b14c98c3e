"""Child process for camera and decoder: walls itself off, then decodes each frame and writes sights to a pipe.

Started by `device.eye.parent` as ``python -m device.eye.child PIPE PARENT MARKER LEFT_OUT``, with
`device.eye.settings` as JSON on its standard input; `device.eye.messages` has the arguments. It dies with its
parent, holds no secret, no pin and no socket, and may be killed at any moment.

Nothing that starts a thread (numpy does) or looks at a picture is imported before the wall stands.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from device.clock import SystemClock
from device.errors import WallUnavailable
from device.eye import wall
from device.eye.engine_marker import set_marker
from device.eye.messages import Lost, Message, Walled, encode, left_out_from_text
from device.eye.settings import EyeSettings
from device.monitor.log_format import LEVEL_VARIABLE, start_log

if TYPE_CHECKING:
    from collections.abc import Callable

    from device.eye.decoding import Decoding, Makers

_PR_SET_PDEATHSIG = 1


def _die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent ends; then check it has not ended already."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def main(makers: Makers | None = None, build: Callable[..., Walled] = wall.build) -> int:
    """Run the child.

    Args:
        makers: the engines; ``None``: those there are.
        build: takes the process's rights away; a measurement does without.

    Returns:
        0 at the end of a replay; 1 when no engine can run, or the wall cannot be had.
    """
    pipe, parent, marker_fd, left_out = sys.argv[1:5]
    _die_with_parent(int(parent))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    start_log(os.environ.get(LEVEL_VARIABLE, "info"))
    settings = EyeSettings.from_json(sys.stdin.readline())
    os.dup2(2, 1)  # what a library prints must not go anywhere it could be mistaken for data
    sys.dont_write_bytecode = True  # it cannot
    clock = SystemClock()

    def tell(message: Message) -> None:
        rest = memoryview(encode(message))
        while rest:
            rest = rest[os.write(int(pipe), rest) :]

    try:
        tell(build(settings.camera, settings.wall, (int(pipe), int(marker_fd))))
    except WallUnavailable as error:
        tell(Lost(f"the eye cannot be walled off: {error}; to run it all the same: camera.unwalled_ok: true"))
        return 1

    from device.decoder.selftest import ENGINES  # noqa: PLC0415 - behind the wall
    from device.eye.decoding import Decoding  # noqa: PLC0415 - as above
    from device.eye.frame_loop import run  # noqa: PLC0415 - as above

    def make() -> Decoding:
        spans_s = left_out_from_text(left_out)
        return Decoding(
            makers or ENGINES, spans_s, clock.monotonic_s(), lambda engine: set_marker(int(marker_fd), engine)
        )

    return run(settings.camera, make, clock, tell, threading.Event())


if __name__ == "__main__":
    sys.exit(main())
