"""The filter of system calls, put in force for a thread that ends with the test."""

from __future__ import annotations

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


@pytest.mark.parametrize(
    "use",
    [
        lambda: os.open("/dev/null", os.O_RDONLY),
        os.pipe,
        lambda: os.eventfd(0),
        lambda: mmap.mmap(-1, 4096).close(),
        lambda: threading.Thread(target=int).start(),
        lambda: signal.pthread_kill(threading.get_ident(), 0),
        lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15).close(),
        lambda: fcntl.fcntl(0, fcntl.F_GETFL),
        Path("/").stat,
    ],
    ids=["read", "pipe", "event", "map", "thread", "own signal", "uevents", "flags", "stat"],
)
def test_what_camera_and_decoders_need_is_allowed(use: Callable[[], object]) -> None:
    assert behind(of(), use) not in {errno.EPERM, errno.ENOSYS}


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
        (ord("V") << 8, errno.ENOTTY),  # video devices
        (ord("|") << 8, errno.ENOTTY),  # media devices
        (0xB4 << 8, errno.EPERM),  # pins
        (0x5412, errno.EPERM),  # TIOCSTI
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
