"""Drawing of what carries the code: a card, a phone, a sheet of paper, a poster.

A face is drawn flat, once, in texels; the renderer then holds it before the camera. Words are
rows of strokes: at a gate's distance print is texture, and no letter has to be legible but
those in the code.
"""

from __future__ import annotations

import functools
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from device.demo.scenes.codes import modules

if TYPE_CHECKING:
    from device.demo.scenes.codes import Modules
    from device.demo.scenes.geometry import Points

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

SKIN = 148
"""Luma of a hand in indoor light."""

_BEZEL = 13


class Carrier(StrEnum):
    """What a visitor holds up."""

    CARD = "card"
    PHONE = "phone"
    DARK_MODE = "dark-mode"
    """A phone that shows the code light on dark."""
    PAPER = "paper"
    POSTER = "poster"


SCREENS = frozenset({Carrier.PHONE, Carrier.DARK_MODE})
"""Carriers that shine by themselves."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A carrier's measures, in widths of the code (without quiet zone), and its greys."""

    width: float
    height: float
    code_at: tuple[float, float]  # centre of the code, as a share of width and height
    radius: float
    thumb: float  # how wide a thumb is beside it
    ground: int
    ink: int


# A citizen card is 85.6 × 54 mm and its code 18 mm; phones, sheets and posters are typical ones.
_FORMS = {
    Carrier.CARD: _Form(4.75, 3.0, (0.845, 0.27), 0.17, 0.8, 214, 42),
    Carrier.PHONE: _Form(1.68, 3.35, (0.5, 0.46), 0.2, 0.36, 243, 16),
    Carrier.DARK_MODE: _Form(1.68, 3.35, (0.5, 0.46), 0.2, 0.36, 22, 226),
    Carrier.PAPER: _Form(2.9, 4.1, (0.5, 0.4), 0.0, 0.36, 226, 48),
    Carrier.POSTER: _Form(1.75, 2.45, (0.5, 0.55), 0.0, 0.2, 232, 34),
}


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A carrier drawn flat.

    Attributes:
        texture: the picture, mode ``L``.
        texels: texels of the texture to a module of the code.
        origin: the texel at which the code's centre lies.
        outline: N×2 texels around the carrier.
        code_modules: modules along one side of the code.
        thumb: how many texels wide a thumb is beside it.
        rim: the grey of its edge.
    """

    texture: Image.Image
    texels: int
    origin: tuple[float, float]
    outline: Points
    code_modules: int
    thumb: float
    rim: int


@functools.lru_cache(maxsize=24)
def draw_face(payload: bytes, carrier: Carrier, texels: int, damage: float = 0.0, cover: float = 0.0) -> Face:
    """Draw *carrier* with the code of *payload* on it.

    Args:
        payload: the bytes to encode.
        carrier: what the code is on.
        texels: texels to a module; as many as pixels the module will have, or a little more.
        damage: see `device.demo.scenes.codes.modules`.
        cover: the share of the code under a thumb that comes in from its lower right.
    """
    dark = modules(payload, damage)
    form = _FORMS[carrier]
    code = len(dark) * texels
    width, height = round(form.width * code), round(form.height * code)
    # Whole texels, so that every module is cut out square.
    left, top = round(form.code_at[0] * width - code / 2), round(form.code_at[1] * height - code / 2)
    picture = Image.new("L", (width, height), form.ground)
    pen = _Pen(ImageDraw.Draw(picture), code, np.random.default_rng((zlib.crc32(payload), 0x5052)))
    _DRAWINGS[carrier](pen, picture, form, (left, top, left + code, top + code))
    _print_code(picture, dark, texels, (left, top), form)
    if cover > 0:
        _lay_thumb(pen, (left, top, left + code, top + code), cover)
    outline = _rounded((width, height), form.radius * code)
    rim = _BEZEL if carrier in SCREENS else form.ground - 12
    origin = (left + code / 2, top + code / 2)
    return Face(picture, texels, origin, outline, len(dark), form.thumb * code, rim)


@dataclass(frozen=True, slots=True)
class _Pen:
    draw: ImageDraw.ImageDraw
    code: int  # texels along the code: the unit of everything drawn
    rng: np.random.Generator

    def line_of_print(self, box: Box, ink: int) -> None:
        """Fill *box* with words made of strokes; too small for those, with grey bars."""
        left, top, right, bottom = box
        tall = bottom - top
        if tall < 4:
            self.draw.rectangle((left, top, max(left, right), max(top, bottom)), fill=(ink + 2 * 180) // 3)
            return
        stroke = max(1, round(tall * 0.16))
        at = left
        while at < right:
            for _ in range(self.rng.integers(2, 7)):
                head = top + tall * (0.0 if self.rng.random() < 0.25 else 0.3)
                self.draw.rectangle((at, head, at + (stroke - 1), bottom), fill=ink)
                foot = bottom if self.rng.random() < 0.5 else head + stroke
                self.draw.rectangle((at, foot - stroke, at + tall * 0.45, foot), fill=ink)
                at += tall * 0.6
                if at >= right:
                    break
            at += tall * 0.5

    def lines_of_print(self, box: Box, count: int, ink: int) -> None:
        """Fill *box* with *count* lines of different length."""
        left, top, right, bottom = box
        step = (bottom - top) / count
        for number in range(count):
            end = left + (right - left) * self.rng.uniform(0.45, 1.0)
            self.line_of_print((left, top + number * step, end, top + number * step + step * 0.5), ink)


def _draw_card(pen: _Pen, picture: Image.Image, form: _Form, code: Box) -> None:
    """Fine waves of security print, a portrait, an emblem, lines of print; the code in a light field."""
    width, height = picture.size
    x = np.arange(width)[None, :] / pen.code
    y = np.arange(height)[:, None] / pen.code
    waves = np.sin(38 * y + 3 * np.sin(2.1 * x)) * 5 + np.sin(9 * x + 4 * np.sin(1.7 * y)) * 4 + 10 * np.cos(x - y)
    picture.paste(Image.fromarray((form.ground + waves).clip(0, 255).astype(np.uint8)))
    unit = pen.code
    pen.draw.ellipse(
        (0.2 * unit, 0.15 * unit, 0.75 * unit, 0.7 * unit), fill=150, outline=110, width=max(1, unit // 40)
    )
    photo = (0.2 * unit, 1.0 * unit, 1.25 * unit, 2.45 * unit)
    pen.draw.rectangle(photo, fill=188)
    pen.draw.ellipse((0.45 * unit, 1.15 * unit, 1.0 * unit, 1.9 * unit), fill=146)
    pen.draw.pieslice((0.3 * unit, 1.85 * unit, 1.15 * unit, 3.05 * unit), 180, 360, fill=70)
    pen.draw.pieslice((0.43 * unit, 1.08 * unit, 1.02 * unit, 1.75 * unit), 180, 360, fill=38)
    pen.lines_of_print((1.0 * unit, 0.18 * unit, 3.2 * unit, 0.62 * unit), 2, 70)
    pen.line_of_print((1.2 * unit, 0.74 * unit, 3.0 * unit, 0.92 * unit), 96)
    pen.lines_of_print((1.45 * unit, 1.4 * unit, 3.3 * unit, 2.85 * unit), 7, 62)
    pen.lines_of_print((3.35 * unit, 1.75 * unit, 4.5 * unit, 2.85 * unit), 5, 74)
    quiet = 0.07 * unit
    pen.draw.rectangle((code[0] - quiet, code[1] - quiet, code[2] + quiet, code[3] + quiet), fill=form.ground + 14)


def _draw_phone(pen: _Pen, picture: Image.Image, form: _Form, code: Box) -> None:
    """Bezel, status bar, heading, two tabs, the owner's lines under the code, a button."""
    width, height = picture.size
    unit, soft = pen.code, (form.ground * 3 + form.ink) // 4
    bezel = 0.055 * unit
    pen.draw.rectangle((0, 0, width, height), fill=_BEZEL)
    pen.draw.rounded_rectangle((bezel, bezel, width - bezel, height - bezel), 0.15 * unit, fill=form.ground)
    pen.draw.rounded_rectangle((width / 2 - 0.2 * unit, bezel, width / 2 + 0.2 * unit, 0.12 * unit), 4, fill=_BEZEL)
    pen.line_of_print((0.2 * unit, 0.1 * unit, 0.42 * unit, 0.15 * unit), form.ink)
    pen.draw.rectangle((bezel, 0.2 * unit, width - bezel, 0.48 * unit), fill=soft)
    pen.line_of_print((0.35 * unit, 0.3 * unit, width - 0.4 * unit, 0.4 * unit), form.ink)
    pen.lines_of_print((0.3 * unit, 0.62 * unit, width - 0.3 * unit, 0.9 * unit), 2, soft)
    below = code[3] + 0.2 * unit
    pen.line_of_print((0.4 * unit, below, width - 0.4 * unit, below + 0.09 * unit), form.ink)
    pen.lines_of_print((0.3 * unit, below + 0.2 * unit, width - 0.3 * unit, below + 0.55 * unit), 3, soft)
    pen.draw.rounded_rectangle(
        (0.3 * unit, height - 0.5 * unit, width - 0.3 * unit, height - 0.25 * unit), 0.1 * unit, fill=soft
    )


