"""The two engines as plainly as possible, independent of the product's own decoder."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

import zxingcpp
from pyzbar import wrapper

if TYPE_CHECKING:
    from device.model import Luma

_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
_ENABLE, _BINARY, _QR_CODE = 0, 4, 64  # zbar.h: zbar_config_t and zbar_symbol_type_t


def zxing_reads(luma: Luma) -> list[bytes]:
    found = zxingcpp.read_barcodes(luma, formats=_QR)
    return [bytes(barcode.bytes) for barcode in found]


def zxing_finds_broken(luma: Luma) -> bool:
    found = zxingcpp.read_barcodes(luma, formats=_QR, return_errors=True)
    return any(not barcode.valid for barcode in found)


def zbar_reads(luma: Luma, *, binary: bool = True) -> list[bytes]:
    """Read with libzbar, QR codes only; without *binary* it guesses the character set."""
    height, width = luma.shape
    pixels = ctypes.create_string_buffer(luma.tobytes(), luma.size)
    scanner = wrapper.zbar_image_scanner_create()
    image = wrapper.zbar_image_create()
    try:
        wrapper.zbar_image_scanner_set_config(scanner, 0, _ENABLE, 0)
        wrapper.zbar_image_scanner_set_config(scanner, _QR_CODE, _ENABLE, 1)
        wrapper.zbar_image_scanner_set_config(scanner, _QR_CODE, _BINARY, int(binary))
        wrapper.zbar_image_set_format(image, int.from_bytes(b"Y800", "little"))
        wrapper.zbar_image_set_size(image, width, height)
        wrapper.zbar_image_set_data(image, ctypes.cast(pixels, ctypes.c_void_p), len(pixels), None)
        wrapper.zbar_scan_image(scanner, image)
        found = []
        symbol = wrapper.zbar_image_first_symbol(image)
        while symbol:
            length = wrapper.zbar_symbol_get_data_length(symbol)
            found.append(ctypes.string_at(wrapper.zbar_symbol_get_data(symbol), length))
            symbol = wrapper.zbar_symbol_next(symbol)
        return found
    finally:
        wrapper.zbar_image_destroy(image)
        wrapper.zbar_image_scanner_destroy(scanner)
