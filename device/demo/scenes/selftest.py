"""Generator of the decoder's self-test picture, which every engine must read to the letter before it may run.

One QR code with all 134 Vietnamese letters, both cases. Made anew by::

    python -m device.demo.scenes.selftest

The letters stand in runs divided by digits. libzbar left to itself guesses the character set of
each run of bytes and tries Shift-JIS before UTF-8; most of the runs are in such an order that they
are legal Shift-JIS too, so an engine without its binary configuration returns Japanese. A picture
with the letters in alphabetical order would let that engine pass.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import segno

_RUNS = (
    "ÈũẹỮậỒầÍỘỊâỉưúảữ",
    "ỖìÙẽặỵẳĐốỏằẾđẵĂẶ",
    "ẩýỦÊẨờừỴẲÂỰếòỎọè",
    "ỂủêắÝỶẫẴỨŨÔÓẤẢíõ",
    "ỬỔỐỚãẪởợẬẻĨẮÁịạơ",
    "ỹỞÌỌỲăÚẰộẺôÃóùứá",
    "ỳỈỤẼÒéỗổềấÕỸ",
    "ựẦỪỢẸồớửĩỡ",
    "ỷàỠƠụÉỜƯÀẠỀểỄễỆệ",
)
_MODULE_PX = 3
_QUIET_MODULES = 4

TEXT = "".join(f"{number:02d}{run}" for number, run in enumerate(_RUNS, start=1))
"""What the picture says: the runs, each behind its number of two digits."""

_FOLDER = Path(__file__).resolve().parents[2] / "decoder"
IMAGE_FILE = _FOLDER / "selftest.pgm"
"""The shipped picture: binary PGM (P5), one byte a pixel."""
TEXT_FILE = _FOLDER / "selftest.txt"
"""The shipped text: UTF-8, without a line feed at its end."""


def image() -> bytes:
    """Return the picture as a PGM file."""
    segments: Any = []  # segno takes a list of segments, which its annotations leave out
    for number, run in enumerate(_RUNS, start=1):
        segments += [f"{number:02d}", run.encode()]
    code = segno.make_qr(segments, error="l", boost_error=False)
    dark = np.pad(np.array([list(row) for row in code.matrix], dtype=np.uint8), _QUIET_MODULES)
    luma = np.kron(255 * (1 - dark), np.ones((_MODULE_PX, _MODULE_PX), dtype=np.uint8)).astype(np.uint8)
    return b"P5\n%d %d\n255\n%b" % (luma.shape[1], luma.shape[0], luma.tobytes())


def main() -> None:
    """Write both files into the package."""
    IMAGE_FILE.write_bytes(image())
    TEXT_FILE.write_bytes(TEXT.encode())
    sys.stdout.write(f"wrote {IMAGE_FILE} and {TEXT_FILE}\n")


if __name__ == "__main__":
    main()