def _draw_paper(pen: _Pen, picture: Image.Image, form: _Form, code: Box) -> None:
    """A heading, the code, a paragraph and a signature; a fold across."""
    width, height = picture.size
    unit = pen.code
    fold = np.arange(height)[:, None] / height
    shade = np.where(fold < 0.62, 4 * fold, 6 - 12 * (fold - 0.62)) - 9 * np.exp(-(((fold - 0.62) * 160) ** 2))
    picture.paste(Image.fromarray(np.broadcast_to(form.ground + shade, (height, width)).clip(0, 255).astype(np.uint8)))
    pen.line_of_print((0.5 * unit, 0.3 * unit, width - 0.5 * unit, 0.45 * unit), form.ink)
    pen.line_of_print((0.8 * unit, 0.58 * unit, width - 0.8 * unit, 0.68 * unit), form.ink + 40)
    pen.lines_of_print((0.35 * unit, code[3] + 0.35 * unit, width - 0.35 * unit, height - 0.7 * unit), 8, form.ink + 30)
    pen.draw.arc(
        (width * 0.6, height - 0.75 * unit, width * 0.9, height - 0.2 * unit), 170, 350, 60, max(1, unit // 60)
    )


def _draw_poster(pen: _Pen, picture: Image.Image, form: _Form, code: Box) -> None:
    """A frame, a dark band with the heading, a line of instruction under the code."""
    width, height = picture.size
    unit = pen.code
    pen.draw.rectangle((0, 0, width - 1, height - 1), outline=90, width=max(2, round(0.04 * unit)))
    pen.draw.rectangle((0, 0, width, 0.55 * unit), fill=84)
    pen.lines_of_print((0.15 * unit, 0.12 * unit, width - 0.15 * unit, 0.5 * unit), 2, form.ground)
    pen.line_of_print((0.2 * unit, 0.64 * unit, width - 0.2 * unit, 0.72 * unit), form.ink)
    pen.lines_of_print((0.2 * unit, code[3] + 0.14 * unit, width - 0.2 * unit, height - 0.1 * unit), 3, form.ink + 30)


_DRAWINGS = {
    Carrier.CARD: _draw_card,
    Carrier.PHONE: _draw_phone,
    Carrier.DARK_MODE: _draw_phone,
    Carrier.PAPER: _draw_paper,
    Carrier.POSTER: _draw_poster,
}


def _print_code(picture: Image.Image, dark: Modules, texels: int, at: tuple[int, int], form: _Form) -> None:
    ground = np.asarray(picture)[at[1] - 1, at[0] - 1]
    printed = np.where(dark, form.ink, ground).astype(np.uint8)
    picture.paste(Image.fromarray(printed).resize((len(dark) * texels,) * 2, Image.Resampling.NEAREST), at)


def _lay_thumb(pen: _Pen, code: Box, cover: float) -> None:
    """Cover the lower right of the code; the three finder patterns stay in sight up to a half."""
    side = pen.code * cover**0.5
    left, top, reach = code[2] - side, code[3] - side, 2 * pen.code
    thumb = (left, top, code[2] + reach, code[3] + 0.1 * pen.code)
    round_by = 0.45 * (thumb[3] - top)
    pen.draw.rounded_rectangle(thumb, round_by, fill=SKIN, outline=SKIN - 40, width=max(1, pen.code // 50))
    nail = (left + 0.1 * side, top + 0.22 * side, left + 0.55 * side, top + 0.85 * side)
    pen.draw.rounded_rectangle(nail, 0.6 * round_by, fill=SKIN + 22)


def _rounded(size: tuple[int, int], radius: float) -> Points:
    """Walk around a rounded rectangle; many points on the sides, so that it can be bent."""
    width, height = size
    corners = []
    for start, (x, y) in enumerate(((width, height), (0, height), (0, 0), (width, 0))):
        angle = np.radians(np.linspace(90 * start, 90 * start + 90, 7))
        inner_x, inner_y = abs(x - radius), abs(y - radius)
        corners.append(np.column_stack([inner_x + radius * np.cos(angle), inner_y + radius * np.sin(angle)]))
    ring = np.concatenate(corners)
    after = np.roll(ring, -1, axis=0)
    return np.concatenate([ring[i] + (after[i] - ring[i]) * np.linspace(0, 1, 9)[:-1, None] for i in range(len(ring))])
