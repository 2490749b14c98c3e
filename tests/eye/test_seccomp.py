"""The filter of system calls, put in force for a thread that ends with the test."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from device.errors import WallUnavailable
from device.eye.seccomp import Condition, Filter, Rule, library, rules


def behind(allowed: tuple[Rule, ...], use: Callable[[], object]) -> object:
    """Do something on a thread that is filtered; return what came of it, or its OSError."""
    came: list[object] = []

    def run() -> None:
        with Filter(allowed) as calls:
            calls.load()
        try:
            came.append(use())
        except OSError as error:
            came.append(error.errno)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return came[0]


def of(*, camera: bool = False) -> tuple[Rule, ...]:
    return rules(os.getpid(), camera=camera)


def hear_of_cameras() -> None:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15) as events:
        events.bind((0, 0))


@pytest.mark.parametrize(
    "use",
    [
        lambda: os.open("/dev/null", os.O_RDONLY),
        os.pipe,
        lambda: os.eventfd(0),
        lambda: mmap.mmap(-1, 4096).close(),
        lambda: threading.Thread(target=int).start(),
        lambda: signal.pthread_kill(threading.get_ident(), 0),
        hear_of_cameras,
        lambda: fcntl.fcntl(0, fcntl.F_GETFL),
        Path("/").stat,
    ],
    ids=["read", "pipe", "event", "map", "thread", "own signal", "uevents", "flags", "stat"],
)
def test_what_camera_and_decoders_need_is_allowed(use: Callable[[], object]) -> None:
    assert behind(of(camera=True), use) not in {errno.EPERM, errno.ENOSYS}


def test_a_replay_hears_of_no_camera_and_takes_no_lock(tmp_path: Path) -> None:
    (tmp_path / "ledger").touch()

    def lock() -> None:
        with (tmp_path / "ledger").open("rb") as ledger:
            fcntl.lockf(ledger, fcntl.LOCK_SH | fcntl.LOCK_NB)

    assert [behind(of(), use) for use in (hear_of_cameras, lock)] == [errno.EPERM, errno.EPERM]
    assert behind(of(camera=True), lock) is None


@pytest.mark.parametrize("camera", [True, False])
def test_no_socket_that_is_there_already_is_given_the_name_of_a_file(tmp_path: Path, *, camera: bool) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert behind(of(camera=camera), lambda: ours.bind(str(tmp_path / "reboot"))) == errno.EPERM
    assert list(tmp_path.iterdir()) == []


def test_one_descriptor_stays_open_as_it_is_and_the_others_can_be_closed() -> None:
    read_end, write_end = os.pipe()
    syscall = ctypes.CDLL(None, use_errno=True).syscall

    def by_number(name: str, *arguments: int) -> int:
        number = library().seccomp_syscall_resolve_name(name.encode())
        return 0 if syscall(number, *map(ctypes.c_long, arguments)) >= 0 else ctypes.get_errno()

    def attempts() -> list[int]:
        return [
            by_number("close", read_end),
            by_number("close", read_end | 1 << 32),  # the kernel takes the low half
            by_number("dup2", write_end, read_end),
            by_number("dup3", write_end, read_end | 1 << 40, 0),
            by_number("close_range", read_end, read_end, 0),
            by_number("fcntl", read_end, fcntl.F_SETFL, 0),
            by_number("fcntl", read_end, fcntl.F_SETOWN, 0),
            by_number("ioctl", read_end, 0x5452, 0),  # FIOASYNC
        ]

    def others() -> list[int]:
        copy = os.dup(read_end)
        return [by_number("dup3", write_end, copy, 0), by_number("close", copy), by_number("dup3", 0, copy, 0)]

    held = rules(os.getpid(), camera=True, unclosed=read_end)
    assert behind(held, attempts) == [errno.EPERM] * 8
    assert behind(held, others) == [0, 0, 0]
    os.fstat(read_end)
    os.close(read_end)
    os.close(write_end)


@pytest.mark.parametrize("flags", [os.O_WRONLY, os.O_RDWR, os.O_RDONLY | os.O_CREAT, os.O_RDONLY | os.O_TRUNC])
def test_a_replay_opens_nothing_for_writing(flags: int, tmp_path: Path) -> None:
    file = tmp_path / "there"
    file.touch()
    assert behind(of(), lambda: os.open(file, flags)) == errno.EPERM


def test_a_camera_opens_what_is_there_and_makes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "there"
    file.touch()
    assert behind(of(camera=True), lambda: os.close(os.open(file, os.O_RDWR))) is None
    assert behind(of(camera=True), lambda: os.open(tmp_path / "new", os.O_RDWR | os.O_CREAT)) == errno.EPERM
    assert behind(of(camera=True), lambda: os.open(tmp_path, os.O_RDWR | os.O_TMPFILE)) == errno.EPERM


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (0x80685600, errno.ENOTTY),  # VIDIOC_QUERYCAP
        (0x40045612, errno.ENOTTY),  # VIDIOC_STREAMON
        (0xC0184800, errno.ENOTTY),  # DMA_HEAP_IOCTL_ALLOC
        (0x40086200, errno.ENOTTY),  # DMA_BUF_IOCTL_SYNC
        (ord("|") << 8, errno.ENOTTY),  # media devices
        (0xB4 << 8, errno.EPERM),  # pins
        (0x5412, errno.EPERM),  # TIOCSTI
        (0x5606, errno.EPERM),  # VT_ACTIVATE
        (0x5421, errno.EPERM),  # FIONBIO
        (0x5452, errno.EPERM),  # FIOASYNC
        (0x8901, errno.EPERM),  # FIOSETOWN
    ],
)
def test_devices_are_told_apart_by_the_letter_of_their_driver(request_: int, answer: int) -> None:
    read_end, write_end = os.pipe()
    try:
        assert behind(of(), lambda: fcntl.ioctl(read_end, request_, bytes(8))) == answer
    finally:
        os.close(read_end)
        os.close(write_end)


def test_what_is_not_on_the_list_is_refused() -> None:
    allowed = tuple(rule for rule in of() if rule[0] != "eventfd2")
    assert behind(allowed, lambda: os.eventfd(0)) == errno.EPERM


def test_most_names_of_the_list_are_known_to_this_libseccomp() -> None:
    names = {name for name, _ in of(camera=True)}
    unknown = {name for name in names if library().seccomp_syscall_resolve_name(name.encode()) == -1}
    assert unknown <= {"map_shadow_stack", "futex_waitv", "epoll_pwait2", "memfd_secret"}  # newer than libseccomp 2.5.4


def test_rules_that_libseccomp_does_not_take_are_a_wall_that_cannot_be_had() -> None:
    with pytest.raises(WallUnavailable, match="seccomp_rule_add_array"):
        Filter((("read", (Condition(9, 1, 1),)),))
