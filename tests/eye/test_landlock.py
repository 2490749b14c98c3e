"""Landlock, put in force for a thread that ends with the test."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from device.camera.pictures import NOT_READABLE, pictures_in
from device.errors import CameraUnavailable, WallUnavailable
from device.eye.landlock import ABSENT, LIST, READ, READ_WRITE, abi, restrict, without

needs_landlock = pytest.mark.skipif(abi() == ABSENT, reason="this kernel has no Landlock")


def behind(version: int, allowed: list[tuple[Path, int]], use: Callable[[], object]) -> object:
    """Do something on a thread that is restricted; return what came of it, or its OSError."""
    came: list[object] = []
    held: list[int] = []

    def run() -> None:
        ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS, of this thread
        try:
            held.extend(restrict(version, allowed))
            came.append(use())
        except OSError as error:
            came.append(error.errno)
        except WallUnavailable as error:
            came.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    for opened in held:
        os.close(opened)
    return came[0]


@needs_landlock
@pytest.mark.parametrize("version", range(1, 8))
def test_only_what_is_named_can_be_read_and_only_what_is_named_so_written(version: int, tmp_path: Path) -> None:
    if version > abi():
        pytest.skip("this kernel is older")
    for name in ("mine", "device", "secret"):
        (tmp_path / name).write_text("text", "utf-8")
    allowed = [(tmp_path / "mine", READ), (tmp_path / "device", READ_WRITE), (tmp_path / "nowhere", READ)]

    def opening(name: str, flags: int) -> object:
        return behind(version, allowed, lambda: os.close(os.open(tmp_path / name, flags)))

    assert [opening(name, os.O_RDONLY) for name in ("mine", "device", "secret")] == [None, None, errno.EACCES]
    assert [opening(name, os.O_RDWR) for name in ("mine", "device")] == [errno.EACCES, None]
    assert behind(version, allowed, lambda: list(tmp_path.iterdir())) == errno.EACCES
    assert behind(version, [(tmp_path, LIST)], lambda: len(list(tmp_path.iterdir()))) == 3


@pytest.mark.skipif(abi() < 4, reason="this kernel's Landlock knows no network")
def test_no_tcp_connection_is_opened_or_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert behind(abi(), [], lambda: socket.create_connection(server.getsockname())) == errno.EACCES
    assert behind(abi(), [], lambda: socket.create_server(("127.0.0.1", 0))) == errno.EACCES
    assert behind(3, [], lambda: socket.create_server(("127.0.0.1", 0)).close()) is None


@needs_landlock
def test_a_kernel_that_refuses_is_a_wall_that_cannot_be_had() -> None:
    def again() -> None:
        for _ in range(16):  # the kernel stacks 16 at most (landlock(7)), and one is in force
            restrict(abi(), [])

    assert behind(abi(), [], again) == "Landlock refuses (Argument list too long)"


@needs_landlock
def test_a_folder_of_pictures_that_may_not_be_read_is_told_as_such(tmp_path: Path) -> None:
    def look() -> str:
        try:
            return str(pictures_in(tmp_path))
        except CameraUnavailable as error:
            return str(error)

    assert behind(abi(), [], look) == f"camera.replay.path: {NOT_READABLE}"


def test_a_folder_above_a_hidden_one_is_named_by_its_other_entries(tmp_path: Path) -> None:
    for name in ("a/store/deep", "a/pictures", "b"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "way").symlink_to(tmp_path / "a" / "store")
    store = tmp_path / "a" / "store"
    assert list(without(tmp_path, [store])) == [
        (tmp_path, LIST),
        (tmp_path / "a", LIST),
        (tmp_path / "a" / "pictures", READ),
        (tmp_path / "b", READ),
    ]
    assert list(without(store / "deep", [store])) == []
    assert list(without(store, [store])) == []
    assert list(without(tmp_path / "b", [store])) == [(tmp_path / "b", READ)]
