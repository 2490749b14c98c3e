"""The eye's process, camera and decoder: walls itself off, then decodes each frame and tells the gate what it sees.

Started as ``python -m device.eye.child`` (`device.eye.process`), with the connection to the gate as its standard input:
what it is told and what it tells is in `device.eye.messages`. It ends at once when the gate closes the connection
(and is killed by the kernel if it does not: `device.eye.lifeline`), holds no secret, no pin and no other socket of the
gate's, and may be killed at any moment.

Nothing that starts a thread (numpy does) or looks at a picture is imported before the wall stands.
"""

from __future__ import annotations

import array
import ctypes
import os
import select
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Final

from device.clock import SystemClock
from device.errors import EyeNonsense, WallUnavailable
from device.eye import wall
from device.eye.engine_marker import set_marker
from device.eye.lifeline import hang_on
from device.eye.messages import Lost, Message, Walled, encode, left_out_from_text
from device.eye.settings import EyeSettings
from device.monitor.log_format import start_log
from device.monitor.systemd import SystemdNotifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from device.eye.decoding import Decoding, Makers

CONNECTION: Final = 0
"""The descriptor of the connection: standard input."""
_PR_SET_PDEATHSIG = 1
_FED_S: Final = 2.0
"""How often systemd hears that an end of the connection would be noticed."""
_LONGEST_TOLD: Final = 64 * 1024


def _be_told() -> tuple[EyeSettings, dict[str, float], int, int]:
    """Read the settings, the engines left out, and the descriptors of marker and lifeline.

    Raises:
        EyeNonsense: the gate has ended, or this is no gate.
    """
    told, found = bytearray(), array.array("i")
    with socket.socket(fileno=os.dup(CONNECTION)) as connection:
        while told.count(b"\n") < 2:
            chunk, descriptors, _, _ = socket.recv_fds(connection, 4096, 2)
            found.extend(descriptors)
            told += chunk
            if not chunk or len(told) > _LONGEST_TOLD:
                raise EyeNonsense("there is no gate at the other end of the connection")
    settings, left_out, _ = told.decode().split("\n")
    marker_fd, lifeline_fd = found
    return EyeSettings.from_json(settings), left_out_from_text(left_out), marker_fd, lifeline_fd


def _tell(message: Message) -> None:
    """Tell the gate; without a gate there is nobody to see for."""
    rest = memoryview(encode(message))
    try:
        while rest:
            rest = rest[os.write(CONNECTION, rest) :]
    except ConnectionError:
        os._exit(0)


def _end_with_connection(notifier: SystemdNotifier) -> None:
    """End this process as soon as the gate closes the connection, whatever the other threads wait for.

    Until then, tell systemd that this thread would notice: its watchdog ends an eye in which nothing turns any more.
    """
    waiting = select.poll()
    waiting.register(CONNECTION, select.POLLIN)
    while not waiting.poll(_FED_S * 1000):
        notifier.alive()
    os._exit(0)


def main(makers: Makers | None = None, build: Callable[..., Walled] = wall.build) -> int:
    """Run the eye.

    Args:
        makers: the engines; ``None``: those there are.
        build: takes the process's rights away; a measurement does without.

    Returns:
        0 at the end of a replay, or without a gate; 1 when no engine can run, or the wall cannot be had.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # faster than the end of a connection
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the gate decides
    try:
        settings, left_out_s, marker_fd, lifeline_fd = _be_told()
        hang_on(lifeline_fd)
    except (EyeNonsense, ConnectionError):
        return 0
    start_log(settings.log_level)
    os.dup2(2, 1)  # what a library prints must not go anywhere it could be mistaken for data
    sys.dont_write_bytecode = True  # it cannot
    watched = os.environ.get("WATCHDOG_PID") == str(os.getpid())  # sd_watchdog_enabled(3); else it is the gate's
    clock, notifier = SystemClock(), SystemdNotifier(os.environ if watched else {})
    try:
        _tell(build(settings.camera, settings.wall, (marker_fd, *notifier.descriptors), lifeline_fd))
    except WallUnavailable as error:
        _tell(Lost(f"the eye cannot be walled off: {error}; to run it all the same: camera.unwalled_ok: true"))
        return 1
    threading.Thread(target=_end_with_connection, args=(notifier,), name="eye-end", daemon=True).start()

    from device.decoder.selftest import ENGINES  # noqa: PLC0415 - behind the wall
    from device.eye.decoding import Decoding  # noqa: PLC0415 - as above
    from device.eye.frame_loop import run  # noqa: PLC0415 - as above

    def make() -> Decoding:
        now_s = clock.monotonic_s()
        return Decoding(makers or ENGINES, left_out_s, now_s, lambda engine: set_marker(marker_fd, engine))

    return run(settings.camera, make, clock, _tell, threading.Event())


if __name__ == "__main__":
    sys.exit(main())
