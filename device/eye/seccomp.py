"""Seccomp filter of the eye process (libseccomp): the system calls that camera and decoders need, and no other.

A list of what is allowed: what is not thought of, or comes with a later kernel, is refused. What stands here is that
part of systemd's ``@system-service``, under which cameras run on the appliance, that reads, waits, maps memory and
starts threads. What is refused gets EPERM, as from systemd, so that a library that can do without goes on; ENOSYS where
glibc then takes the older call. A call of another architecture (x32, 32 bits) is refused too.

Libseccomp knows the numbers of each architecture and compiles the list to a tree. systemd depends on it, so that
it is on every Debian and Raspberry Pi OS. Reference: seccomp_rule_add(3), seccomp_attr_set(3), ``seccomp.h`` of 2.5.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import termios
from typing import Any, Final, NamedTuple, Self

from device.errors import WallUnavailable
from device.words import say

LIBRARY: Final = "libseccomp.so.2"

_ALLOW: Final = 0x7FFF0000  # SCMP_ACT_ALLOW
_ERRNO: Final = 0x00050000  # SCMP_ACT_ERRNO(0)
_ACT_BADARCH, _CTL_OPTIMIZE, _BINARY_TREE = 2, 8, 2  # enum scmp_filter_attr; 2: a binary tree, from 2.5
_MASKED_EQ: Final = 7  # SCMP_CMP_MASKED_EQ
_INT: Final = 0xFFFFFFFF  # the kernel takes the low half of an argument that is an int

_ALWAYS: Final = """
read readv write writev pread64 preadv pwrite64 lseek _llseek dup pipe pipe2
stat lstat fstat stat64 lstat64 fstat64 newfstatat fstatat64 statx access faccessat faccessat2 readlink readlinkat
getdents getdents64 getcwd statfs fstatfs statfs64 fstatfs64 fadvise64 fadvise64_64 arm_fadvise64_64
memfd_create ftruncate ftruncate64
poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 epoll_create epoll_create1 epoll_ctl epoll_wait
epoll_pwait epoll_pwait2 eventfd eventfd2 timerfd_create timerfd_settime timerfd_settime64 timerfd_gettime
timerfd_gettime64
munmap mremap brk madvise msync membarrier map_shadow_stack
set_tid_address set_robust_list rseq futex futex_time64 futex_waitv exit exit_group restart_syscall
sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min getcpu
gettid getpid getppid getuid geteuid getgid getegid getuid32 geteuid32 getgid32 getegid32 getresuid getresgid
getresuid32 getresgid32 getgroups getgroups32 getpgrp getpgid getsid capget getpriority getrlimit ugetrlimit getrusage
sysinfo uname times
rt_sigaction rt_sigprocmask rt_sigreturn sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64
sigaltstack
clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_nanosleep clock_nanosleep_time64 nanosleep
gettimeofday time getrandom arch_prctl set_tls cacheflush
getsockopt setsockopt getsockname recvfrom recvmsg recv send
"""
"""Whatever their arguments are. The socket calls act on what is open already and on libudev's own socket (below)."""

_TAKE_THE_OLDER: Final = ("clone3", "openat2")
"""ENOSYS: their arguments lie in memory, where a filter cannot see them."""

_EXEC, _WRITE_EXEC = 0x4, 0x6  # PROT_EXEC, PROT_WRITE | PROT_EXEC
_CLONE_THREAD: Final = 0x00010000
_CLONE_NEW: Final = 0x7E020080  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWTIME
_CHANGES: Final = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC | (os.O_TMPFILE & ~os.O_DIRECTORY)
_NETLINK, _KOBJECT_UEVENT = 16, 15  # AF_NETLINK, NETLINK_KOBJECT_UEVENT: how libudev hears of cameras
_NETLINK_ADDRESS: Final = 12  # sizeof(struct sockaddr_nl)
_F_GET_SEALS, _F_ADD_SEALS = 1034, 1033
_FCNTL: Final = (
    *(fcntl.F_DUPFD, fcntl.F_DUPFD_CLOEXEC, fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL),
    *(_F_ADD_SEALS, _F_GET_SEALS),
)
"""Of these none sends a signal to another process, as F_SETOWN with F_SETSIG does, and none takes a lifeline's back."""
_LOCKS: Final = (fcntl.F_GETLK, fcntl.F_SETLK, fcntl.F_SETLKW, 12, 13, 14)
"""To F_SETLKW64: libcamera locks the media device it uses. Whoever may read a ledger could hold it up with one."""
_IOCTL_SORTS: Final = "VHbu"
"""Letter of a driver (_IOC_TYPE): V4L2, dma_heap, dma-buf, udmabuf. Pins have 0xB4, terminals T, consoles V without one
of the directions (_IOC_DIR)."""
_DIRECTIONS: Final = (0x40000000, 0x80000000)
_MEDIA: Final = ord("|")
_IOCTLS: Final = (
    *(termios.TCGETS, termios.TIOCGWINSZ, termios.FIONREAD, termios.FIOCLEX, termios.FIONCLEX),
    0x802C542A,  # TCGETS2; isatty(3) asks a terminal this, and never TIOCSTI, which types into it
)
_PRCTL: Final = (15, 16, 23, 0x53564D41)  # PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ, PR_SET_VMA


class Condition(NamedTuple):
    """An argument, counted from 0, that is *value* in the bits of *mask*."""

    argument: int
    mask: int
    value: int


class _ScmpArgCmp(ctypes.Structure):
    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("datum_a", ctypes.c_uint64),
        ("datum_b", ctypes.c_uint64),
    )


