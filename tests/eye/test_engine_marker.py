from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from device.eye.engine_marker import MARK_BYTES, NOBODY, new_mark, read_mark, set_mark


@pytest.fixture
def mark() -> Iterator[int]:
    descriptor = new_mark()
    yield descriptor
    os.close(descriptor)


def test_a_new_mark_names_nobody(mark: int) -> None:
    assert read_mark(mark) == NOBODY


def test_the_last_name_written_is_read_and_can_be_cleared(mark: int) -> None:
    set_mark(mark, "zxing-long-name")
    set_mark(mark, "zbar")
    assert read_mark(mark) == "zbar"
    set_mark(mark, NOBODY)
    assert read_mark(mark) == NOBODY


def test_a_name_too_long_is_cut(mark: int) -> None:
    set_mark(mark, "z" * 100)
    assert read_mark(mark) == "z" * (MARK_BYTES - 1)


@pytest.mark.parametrize("odd", [b"\xff" * 32, b"zbar\n", b"\x00zbar", b"z bar\x00", b"x" * 200, b"\x1b[2Jz\x00"])
def test_whatever_else_a_broken_eye_wrote_names_nobody(mark: int, odd: bytes) -> None:
    os.pwrite(mark, odd.ljust(MARK_BYTES, b"\x00") if len(odd) < MARK_BYTES and odd != b"zbar\n" else odd, 0)
    assert read_mark(mark) == NOBODY
