"""PDF as it comes out of a printer: pages as pictures at 150 dpi, and their words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pypdfium2

Plane = npt.NDArray[np.uint8]
DPI = 150


def printed(content: bytes, page: int = 0) -> Plane:
    pdf = pypdfium2.PdfDocument(content)
    try:
        drawn: Plane = pdf[page].render(scale=DPI / 72, grayscale=True).to_numpy().copy()
        return drawn
    finally:
        pdf.close()


def words(content: bytes, page: int = 0) -> str:
    pdf = pypdfium2.PdfDocument(content)
    try:
        return " ".join(pdf[page].get_textpage().get_text_range().split())
    finally:
        pdf.close()


def code_mm(plane: Plane) -> float:
    """Return the side of the code: the widest stretch between dark pixels in the rows of the middle."""
    dark = np.flatnonzero((plane[plane.shape[0] // 2 - 40 : plane.shape[0] // 2 + 40] < 128).any(axis=0))
    return float(dark[-1] - dark[0] + 1) / DPI * 25.4
