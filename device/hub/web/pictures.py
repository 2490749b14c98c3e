"""QR codes in pages: SVG that the server draws, within the page."""

from __future__ import annotations

import io
from typing import Final

import segno
from markupsafe import Markup

_WHITE: Final = "#fff"


def picture_of(text: str) -> Markup:
    """Return the code of a text, for a screen, with the white that belongs around it."""
    return _drawn(segno.make(text, micro=False), scale=5, border=4)


def printed_picture_of(payload: bytes) -> Markup:
    """Return the code of a poster, as wide as its box and without white around it; its PDF has the same modules."""
    return _drawn(segno.make_qr(payload, error="m", boost_error=True), border=0, omitsize=True)


def _drawn(code: segno.QRCode, **options: object) -> Markup:
    out = io.BytesIO()
    code.save(out, kind="svg", light=_WHITE, xmldecl=False, svgns=False, nl=False, **options)
    return Markup(out.getvalue().decode("utf-8"))  # noqa: S704 - drawn here; no text stands in it
