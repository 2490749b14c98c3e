"""YUV4MPEG2 (Y4M) reader, the simplest uncompressed video container: luma planes only.

Layout: one header line ``YUV4MPEG2 W640 H480 F15:1 Cmono``, then for each frame a line ``FRAME``
and the planes, luma first (yuv4mpeg(5) of the mjpegtools).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

import numpy as np

from device.camera.pictures import NOT_READABLE
from device.errors import CameraUnavailable
from device.words import say, why_of

if TYPE_CHECKING:
    from device.model import Luma

_LONGEST_LINE = 256
_LONGEST_SIDE = 4096


class Y4mReader:
    """An open ``.y4m`` file or named pipe; a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._start = 0
        self.width = 0
        self.height = 0
        self._chroma_bytes = 0

    def __enter__(self) -> Self:
        try:
            self._file = self._path.open("rb")
            header = self._file.readline(_LONGEST_LINE)
        except PermissionError as error:
            raise CameraUnavailable(say("camera.replay.path: {why}", why=say(NOT_READABLE))) from error
        except OSError as error:
            raise CameraUnavailable(
                say("camera.replay.path: the video cannot be opened ({why})", why=why_of(error))
            ) from error
        self._start = len(header)
        try:
            self.width, self.height, self._chroma_bytes = _parse_header(header)
        except CameraUnavailable:
            self._file.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def rewind(self) -> None:
        """Go back to the first frame; not for pipes."""
        assert self._file is not None
        self._file.seek(self._start)

    def frames(self) -> Iterator[Luma]:
        """Yield luma planes (H×W uint8); a frame that is cut short ends the video."""
        assert self._file is not None
        size = self.width * self.height
        while self._file.readline(_LONGEST_LINE).startswith(b"FRAME"):
            plane = self._file.read(size)
            chroma = self._file.read(self._chroma_bytes)
            if len(plane) < size or len(chroma) < self._chroma_bytes:
                return
            yield np.frombuffer(plane, np.uint8).reshape(self.height, self.width)


def _parse_header(line: bytes) -> tuple[int, int, int]:
    """Return width, height, and the chroma bytes behind each luma plane."""
    words = line.rstrip(b"\n").split(b" ")
    tags = {word[:1]: word[1:] for word in words[1:] if word}
    try:
        width, height = int(tags[b"W"]), int(tags[b"H"])
    except (KeyError, ValueError):
        width = height = 0
    colour = tags.get(b"C", b"420")
    if words[0] != b"YUV4MPEG2" or not (0 < width <= _LONGEST_SIDE and 0 < height <= _LONGEST_SIDE):
        raise CameraUnavailable(say("camera.replay.path: not a YUV4MPEG2 video of at most 4096×4096"))
    if colour == b"mono":
        return width, height, 0
    if colour.startswith(b"420") and b"p1" not in colour:  # 420p10 and the like have 16-bit samples
        return width, height, 2 * ((width + 1) // 2) * ((height + 1) // 2)
    raise CameraUnavailable(say("camera.replay.path: the video's colours must be Cmono or C420"))
