"""QR engines zxing-cpp and libzbar (pyzbar) behind one interface: payload bytes, never text.

zxing-cpp reads most and costs least; libzbar (through pyzbar's low-level wrapper) reads some
screens and damaged prints that zxing-cpp misses. This is the only file that imports either.

A charset that a code states is obeyed and its text comes out as UTF-8, else the bytes come out as they are;
libzbar does so by itself for ISO 8859, Shift-JIS and UTF-8, and does not tell of others.

Both are told to find QR codes only. Micro QR and rMQR are refused by name, and so is a part of
a structured append sequence: half a message must not pass for a whole one.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from device.decoder.charsets import utf8_of
from device.model import Point, Symbol

if TYPE_CHECKING:
    from types import ModuleType

    from zxingcpp import Barcode, Position

    from device.model import Luma

ZBAR = "zbar"
"""The name of libzbar among the engines."""

Corners = tuple[Point, Point, Point, Point]
"""Top left, top right, bottom right, bottom left as the code itself stands."""


@dataclass(frozen=True, slots=True)
class EngineResult:
    """What one look at one picture gave.

    Attributes:
        symbols: the codes that were decoded.
        broken: the corners of codes that were found and could not be decoded.
    """

    symbols: tuple[Symbol, ...] = ()
    broken: tuple[Corners, ...] = ()


class Engine(Protocol):
    """One way to read QR codes. Keeps nothing between pictures; one thread at a time."""

    @property
    def name(self) -> str:
        """Name the engine for health figures, e.g. ``zxing``."""
        ...

    def read(self, luma: Luma) -> EngineResult:
        """Read every QR code in a plane (H×W uint8, neither side 0); never raises on its pixels."""
        ...


class Zxing:
    """zxing-cpp, with the threshold of its choice.

    Args:
        global_threshold: one threshold for the whole picture (its histogram's) in place of local
            averages: quicker, and better where noise fools the local one.
        inverted: look for light codes on dark ground too, at about half the cost again.

    Raises:
        ImportError: zxing-cpp is not installed.
    """

    def __init__(self, *, global_threshold: bool = False, inverted: bool = True) -> None:
        import zxingcpp  # noqa: PLC0415 - lazily: the package must import where the engine is missing

        self._zxing = zxingcpp
        # From 3.0 QRCode means the whole family; the model 2 is what a phone calls a QR code.
        formats = zxingcpp.BarcodeFormat
        self._format: Any = getattr(formats, "QRCodeModel2", formats.QRCode)
        binarizer = zxingcpp.Binarizer
        self._binarizer = binarizer.GlobalHistogram if global_threshold else binarizer.LocalAverage
        self._inverted = inverted

    @property
    def name(self) -> str:
        """``zxing``."""
        return "zxing"

    def read(self, luma: Luma) -> EngineResult:
        """Read every QR code in *luma*, and say where one is that cannot be decoded."""
        found = self._zxing.read_barcodes(
            np.ascontiguousarray(luma),
            formats=self._format,
            try_invert=self._inverted,
            binarizer=self._binarizer,
            return_errors=True,
            text_mode=self._zxing.TextMode.HexECI,
        )
        symbols = []
        broken = []
        for code in found:
            corners = _zxing_corners(code.position)
            if code.valid and not _may_be_a_part(code):
                stated = utf8_of(bytes.fromhex(code.text))
                symbols.append(Symbol(code.bytes if stated is None else stated, corners, self.name))
            else:
                broken.append(corners)
        return EngineResult(tuple(symbols), tuple(broken))


def _zxing_corners(position: Position) -> Corners:
    top_left, top_right = position.top_left, position.top_right
    bottom_right, bottom_left = position.bottom_right, position.bottom_left
    return (
        (top_left.x, top_left.y),
        (top_right.x, top_right.y),
        (bottom_right.x, bottom_right.y),
        (bottom_left.x, bottom_left.y),
    )


_STRUCTURED_APPEND = 0b0011  # ISO/IEC 18004:2015 table 2
_MASKS = (  # ISO/IEC 18004:2015 table 10, by row i and column j
    lambda i, j: (i + j) % 2,
    lambda i, _: i % 2,
    lambda _, j: j % 3,
    lambda i, j: (i + j) % 3,
    lambda i, j: (i // 2 + j // 3) % 2,
    lambda i, j: i * j % 2 + i * j % 3,
    lambda i, j: (i * j % 2 + i * j % 3) % 2,
    lambda i, j: ((i + j) % 2 + i * j % 3) % 2,
)


def _may_be_a_part(code: Barcode) -> bool:
    """Return whether the code calls itself a part of a structured append sequence.

    The bindings do not say it, but they give the modules as sampled: the first four bits, in the
    bottom right corner, name the mode. They are not error-corrected, so damage there can make a
    whole code look like a part; then it counts as broken, and libzbar, which corrects first, says.
    """
    mask = code.extra.get("DataMask") if isinstance(code.extra, dict) else None
    if not hasattr(code, "to_image") or not isinstance(mask, int) or not 0 <= mask < len(_MASKS):
        return False
    dark = np.asarray(code.to_image(scale=1, add_quiet_zones=False)) == 0
    last = dark.shape[0] - 1
    mode = 0
    for i, j in ((last, last), (last, last - 1), (last - 1, last), (last - 1, last - 1)):
        mode = mode << 1 | (int(dark[i, j]) ^ (_MASKS[mask](i, j) == 0))
    return mode == _STRUCTURED_APPEND


_Y800 = 0x30303859  # the four characters Y800: 8 bits of grey, so libzbar converts nothing
_QR = 64  # ZBAR_QRCODE
_ENABLE = 0  # ZBAR_CFG_ENABLE
_BINARY = 4  # ZBAR_CFG_BINARY, from libzbar 0.23; without it the bytes go through guessed code pages
_X_DENSITY, _Y_DENSITY = 0x100, 0x101  # ZBAR_CFG_X_DENSITY and ZBAR_CFG_Y_DENSITY
_ALL = 0
_UNKNOWN_ORIENTATION = 2**32 - 1


class Zbar:
    """libzbar with raw bytes out.

    Args:
        density: look along every *density*-th row and column; 2 halves the time, and misses codes
            of under about 4 pixels a module.
        binary: take the bytes as they are. Off is what pyzbar does by itself, and what corrupts
            Vietnamese (libzbar guesses Big5 and Shift-JIS before UTF-8); only the tests turn it off.

    Raises:
        ImportError: pyzbar or libzbar is not installed.
    """

    def __init__(self, *, density: int = 1, binary: bool = True) -> None:
        from pyzbar import zbar_library  # noqa: PLC0415 - lazily: what follows loads the shared library

        zbar_library.find_library = _soname
        from pyzbar import wrapper  # noqa: PLC0415 - as above

        self._zbar: ModuleType = wrapper
        self._config = [(_ALL, _ENABLE, 0), (_QR, _ENABLE, 1), (_QR, _BINARY, int(binary))]
        self._config += [(_ALL, _X_DENSITY, density), (_ALL, _Y_DENSITY, density)]

    @property
    def name(self) -> str:
        """``zbar``."""
        return ZBAR

    def read(self, luma: Luma) -> EngineResult:
        """Read every QR code in *luma*; libzbar does not tell of broken ones."""
        plane = np.ascontiguousarray(luma)  # no copy where it is already
        zbar = self._zbar
        # A new scanner each time: a kept one grows by about 230 bytes a code (libzbar 0.23.92).
        scanner, image = zbar.zbar_image_scanner_create(), zbar.zbar_image_create()
        try:
            for symbology, option, wanted in self._config:
                zbar.zbar_image_scanner_set_config(scanner, symbology, option, wanted)
            zbar.zbar_image_set_format(image, _Y800)
            zbar.zbar_image_set_size(image, plane.shape[1], plane.shape[0])
            zbar.zbar_image_set_data(image, plane.ctypes.data_as(ctypes.c_void_p), plane.size, None)
            if zbar.zbar_scan_image(scanner, image) <= 0:
                return EngineResult()
            return EngineResult(tuple(self._symbols(image)))
        finally:
            zbar.zbar_image_destroy(image)
            zbar.zbar_image_scanner_destroy(scanner)

    def _symbols(self, image: object) -> list[Symbol]:
        zbar = self._zbar
        symbols = []
        symbol = zbar.zbar_image_first_symbol(image)
        while symbol:
            corners = self._corners(symbol)
            if symbol.contents.type == _QR and corners is not None:  # a part alone has the type PARTIAL
                length = zbar.zbar_symbol_get_data_length(symbol)
                payload = ctypes.string_at(zbar.zbar_symbol_get_data(symbol), length) if length else b""
                symbols.append(Symbol(payload, corners, self.name))
            symbol = zbar.zbar_symbol_next(symbol)
        return symbols

    def _corners(self, symbol: object) -> Corners | None:
        """Return the corners; ``None`` for a joined sequence, which has no one place or direction."""
        zbar = self._zbar
        if zbar.zbar_symbol_get_loc_size(symbol) != 4:
            return None
        orientation = zbar.zbar_symbol_get_orientation
        if orientation is not None and orientation(symbol) == _UNKNOWN_ORIENTATION:
            return None
        # libzbar goes round the other way: top left, bottom left, bottom right, top right.
        top_left, bottom_left, bottom_right, top_right = (
            (zbar.zbar_symbol_get_loc_x(symbol, n), zbar.zbar_symbol_get_loc_y(symbol, n)) for n in range(4)
        )
        return top_left, top_right, bottom_right, bottom_left


def _soname(name: str) -> str | None:
    """Find a library as the linker does: pyzbar's own way runs ldconfig and gcc, and the eye may run nothing."""
    soname = f"lib{name}.so.0"
    try:
        ctypes.CDLL(soname)
    except OSError:
        return None
    return soname


def naive_pyzbar() -> Callable[[Luma], list[bytes]]:
    """Make what every tutorial does, ``pyzbar.decode(frame)``, from one plane (H×W uint8) to payloads.

    Kept only to be measured against; the gate never runs it. It looks for every kind of bar code, only for
    dark codes on light ground, and passes Vietnamese text through libzbar's guess of a code page.

    Raises:
        ImportError: pyzbar or libzbar is not installed.
    """
    from pyzbar import pyzbar  # noqa: PLC0415 - hardware library, loaded when used

    return lambda luma: [bytes(found.data) for found in pyzbar.decode(luma)]
