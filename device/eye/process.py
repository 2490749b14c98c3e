"""How an eye is started: a child of the gate, or a unit that systemd starts for each connection to its socket.

In both an eye is one process at the other end of one stream socket, its standard input. A new connection is a new
eye; an eye whose connection is closed ends at once (`device.eye.child`).

Nobody can end a process that the kernel holds (a driver that waits in state D), so nothing here waits for that.
"""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol

from device.errors import EyeNotStarted, shown
from device.words import say, why_of

SOCKET_VARIABLE: Final = "GATE_EYE_SOCKET"
"""Environment variable of the service: the socket of the eye's unit. Not set: the eye is a child of the gate."""
COMMAND: Final = (sys.executable, "-P", "-m", "device.eye.child")
EYE_LOG: Final = "journalctl -t gate-scanner-eye"
_LONGEST_LINE: Final = 4096


class EyeProcess(Protocol):
    """One eye that was started.

    Attributes:
        connection: our end of its socket.
        pid: its process id; ``None`` where systemd has it.
    """

    @property
    def connection(self) -> socket.socket: ...  # noqa: D102 - above

    @property
    def pid(self) -> int | None: ...  # noqa: D102 - above

    def kill(self) -> None:
        """End it, as far as that can be done; returns at once, and may be called again."""
        ...

    def ended(self, within_s: float = 0.0) -> bool:
        """Return whether it is gone, waiting for that no longer than *within_s*."""
        ...


StartEye = Callable[[], EyeProcess]
"""Starts an eye; raises `EyeNotStarted`."""


@dataclass(frozen=True, slots=True)
class ChildProcess:
    """A child of this process."""

    connection: socket.socket
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def kill(self) -> None:
        """Send SIGKILL."""
        self.process.kill()

    def ended(self, within_s: float = 0.0) -> bool:
        """Reap it, and return whether that was possible."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(within_s)
        return self.process.returncode is not None


@dataclass(frozen=True, slots=True)
class UnitProcess:
    """A process that systemd has started, and ends if it does not do so itself; of another user than the gate's."""

    connection: socket.socket
    pid: None = None

    def kill(self) -> None:
        """Close our half of the connection: the eye reads its end."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)

    def ended(self, within_s: float = 0.0) -> bool:
        """Return whether it has closed its half too."""
        waiting = select.poll()
        waiting.register(self.connection, 0)  # POLLHUP is always told
        return bool(waiting.poll(within_s * 1000))


def start_child(command: tuple[str, ...] = COMMAND) -> ChildProcess:
    """Start an eye as a child; raises `EyeNotStarted`.

    It shares our standard error. A terminal it does not get: what it prints is passed on in lines of printable text,
    for a terminal obeys more than that.
    """
    terminal = subprocess.PIPE if os.isatty(2) else None
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            child = subprocess.Popen(command, stdin=theirs.fileno(), stderr=terminal)  # noqa: S603 - our own module
    except OSError as error:
        ours.close()
        raise EyeNotStarted(say("the eye cannot be started ({why})", why=why_of(error))) from error
    if child.stderr is not None:
        threading.Thread(target=_pass_on, args=(child.stderr,), name="eye-prints", daemon=True).start()
    return ChildProcess(ours, child)


def _pass_on(printed: IO[bytes]) -> None:
    """Pass on what an eye prints, until it ends."""
    with printed, suppress(OSError):  # the terminal is gone
        while line := printed.readline(_LONGEST_LINE):
            text = shown(line.decode("utf-8", "replace").rstrip(), _LONGEST_LINE)
            os.write(2, text.encode("utf-8") + b"\n")


def connect_to_unit(path: Path) -> UnitProcess:
    """Have systemd start an eye.

    Args:
        path: the socket of the eye's unit.

    Raises:
        EyeNotStarted: nobody listens there, or not to this user.
    """
    ours = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    ours.settimeout(0)  # systemd answers connections one by one; it must not hold the scan loop
    try:
        ours.connect(os.fspath(path))
    except OSError as error:
        ours.close()
        raise EyeNotStarted(_why_not(path, error)) from error
    return UnitProcess(ours)


def _why_not(path: Path, error: OSError) -> str:
    """Return what to do when the eye's unit cannot be reached."""
    match error:
        case FileNotFoundError() | ConnectionRefusedError():
            return say("nothing listens on {path}: systemctl restart gate-scanner-eye.socket", path=path)
        case BlockingIOError():
            return say("systemd starts no eye: too many wait on {path}; see: {log}", path=path, log=EYE_LOG)
    return say("{path} cannot be used ({why}): it must belong to the user of the gate", path=path, why=why_of(error))
