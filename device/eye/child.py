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
import logging
import os
import select
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Final

from device.clock import Clock, SystemClock
from device.errors import EyeNonsense, WallUnavailable
from device.eye import wall
from device.eye.engine_marker import set_marker
from device.eye.lifeline import hang_on
from device.eye.messages import Lost, Message, Walled, encode, left_out_from_text
from device.eye.settings import EyeSettings
from device.model import Sight
from device.monitor.log_format import start_log
from device.monitor.systemd import SystemdNotifier
from device.threads import place_of
from device.words import say, sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from device.eye.decoding import Makers

CONNECTION: Final = 0
"""The descriptor of the connection: standard input."""
_PR_SET_PDEATHSIG = 1
_FED_S: Final = 2.0
"""How often systemd hears that an end of the connection would be noticed."""
_LONGEST_TOLD: Final = 64 * 1024

log = logging.getLogger(__name__)


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


class _Prints:
    """Where standard output and error go: nowhere before the first frame, in an eye that must not print."""

    def __init__(self, *, kept: bool) -> None:
        self.descriptors: tuple[int, ...] = ()
        if not kept:
            self.descriptors = (os.dup(2),)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)
        os.dup2(2, 1)  # what a library prints must not go anywhere it could be mistaken for data

    def tell(self, message: Message) -> None:
        """Tell the gate; from the first frame on what is printed is kept."""
        if self.descriptors and isinstance(message, Sight):
            os.dup2(self.descriptors[0], 2)
            os.dup2(self.descriptors[0], 1)
            self.descriptors = ()
        _tell(message)


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
    prints = _Prints(kept=settings.prints)
    sys.dont_write_bytecode = True  # it cannot
    watched = os.environ.get("WATCHDOG_PID") == str(os.getpid())  # sd_watchdog_enabled(3); else it is the gate's
    clock, notifier = SystemClock(), SystemdNotifier(os.environ if watched else {})
    try:
        kept = (marker_fd, *notifier.descriptors, *prints.descriptors)
        _tell(build(settings.camera, settings.wall, kept, lifeline_fd))
    except WallUnavailable as error:
        what = sentence("the eye cannot be walled off: {why}; to run it all the same: camera.unwalled_ok: true")
        _tell(Lost(say(what, why=error)))
        return 1
    threading.Thread(target=_end_with_connection, args=(notifier,), name="eye-end", daemon=True).start()

    try:
        return _see(settings, left_out_s, makers, clock, lambda engine: set_marker(marker_fd, engine), prints.tell)
    except Exception as error:  # noqa: BLE001 - a defect; its text could quote a payload, so it is told nowhere
        reason, place = type(error).__name__, place_of(error)
        log.critical("event=eye-failed reason=%s at=%s", reason, place)
        what = sentence("the eye failed ({reason} at {place}): that is a defect of the gate's software")
        _tell(Lost(say(what, reason=reason, place=place)))
        return 1


def _see(  # noqa: PLR0913, PLR0917 - what an eye has
    settings: EyeSettings,
    left_out_s: dict[str, float],
    makers: Makers | None,
    clock: Clock,
    set_marker: Callable[[str], None],
    tell: Callable[[Message], None],
) -> int:
    """Look until the end; behind the wall."""
    from device.decoder.selftest import ENGINES  # noqa: PLC0415 - behind the wall
    from device.eye.decoding import Decoding  # noqa: PLC0415 - as above
    from device.eye.frame_loop import run  # noqa: PLC0415 - as above

    def make() -> Decoding:
        return Decoding(makers or ENGINES, left_out_s, clock.monotonic_s(), set_marker)

    return run(settings.camera, make, clock, tell, threading.Event())


if __name__ == "__main__":
    sys.exit(main())
