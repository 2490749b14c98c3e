"""YUV4MPEG2 (Y4M) writer, the simplest uncompressed video format: a line of text, then the planes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, Self

if TYPE_CHECKING:
    from device.demo.scenes.geometry import Size
    from device.model import Luma

_GREY = b"\x80"


class Y4mWriter:
    """Writes a ``.y4m`` file frame by frame. Use it as a context manager; not shared by threads.

    The header is ``YUV4MPEG2 W… H… F…:… Ip A1:1 C…``; each frame follows a line ``FRAME``
    (yuv4mpeg(5) of mjpegtools).
    """

    def __init__(
        self, path: Path, size: Size, rate: Fraction | int, *, colour: Literal["mono", "420jpeg"] = "mono"
    ) -> None:
        """Prepare a file; it is opened on entering.

        Args:
            path: where to write; a file there is replaced.
            size: width and height in pixels.
            rate: frames a second.
            colour: ``mono`` writes luma alone; ``420jpeg`` adds two grey planes of a quarter for
                players that want colour.
        """
        width, height = size
        per_second = Fraction(rate)
        self._path = path
        self._shape = (height, width)
        self._header = (
            f"YUV4MPEG2 W{width} H{height} F{per_second.numerator}:{per_second.denominator} Ip A1:1 C{colour}\n"
        ).encode("ascii")
        quarter = ((width + 1) // 2) * ((height + 1) // 2)
        self._chroma = _GREY * (2 * quarter) if colour == "420jpeg" else b""
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        """Open the file and write the header."""
        self._file = self._path.open("wb")
        self._file.write(self._header)
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def write(self, luma: Luma) -> None:
        """Append one frame, H×W uint8 of the size given; raises ``ValueError`` for any other."""
        if self._file is None:
            raise ValueError("the Y4M file is not open; use the writer in a `with` statement")
        if luma.shape != self._shape:
            raise ValueError(
                f"a frame of {luma.shape[1]}×{luma.shape[0]} in a video of {self._shape[1]}×{self._shape[0]}"
            )
        self._file.write(b"FRAME\n")
        self._file.write(luma.tobytes())
        self._file.write(self._chroma)
