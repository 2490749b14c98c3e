"""The shipped self-test picture, and that it can fail an engine."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from pyzbar import pyzbar

from device.demo.scenes import people, selftest
from tests.demo.scenes.reading import zbar_reads, zxing_reads

if TYPE_CHECKING:
    from device.model import Luma


@pytest.fixture
def luma() -> Luma:
    return np.asarray(Image.open(io.BytesIO(selftest.IMAGE_FILE.read_bytes())))


def test_the_shipped_files_are_what_is_generated() -> None:
    assert selftest.IMAGE_FILE.read_bytes() == selftest.image()
    assert selftest.TEXT_FILE.read_bytes() == selftest.TEXT.encode()


def test_the_text_has_every_vietnamese_letter_once() -> None:
    assert sorted(letter for letter in selftest.TEXT if not letter.isascii()) == list(people.LETTERS)


def test_zxing_reads_it_to_the_byte(luma: Luma) -> None:
    assert zxing_reads(luma) == [selftest.TEXT.encode()]


def test_libzbar_in_binary_mode_reads_it_to_the_byte(luma: Luma) -> None:
    assert zbar_reads(luma) == [selftest.TEXT.encode()]


def test_libzbar_left_to_guess_fails_it(luma: Luma) -> None:
    assert zbar_reads(luma, binary=False) != [selftest.TEXT.encode()]


def test_pyzbar_as_it_comes_fails_it_without_an_error(luma: Luma) -> None:
    (symbol,) = pyzbar.decode(luma)
    garbled = symbol.data.decode()
    assert garbled != selftest.TEXT
    assert "ﾃ" in garbled  # half-width katakana: it took the letters for Shift-JIS
