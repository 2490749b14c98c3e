"""Sandbox of the eye process: what it gives up, for ever, before it opens a camera or looks at a picture.

A hostile picture may bring its own code into a decoder. That code then is a process of the gate's user (on the
appliance of a user of its own, `systemd/README.md`), so the process takes its rights from itself: no new privileges, no
capabilities, no descriptor but its own, no core dump; the files it needs for reading, the camera's devices
for writing, and nothing else (`device.eye.landlock`); no network, no other program, no other process
(`device.eye.seccomp`).

Without libseccomp, or a kernel with seccomp, it does not run, unless the site file allows it (``camera.unwalled_ok``).
Landlock may be absent. Then still no file can be made, renamed or removed, and a replay can open none for writing;
but what its user may read it can read, and with a real camera it can write to what is there. The appliance has a
user of its own for that.
"""

from __future__ import annotations

import ctypes
import os
import resource
import socket
import stat
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import device
from device.camera import CameraPlan
from device.camera.pictures import pictures_in
from device.errors import CameraUnavailable, WallUnavailable
from device.eye import landlock, seccomp
from device.eye.messages import Walled
from device.words import say

_NO_NEW_PRIVS: Final = 38  # PR_SET_NO_NEW_PRIVS
_CAPBSET_READ, _CAPBSET_DROP = 23, 24
_CAP_VERSION: Final = 0x20080522  # _LINUX_CAPABILITY_VERSION_3
_MOST_CAPABILITIES: Final = 64

_SYSTEM: Final = (
    *("/usr", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/localtime"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/sys/vm/overcommit_memory", "/sys/devices/system/cpu", "/dev/urandom"),
)
"""What the interpreter and the decoders read. Of ``/proc`` no process, not even this one."""
_CAMERA: Final = ("/etc/libcamera", "/sys", "/run/udev", "/proc/device-tree", "/proc/version")
"""What libcamera and libudev read besides."""
_DEVICES: Final = ("video*", "media*", "v4l-subdev*", "dma_heap", "udmabuf")
"""Nodes below ``/dev`` that a camera is worked by."""


@dataclass(frozen=True, slots=True)
class WallPlan:
    """What the eye is told of its wall.

    Attributes:
        hidden: folders of the gate's, absolute: nothing in them can be read, wherever they lie.
        unwalled_ok: run where the kernel has no seccomp too.
    """

    hidden: tuple[str, ...] = ()
    unwalled_ok: bool = False


def build(camera: CameraPlan, wall: WallPlan, keep: Iterable[int], lifeline: int | None = None) -> Walled:
    """Take this process's rights away.

    Args:
        camera: a real one opens devices; a replay reads one path.
        wall: see `WallPlan`.
        keep: descriptors that stay open beside standard input, output and error.
        lifeline: one that stays open too, and that nothing can close any more (`device.eye.lifeline`).

    Raises:
        WallUnavailable: a part of it cannot be had, and the plan does not allow to do without.
    """
    # Landlock and seccomp hold the thread that asks and what it starts: another thread would go free.
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        raise WallUnavailable(say("it has more than one thread already"))
    if resource.getrlimit(resource.RLIMIT_CORE) != (0, 0):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    kept = [0, 1, 2, *keep, *([] if lifeline is None else [lifeline])]
    _close_all_but(kept)
    _write_only_to_the_terminal()
    _name_sockets(kept)
    if ctypes.CDLL(None).prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise WallUnavailable(say("the kernel does not take no_new_privs"))
    _drop_capabilities()
    version = landlock.abi()
    if version != landlock.ABSENT:
        landlock.restrict(version, _allowed(camera, wall))  # what it holds open goes with the process
    try:
        allowed = seccomp.rules(os.getpid(), camera=camera.source == "picamera2", unclosed=lifeline)
        with seccomp.Filter(allowed) as calls:
            calls.load()
    except WallUnavailable:
        if not wall.unwalled_ok:
            raise
        return Walled(seccomp=False, landlock=version)
    return Walled(seccomp=True, landlock=version)


def _close_all_but(keep: Iterable[int]) -> None:
    first = 3
    for kept in sorted({number for number in keep if number >= first}):
        os.closerange(first, kept)
        first = kept + 1
    os.closerange(first, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _write_only_to_the_terminal() -> None:
    """Open a terminal that is standard error anew, for writing alone: what is typed there is not the eye's to read."""
    if not os.isatty(2):
        return
    with suppress(OSError):  # somebody else's: it stays as it was given
        opened = os.open(os.ttyname(2), os.O_WRONLY | os.O_NOCTTY)
        for number in (1, 2):
            os.dup2(opened, number)
        os.close(opened)


def _name_sockets(descriptors: Iterable[int]) -> None:
    """Give each unix socket a name of the kernel's choice (unix(7), autobind).

    Whoever binds one that has none makes a file, and a filter sees no name; a second one is not given.
    """
    libc = ctypes.CDLL(None)
    family = ctypes.c_ushort(socket.AF_UNIX)
    for number in descriptors:
        try:
            kind = os.fstat(number).st_mode
        except OSError:  # not open
            continue
        if stat.S_ISSOCK(kind):
            libc.bind(number, ctypes.byref(family), ctypes.sizeof(family))  # refused where it has a name, or is another


def _drop_capabilities() -> None:
    """Drop every capability, of the bounding set too; root without them is one more owner of files."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(_MOST_CAPABILITIES):
        if libc.prctl(_CAPBSET_READ, capability, 0, 0, 0) < 0:  # the kernel knows no more
            break
        libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0)  # not allowed without CAP_SETPCAP: then there is none to lose
    header = (ctypes.c_uint32 * 2)(_CAP_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable of the first 32, then of the others
    libc.capget(header, sets)
    if any(sets) and libc.capset(header, (ctypes.c_uint32 * 6)()) != 0:
        raise WallUnavailable(say("its capabilities cannot be dropped ({why})", why=os.strerror(ctypes.get_errno())))


def _allowed(camera: CameraPlan, wall: WallPlan) -> Iterator[tuple[Path, int]]:
    """Yield each path and what may be done with it (`device.eye.landlock.restrict`)."""
    hidden = [Path(folder).resolve() for folder in wall.hidden]
    live = camera.source == "picamera2"
    source = [*_CAMERA, *_named_for_libcamera(os.environ)] if live else _replayed(camera.replay_path)
    for name in (*_SYSTEM, *_program(), *source):
        path = Path(name)
        if path.is_absolute():
            yield from landlock.without(path.resolve(), hidden)
    if live:
        yield Path("/dev"), landlock.LIST
        for pattern in _DEVICES:
            for node in Path("/dev").glob(pattern):
                yield node, landlock.READ_WRITE


def _program() -> Iterator[str]:
    """Yield where Python's modules and ours lie."""
    yield from (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    yield from (entry for entry in sys.path if Path(entry).name in {"site-packages", "dist-packages", "lib-dynload"})
    yield from device.__path__


def _replayed(name: str) -> Iterator[str]:
    """Yield what a replay shows; a picture in a folder may be a link to elsewhere."""
    if not name:
        return
    path = Path(name).absolute()
    yield str(path)
    with suppress(CameraUnavailable, OSError):  # the camera will say so
        yield from (str(picture) for picture in pictures_in(path) if picture.is_symlink())


def _named_for_libcamera(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the files and folders that libcamera's own variables name (its tuning, its pipelines' settings)."""
    for name, text in environment.items():
        if name.startswith("LIBCAMERA_"):
            yield from text.split(":")
