from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from device.eye.engine_marker import MARKER_BYTES, NO_ENGINE, new_marker, read_marker, set_marker


@pytest.fixture
def marker() -> Iterator[int]:
    descriptor = new_marker()
    yield descriptor
    os.close(descriptor)


def test_a_new_marker_names_nobody(marker: int) -> None:
    assert read_marker(marker) == NO_ENGINE


def test_the_last_name_written_is_read_and_can_be_cleared(marker: int) -> None:
    set_marker(marker, "zxing-long-name")
    set_marker(marker, "zbar")
    assert read_marker(marker) == "zbar"
    set_marker(marker, NO_ENGINE)
    assert read_marker(marker) == NO_ENGINE


def test_a_name_too_long_is_cut(marker: int) -> None:
    set_marker(marker, "z" * 100)
    assert read_marker(marker) == "z" * (MARKER_BYTES - 1)


@pytest.mark.parametrize("odd", [b"\xff" * 32, b"zbar\n", b"\x00zbar", b"z bar\x00", b"x" * 32, b"\x1b[2Jz\x00"])
def test_whatever_else_a_broken_eye_wrote_names_nobody(marker: int, odd: bytes) -> None:
    os.pwrite(marker, odd.ljust(MARKER_BYTES, b"\x00"), 0)
    assert read_marker(marker) == NO_ENGINE


def test_a_broken_eye_can_make_it_neither_longer_nor_shorter(marker: int) -> None:
    for change in (lambda: os.ftruncate(marker, 0), lambda: os.pwrite(marker, b"x", 1 << 30)):
        with pytest.raises(PermissionError):
            change()
    assert os.fstat(marker).st_size == MARKER_BYTES
