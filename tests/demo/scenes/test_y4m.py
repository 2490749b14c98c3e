"""YUV4MPEG2 files, read back byte by byte."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from device.demo.scenes.y4m import Y4mWriter


def test_a_mono_file_is_a_header_and_luma_planes(tmp_path: Path) -> None:
    path = tmp_path / "walk.y4m"
    frames = [np.full((2, 3), level, dtype=np.uint8) for level in (1, 2)]
    with Y4mWriter(path, (3, 2), 15) as video:
        for frame in frames:
            video.write(frame)
    header, first, second = path.read_bytes().split(b"FRAME\n")
    assert header == b"YUV4MPEG2 W3 H2 F15:1 Ip A1:1 Cmono\n"
    assert (first, second) == (b"\x01" * 6, b"\x02" * 6)


def test_a_420_file_carries_grey_planes_of_a_quarter_rounded_up(tmp_path: Path) -> None:
    path = tmp_path / "walk.y4m"
    with Y4mWriter(path, (3, 3), Fraction(30000, 1001), colour="420jpeg") as video:
        video.write(np.arange(9, dtype=np.uint8).reshape(3, 3))
    assert path.read_bytes() == (
        b"YUV4MPEG2 W3 H3 F30000:1001 Ip A1:1 C420jpeg\nFRAME\n" + bytes(range(9)) + b"\x80" * 8
    )


def test_a_frame_with_wide_rows_is_written_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "walk.y4m"
    wide = np.arange(12, dtype=np.uint8).reshape(3, 4)[:, :3]
    with Y4mWriter(path, (3, 3), 15) as video:
        video.write(wide)
    assert path.read_bytes().endswith(bytes([0, 1, 2, 4, 5, 6, 8, 9, 10]))


def test_a_frame_of_another_size_is_refused(tmp_path: Path) -> None:
    with (
        Y4mWriter(tmp_path / "walk.y4m", (3, 2), 15) as video,
        pytest.raises(ValueError, match="3×2"),
    ):
        video.write(np.zeros((3, 2), dtype=np.uint8))


def test_a_writer_that_was_not_entered_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="with"):
        Y4mWriter(tmp_path / "walk.y4m", (3, 2), 15).write(np.zeros((2, 3), dtype=np.uint8))
