"""Sheets of paper: blocks of text that shrink until they fit, and a QR code in vectors. One thread at a time draws."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

import segno
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from device.hub.printing.fonts import Fonts, fonts_among

PAPERS: Final = {"a4": (210.0, 297.0, 155.0), "a5": (148.0, 210.0, 105.0), "a6": (105.0, 148.0, 72.0)}
"""Width, height, and the side of a code that leaves room for what stands beside it; millimetres."""
QUIET: Final = 4
"""Modules of white around a code."""
_LINE: Final = 1.25
_SHRINK: Final = 0.94
_SMALLEST: Final = 0.12
_drawing: Final = Lock()
"""ReportLab keeps its fonts in one register of the process."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph.

    Attributes:
        text: what stands there.
        size: of its letters on A4, millimetres.
        bold: or not.
        gap: beneath it, in lines.
    """

    text: str
    size: float
    bold: bool = False
    gap: float = 0.0


class Sheet:
    """One page that is drawn; millimetres from its lower left corner."""

    def __init__(self, canvas: Any, fonts: Fonts, paper: str) -> None:  # noqa: ANN401 - ReportLab has no types
        self._canvas = canvas
        self._fonts = fonts
        self.width, self.height, self.code_mm = PAPERS[paper]
        self.scale = self.width / PAPERS["a4"][0]

    def block(self, texts: Sequence[Text], top: float, bottom: float, *, centred: bool = True) -> None:
        """Draw paragraphs between two heights, as large as they fit."""
        margin, factor = 12 * self.scale, self.scale
        while True:
            lines = list(self._lines(texts, factor, self.width - 2 * margin))
            if sum(height for *_, height in lines) <= top - bottom or factor < _SMALLEST * self.scale:
                break
            factor *= _SHRINK
        y = top
        for line, font, size, height in lines:
            self._canvas.setFont(font, size * mm)
            if centred:
                self._canvas.drawCentredString(self.width / 2 * mm, (y - size) * mm, line)
            else:
                self._canvas.drawString(margin * mm, (y - size) * mm, line)
            y -= height

    def code(self, payload: bytes, bottom: float) -> float:
        """Draw a code with its white above a height; return the height above it."""
        matrix = segno.make_qr(payload, error="m", boost_error=True).matrix
        count = len(matrix)
        module = min(self.code_mm / count, (self.width - 4) / (count + 2 * QUIET))
        left, top = (self.width - count * module) / 2, bottom + (count + QUIET) * module
        path = self._canvas.beginPath()
        for row, cells in enumerate(matrix):
            for first, length in _runs(cells):
                y = top - (row + 1) * module
                path.rect((left + first * module) * mm, y * mm, length * module * mm, module * mm)
        self._canvas.drawPath(path, stroke=0, fill=1)
        return float(top + QUIET * module)

    def _lines(self, texts: Sequence[Text], factor: float, width: float) -> Iterator[tuple[str, str, float, float]]:
        for text in texts:
            font, size = self._fonts.bold if text.bold else self._fonts.regular, text.size * factor
            lines = list(_wrapped(text.text, font, size, width))
            for at, line in enumerate(lines):
                yield line, font, size, size * (_LINE + (text.gap if at == len(lines) - 1 else 0))


def document(paper: str, title: str, pages: Sequence[Callable[[Sheet], None]]) -> bytes:
    """Return a PDF, the same for the same pages.

    Args:
        paper: of `PAPERS`.
        title: of the document.
        pages: each draws one.

    Raises:
        ConfigurationError: no font is there.
    """
    with _drawing:
        fonts, file = fonts_among(), io.BytesIO()
        width, height, _ = PAPERS[paper]
        canvas = Canvas(file, pagesize=(width * mm, height * mm), invariant=1, pageCompression=1, lang="vi")
        canvas.setTitle(title)
        for page in pages:
            page(Sheet(canvas, fonts, paper))
            canvas.showPage()
        canvas.save()
        return file.getvalue()


def _runs(cells: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield where dark modules begin in a row, and how many they are."""
    first = None
    for at, dark in enumerate([*cells, 0]):
        if dark and first is None:
            first = at
        elif not dark and first is not None:
            yield first, at - first
            first = None


def _wrapped(text: str, font: str, size: float, width: float) -> Iterator[str]:
    """Yield the lines of a paragraph."""
    line = ""
    for word in (piece for whole in text.split() for piece in _pieces(whole, font, size, width)):
        both = f"{line} {word}" if line else word
        if line and stringWidth(both, font, size) > width:
            yield line
            line = word
        else:
            line = both
    if line:
        yield line


def _pieces(word: str, font: str, size: float, width: float) -> Iterator[str]:
    """Yield a word, broken where it is wider than a line."""
    piece = ""
    for sign in word:
        if piece and stringWidth(piece + sign, font, size) > width:
            yield piece
            piece = ""
        piece += sign
    yield piece
