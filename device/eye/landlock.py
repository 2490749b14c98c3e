"""Landlock of the eye process (Linux 5.13 and later): the files it may use; no TCP, and no signal to others.

A kernel may lack it (Raspberry Pi's own often does), or know only a part: each version of the interface (ABI) adds
rights. Everything that the running kernel can refuse is refused, but for the paths that are named.
Reference: kernel documentation ``userspace-api/landlock``, ``linux/landlock.h``.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from device.errors import WallUnavailable
from device.words import say

ABSENT: Final = 0
"""In place of an ABI: the kernel has no Landlock."""

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # of every architecture
_VERSION, _PATH_BENEATH = 1, 1  # LANDLOCK_CREATE_RULESET_VERSION, LANDLOCK_RULE_PATH_BENEATH
_WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE, _IOCTL_DEV = 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15
_FS_BITS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights on files each ABI knows (EXECUTE is bit 0, IOCTL_DEV bit 15); later ones as 5."""
_NET, _NET_SINCE = 0b11, 4  # LANDLOCK_ACCESS_NET_BIND_TCP, CONNECT_TCP
_SCOPED, _SCOPED_SINCE = 0b11, 6  # LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, SIGNAL
_FILE_RIGHTS: Final = _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV

READ: Final = _READ_FILE | _READ_DIR
READ_WRITE: Final = READ | _WRITE_FILE | _IOCTL_DEV
LIST: Final = _READ_DIR


class _RulesetAttr(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneathAttr(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def abi() -> int:
    """Return the version of Landlock that the running kernel speaks; `ABSENT` when it has none or has it off."""
    version = ctypes.CDLL(None).syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    return max(ABSENT, int(version))


def restrict(version: int, allowed: Iterable[tuple[Path, int]]) -> list[int]:
    """Leave the calling thread, and what it starts, these rights on files and nothing else that Landlock knows.

    What is open already stays usable. It needs no_new_privs, or root's rights.

    Args:
        version: what `abi` returned.
        allowed: a file, or a folder with all below it, and `READ`, `READ_WRITE` or `LIST`; what is not there is
            passed over.

    Returns:
        Descriptors of these paths, which must stay open: they read nothing, but a rule belongs to an inode, and a file
        system that forgets what nobody holds (9p, FUSE) would find the path again as another one.

    Raises:
        WallUnavailable: the kernel refuses.
    """
    handled = (1 << _FS_BITS.get(version, max(_FS_BITS.values()))) - 1
    ruleset = _RulesetAttr(handled, _NET * (version >= _NET_SINCE), _SCOPED * (version >= _SCOPED_SINCE))
    ruleset_fd = _call(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(ctypes.sizeof(ruleset)), 0)
    held: list[int] = []
    try:
        for path, rights in allowed:
            with suppress(OSError):
                held.append(os.open(path, os.O_PATH | os.O_CLOEXEC))
                _allow(ruleset_fd, held[-1], rights & handled)
        _call(_RESTRICT_SELF, ruleset_fd, 0)
    except WallUnavailable:
        for opened in held:
            os.close(opened)
        raise
    finally:
        os.close(ruleset_fd)
    return held


def _allow(ruleset_fd: int, opened: int, rights: int) -> None:
    if not stat.S_ISDIR(os.fstat(opened).st_mode):
        rights &= _FILE_RIGHTS
    if rights:
        _call(_ADD_RULE, ruleset_fd, _PATH_BENEATH, ctypes.byref(_PathBeneathAttr(rights, opened)), 0)


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    code = libc.syscall(number, *arguments)
    if code < 0:
        raise WallUnavailable(say("Landlock refuses ({why})", why=os.strerror(ctypes.get_errno())))
    return int(code)


def without(path: Path, hidden: Iterable[Path]) -> Iterator[tuple[Path, int]]:
    """Yield what lets *path* be read and nothing in the folders *hidden*, which may lie below it.

    Landlock adds rights and takes none away: of a folder above a hidden one each entry is named but the one that leads
    there. Such a folder itself can be listed, and so can the names in what is hidden.

    Args:
        path: resolved; a file or a folder.
        hidden: resolved.
    """
    inside = [folder for folder in hidden if folder == path or path in folder.parents]
    if any(folder == path or folder in path.parents for folder in hidden):
        return
    if not inside:
        yield path, READ
        return
    yield path, LIST
    try:
        entries = sorted(path.iterdir())
    except OSError:
        return
    for entry in entries:
        if not entry.is_symlink():  # it is what it leads to that would be readable
            yield from without(entry, inside)
