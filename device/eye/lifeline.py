"""Lifeline of an eye: a pipe between gate and eye; when the gate closes its end, the kernel kills the eye.

Nobody writes to it. The eye asks the kernel to be sent SIGKILL instead of SIGIO when its end of the pipe is ready
(O_ASYNC, F_SETOWN, F_SETSIG: fcntl(2)), and a pipe whose writers are gone is ready. So an eye ends with its connection,
or with its gate, though nothing inside it wants to, though another user started it whom the gate may send no signal,
and though systemd's watchdog is fed. The wall keeps the descriptor from being closed or replaced, and its flags from
being changed (`device.eye.seccomp`): code that takes the eye over cannot undo it.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal


def new_lifeline() -> tuple[int, int]:
    """Return both ends: the eye's, which is passed on, and the gate's, which kills the eye when it is closed."""
    return os.pipe2(os.O_CLOEXEC)


def hang_on(eyes_end: int) -> None:
    """Have this process killed when the gate has closed its end, from now on. The eye's side.

    Raises:
        ConnectionError: the gate has closed it already, and the kernel tells nobody what is over.
    """
    fcntl.fcntl(eyes_end, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(eyes_end, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(eyes_end, fcntl.F_SETFL, fcntl.fcntl(eyes_end, fcntl.F_GETFL) | os.O_ASYNC)
    waiting = select.poll()
    waiting.register(eyes_end, 0)  # POLLHUP is always told
    if waiting.poll(0):
        raise ConnectionResetError("the gate has let go already")
