"""Which process holds the camera (fcntl lock on ``/dev/mediaN``), and whether this one may open it (group video).

libcamera locks each media device that it uses (lockf), and the kernel tells the number of the process that holds such
a lock (``F_GETLK``), also of a process that cannot be seen from here. Its name is read where ``/proc`` shows it.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterable
from pathlib import Path

# struct flock of 64-bit Linux: l_type, l_whence, l_start, l_len, l_pid (fcntl(2)).
_FLOCK = struct.Struct("hhqqi4x")


def holder(devices: Iterable[Path] | None = None, proc: Path = Path("/proc")) -> str:
    """Return who holds one of the camera's devices, like ``rpicam-hello (process 812)``; empty when nobody is found.

    Args:
        devices: what to ask; ``None``: every media device of this machine.
        proc: where processes are seen.
    """
    media = sorted(Path("/dev").glob("media*")) if devices is None else list(devices)
    found = next((pid for device in media if (pid := _locked_by(device))), 0)
    return _named(found, proc) if found else ""


def no_permission(devices: Iterable[Path] | None = None) -> bool:
    """Return whether there are media devices and this process may open none of them: it is not in the group video.

    Args:
        devices: what to ask; ``None``: every media device of this machine.
    """
    media = list(Path("/dev").glob("media*")) if devices is None else list(devices)
    return bool(media) and not any(os.access(device, os.R_OK | os.W_OK) for device in media)


def _locked_by(device: Path) -> int:
    """Return the process that has the device locked; 0 when none has, or it cannot be asked."""
    try:
        opened = os.open(device, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return 0
    try:
        asked = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, _, _, _, pid = _FLOCK.unpack(fcntl.fcntl(opened, fcntl.F_GETLK, asked))
    except OSError:
        return 0
    finally:
        os.close(opened)
    return int(pid) if kind != fcntl.F_UNLCK and pid != os.getpid() else 0


def _named(pid: int, proc: Path) -> str:
    try:
        name = ascii((proc / str(pid) / "comm").read_bytes().decode("utf-8", "replace").strip())[1:-1]
    except OSError:
        return f"process {pid}"
    return f"{name} (process {pid})"