Rule = tuple[str, tuple[Condition, ...]]
_HEARING_OF_CAMERAS: Final[tuple[Rule, ...]] = (
    ("socket", (Condition(0, _INT, _NETLINK), Condition(2, _INT, _KOBJECT_UEVENT))),
    ("bind", (Condition(2, _INT, _NETLINK_ADDRESS),)),
)


def _left_alone(argument: int, unclosed: int | None) -> tuple[tuple[Condition, ...], ...]:
    """Return conditions of which one holds for every int but *unclosed*: that one of its bits is another."""
    if unclosed is None:
        return ((),)
    return tuple((Condition(argument, 1 << bit, ~unclosed & 1 << bit),) for bit in range(32))


def rules(own_pid: int, *, camera: bool, unclosed: int | None = None) -> tuple[Rule, ...]:
    """Return what is allowed: system call and conditions, all of which must hold; of several rules of a call any.

    Args:
        own_pid: of the process that is to be held.
        camera: it opens device nodes for writing, and hears of new ones; without, nothing at all can be opened so.
        unclosed: a descriptor that stays open as it is.
    """
    reading = Condition(1, _CHANGES, os.O_RDONLY)
    opening = [reading, Condition(1, _CHANGES, os.O_RDWR)] if camera else [reading]
    commands = (*_FCNTL, *_LOCKS) if camera else _FCNTL
    one = [
        *(("openat", Condition(2, mask, flags)) for _, mask, flags in opening),
        *(("open", condition) for condition in opening),
        *((call, Condition(1, _INT, command)) for call in ("fcntl", "fcntl64") for command in commands),
        *(("ioctl", Condition(1, 0xFF00 | way, ord(sort) << 8 | way)) for sort in _IOCTL_SORTS for way in _DIRECTIONS),
        ("ioctl", Condition(1, 0xFF00, _MEDIA << 8)),
        *(("ioctl", Condition(1, _INT, request)) for request in _IOCTLS),
        *((call, Condition(2, _EXEC, 0)) for call in ("mmap", "mmap2", "mprotect")),
        *((call, Condition(2, _WRITE_EXEC, _EXEC)) for call in ("mmap", "mmap2")),
        ("clone", Condition(0, _CLONE_THREAD | _CLONE_NEW, _CLONE_THREAD)),
        ("tgkill", Condition(0, _INT, own_pid)),  # abort(3)
        ("sendto", Condition(4, 2**64 - 1, 0)),  # on a socket that is connected already
        *(("prctl", Condition(0, _INT, option)) for option in _PRCTL),
    ]
    closing = (("close", 0), ("dup2", 1), ("dup3", 1))
    return (
        *((call, ()) for call in _ALWAYS.split()),
        *((call, (condition,)) for call, condition in one),
        *((call, conditions) for call, argument in closing for conditions in _left_alone(argument, unclosed)),
        ("prlimit64", (Condition(0, _INT, 0), Condition(2, 2**64 - 1, 0))),  # getrlimit(3)
        *(_HEARING_OF_CAMERAS if camera else ()),
    )


def library() -> ctypes.CDLL:
    """Load libseccomp.

    Raises:
        WallUnavailable: it is not installed.
    """
    try:
        found = ctypes.CDLL(LIBRARY, use_errno=True)
    except OSError as error:
        raise WallUnavailable(say("{library} is not installed (apt install libseccomp2)", library=LIBRARY)) from error
    found.seccomp_init.restype = ctypes.c_void_p
    return found


class Filter:
    """A filter of this process's architecture, not yet in force; a context manager that frees it.

    Args:
        allowed: see `rules`.

    Raises:
        WallUnavailable: there is no libseccomp, or it does not take the rules.
    """

    def __init__(self, allowed: tuple[Rule, ...]) -> None:
        self._library = library()
        self._context = ctypes.c_void_p(self._library.seccomp_init(_ERRNO | errno.EPERM))
        if not self._context:
            raise WallUnavailable(say("libseccomp does not know this processor"))
        self._call("seccomp_attr_set", _ACT_BADARCH, _ERRNO | errno.EPERM)
        self._library.seccomp_attr_set(self._context, _CTL_OPTIMIZE, _BINARY_TREE)  # an older one makes a list
        for name in _TAKE_THE_OLDER:
            self._add(name, _ERRNO | errno.ENOSYS)
        for name, conditions in allowed:
            self._add(name, _ALLOW, conditions)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._library.seccomp_release(self._context)

    def load(self) -> None:
        """Put it in force for the calling thread and what that starts, for ever; it sets no_new_privs first.

        Raises:
            WallUnavailable: the kernel has no seccomp, or does not let it.
        """
        self._call("seccomp_load")

    def _add(self, name: str, action: int, conditions: tuple[Condition, ...] = ()) -> None:
        number = self._library.seccomp_syscall_resolve_name(name.encode("ascii"))
        if number < 0:  # not on this architecture, or newer than this libseccomp: it stays refused
            return
        compared = (_ScmpArgCmp * len(conditions))(
            *(_ScmpArgCmp(argument, _MASKED_EQ, mask, value) for argument, mask, value in conditions)
        )
        self._call("seccomp_rule_add_array", ctypes.c_uint32(action), number, len(conditions), compared)

    def _call(self, function: str, *arguments: Any) -> None:  # noqa: ANN401 - whatever C takes
        code = getattr(self._library, function)(self._context, *arguments)
        if code != 0:
            raise WallUnavailable(
                say(
                    "the kernel or libseccomp refuses ({function}: {why})",
                    function=function,
                    why=os.strerror(abs(code)),
                )
            )
