from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.decoder.charsets import CODECS, utf8_of


def stated(eci: int, written: bytes) -> bytes:
    return b"\\%06d" % eci + written.replace(b"\\", b"\\\\")


@pytest.mark.parametrize("codec", sorted(set(CODECS.values())))
def test_every_charset_is_one_that_python_knows(codec: str) -> None:
    assert codecs.lookup(codec)


@pytest.mark.parametrize(
    ("eci", "text"),
    [(4, "Đec"), (25, "NV-1234"), (25, "尀"), (20, "表"), (26, "Nguyễn \\ Văn"), (32, "日本"), (28, "點"), (3, "café")],
)
def test_a_text_is_read_in_the_charset_that_is_stated(eci: int, text: str) -> None:
    assert utf8_of(b"]Q2" + stated(eci, text.encode(CODECS[eci]))) == text.encode()


def test_parts_in_several_charsets_are_one_text() -> None:
    told = b"]Q2" + b"051090001234|" + stated(4, "Đ".encode("iso8859-2")) + stated(26, "ặng".encode())
    assert utf8_of(told) == "051090001234|Đặng".encode()


def test_a_text_that_looks_like_a_statement_is_text() -> None:
    assert utf8_of(b"]Q2" + stated(26, b"\\000004\xc4\x90")) == b"\\000004\xc4\x90"


@pytest.mark.parametrize(
    "told",
    [
        b"]Q1\xc4\x90",
        b"]Q2" + stated(26, b"\xff"),
        b"]Q2" + stated(127, b"abc"),
        b"]Q2" + stated(14, b"abc"),
        b"]Q2" + stated(25, b"\xd8\x00"),
        b"]Q2\xc4\x90",
        b"]Q2\\00026",
        b"]C2\\000026a",
        b"]Q",
        b"",
    ],
)
def test_without_a_charset_that_leads_to_a_text_there_is_none(told: bytes) -> None:
    assert utf8_of(told) is None


@given(st.binary(max_size=64))
def test_no_bytes_raise_anything(content: bytes) -> None:
    found = utf8_of(b"]Q2" + content)
    assert found is None or found.decode().encode() == found
