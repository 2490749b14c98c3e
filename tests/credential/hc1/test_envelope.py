from __future__ import annotations

import zlib

import base45
import pytest

from device.credential.hc1.envelope import MOST_INFLATED, unwrap
from device.errors import CertificateMalformed
from tests.support.issuer import text_of


def packed(content: bytes) -> bytes:
    return b"HC1:" + bytes(base45.b45encode(content))


def test_what_was_wrapped_is_unwrapped() -> None:
    assert unwrap(text_of(b"signed")) == b"signed"


@pytest.mark.parametrize(
    "text",
    [b"", b"A", b"AAAA", b"::::", b"GGX", b"a", b"6bf", b"6B\n", b"6BF\r", "6BÉ".encode(), b"\xff\xfe", b"6B|", b"\0"],
)
def test_text_that_is_no_base45_is_refused(text: bytes) -> None:
    with pytest.raises(CertificateMalformed):
        unwrap(b"HC1:" + text)


def test_a_base45_group_above_65535_is_refused() -> None:
    with pytest.raises(CertificateMalformed, match="base45"):
        unwrap(b"HC1:::::::")


def test_a_space_counts_as_a_letter_wherever_it_stands() -> None:
    with_space = next(t for n in range(9_999) if b" " in (t := text_of(b"%d" % n)))
    assert unwrap(with_space)
    for changed in (with_space.replace(b" ", b"", 1), with_space.replace(b" ", b"  ", 1), with_space + b" "):
        with pytest.raises(CertificateMalformed):
            unwrap(changed)


def test_text_that_is_not_compressed_is_refused() -> None:
    with pytest.raises(CertificateMalformed, match="zlib"):
        unwrap(packed(b"\xd2\x84signed"))


@pytest.mark.parametrize("cut", [1, 4, 5])
def test_a_stream_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(CertificateMalformed, match="zlib"):
        unwrap(packed(zlib.compress(b"signed")[:-cut]))


def test_a_stream_with_something_behind_it_is_refused() -> None:
    with pytest.raises(CertificateMalformed, match="behind"):
        unwrap(packed(zlib.compress(b"signed") + b"x"))


def test_a_stream_with_a_wrong_checksum_is_refused() -> None:
    stream = bytearray(zlib.compress(b"signed"))
    stream[-1] ^= 1
    with pytest.raises(CertificateMalformed, match="zlib"):
        unwrap(packed(bytes(stream)))


def test_the_largest_that_is_allowed_passes_and_one_byte_more_does_not() -> None:
    assert unwrap(text_of(bytes(MOST_INFLATED))) == bytes(MOST_INFLATED)
    with pytest.raises(CertificateMalformed, match="too large"):
        unwrap(text_of(bytes(MOST_INFLATED + 1)))


def test_a_bomb_is_refused_without_inflating_it() -> None:
    bomb = text_of(bytes(2_900_000))
    assert len(bomb) < 4_296
    with pytest.raises(CertificateMalformed, match="too large"):
        unwrap(bomb)
