"""Runs inside the gate's unit, as systemd's ``ExecStartPost``: tries every door, and writes down which opened."""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

from device.clock import SystemClock

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER = 0x1000_0000
KEPT = Path("/var/lib/gate-scanner/probe.json")


def devices() -> list[str]:
    """Return the devices that open for reading and writing, or for reading."""
    opened = []
    for path in sorted(Path("/dev").rglob("*")):
        if path.is_symlink() or not (path.is_char_device() or path.is_block_device()):
            continue
        for way in (os.O_RDWR, os.O_RDONLY):
            try:
                os.close(os.open(path, way | os.O_NONBLOCK | os.O_NOCTTY))
            except OSError:
                continue
            opened.append(str(path))
            break
    return opened


def writable() -> list[str]:
    """Return the topmost folders in which a file can be made."""
    found: list[str] = []
    for folder, below, _ in os.walk("/"):
        if folder == "/":
            below[:] = [name for name in below if name not in {"proc", "sys"}]
        probe = Path(folder) / ".probe"
        try:
            probe.touch()
            probe.unlink()
        except OSError:
            continue
        found.append(folder)
        below.clear()
    return sorted(found)


def refused(call: Callable[[], object]) -> str:
    """Return how a call was refused, ``""`` when it was not."""
    try:
        call()
    except (OSError, PermissionError) as error:
        return type(error).__name__ if error.errno is None else os.strerror(error.errno)
    return ""


def libc(name: str, *words: object) -> Callable[[], object]:
    """Return a call of libc that raises what errno says."""

    def call() -> None:
        if getattr(LIBC, name)(*words) < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    return call


def others() -> list[int]:
    """Return the processes of other users that are visible."""
    mine = os.getuid()
    found = [path for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [int(path.name) for path in found if path.exists() and path.stat().st_uid != mine]


def calls() -> dict[str, str]:
    timex = ctypes.create_string_buffer(512)
    return {
        "adjtimex": refused(libc("adjtimex", timex)),
        "settime": refused(libc("clock_settime", 0, ctypes.create_string_buffer(16))),
        "mount": refused(libc("mount", b"none", b"/tmp", b"tmpfs", 0, None)),
        "unshare": refused(libc("unshare", CLONE_NEWUSER)),
        "write_and_execute": refused(
            lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        ),
        "packets": refused(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()),
        "set_user_id": refused(lambda: set_user_id(Path("/var/lib/gate-scanner/.set"))),
        "reboot": refused(libc("reboot", 0)),
    }


def set_user_id(file: Path) -> None:
    file.touch()
    try:
        file.chmod(stat.S_ISUID | 0o755)
    finally:
        file.unlink()


def main() -> None:
    seen = {
        "user": os.getuid(),
        "groups": sorted(os.getgroups()),
        "devices": devices(),
        "writable": writable(),
        "other_processes": others(),
        "home": refused(lambda: list(Path("/root").iterdir())),
        "calls": calls(),
        "clock": SystemClock().reading().state.value,
    }
    KEPT.write_text(json.dumps(seen, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
