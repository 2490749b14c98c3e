from __future__ import annotations

import contextlib
import math
import struct

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.credential.hc1.prescan import MOST_DEPTH, MOST_ITEMS, load, prescan
from device.errors import CertificateMalformed

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.binary(max_size=20),
)
PLAIN = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.integers(-9, 9), st.text(max_size=5)), inner, max_size=4),
    ),
    max_leaves=12,
)


def nested(levels: int) -> bytes:
    return b"\x81" * levels + b"\x00"


@given(PLAIN)
def test_plain_content_passes_and_says_the_same(content: object) -> None:
    assert load(cbor2.dumps(content)) == content


@given(st.binary(max_size=64))
def test_any_bytes_are_refused_or_read_without_another_error(raw: bytes) -> None:
    try:
        prescan(raw)
    except CertificateMalformed:
        return
    load(raw)


@given(PLAIN, st.integers(0, 200), st.binary(max_size=3))
def test_damaged_content_is_refused_or_read_without_another_error(content: object, at: int, put: bytes) -> None:
    raw = bytearray(cbor2.dumps(content))
    raw[at : at + len(put)] = put
    with contextlib.suppress(CertificateMalformed):
        load(bytes(raw))


@given(PLAIN)
def test_content_with_something_behind_it_is_refused(content: object) -> None:
    with pytest.raises(CertificateMalformed, match="behind"):
        load(cbor2.dumps(content) + b"\x00")


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"", "cut short"),
        (nested(4_000), "too deep"),
        (nested(MOST_DEPTH + 1), "too deep"),
        (b"\x9b" + b"\x80" + bytes(7), "too many"),  # an array of 2^63
        (b"\xbb" + b"\x80" + bytes(7), "too many"),
        (b"\x5b" + bytes(2) + b"\x01" + bytes(5), "cut short"),  # a byte string of 2^40
        (b"\x7b" + b"\xff" * 8, "cut short"),
        (b"\x9f" * 5_000, "too deep"),
        (b"\x9f" + b"\x00" * 5_000, "too many"),
        (b"\x5f\x41a\x41b\xff", "without a length"),
        (b"\x7f\x61a\xff", "without a length"),
        (b"\x1f", "without a length"),
        (b"\x1c", "reserved"),
        (b"\xf8\xff", "simple"),
        (b"\xe0", "simple"),
        (b"\xff", "break"),
        (b"\x81\xff", "break"),
        (b"\xbf\x01\xff", "break"),
        (b"\x9f\xc0\xff", "break"),
        (b"\x9f\x00", "cut short"),
        (b"\x61\xff", "UTF-8"),
        (b"\x63\xed\xa0\x80", "UTF-8"),  # a lone surrogate
        (b"\xc0\xc0\x00", "a tag"),
        (b"\xa1\xc0\x61a\x00", "a tag"),
        (b"\xc0", "cut short"),
        (b"\xa1\x40\x00", "a key"),
        (b"\xa1\xf5\x00", "a key"),
        (b"\xa1\xf9\x3c\x00\x00", "a key"),
        (b"\xa1\x80\x00", "a key"),
        (b"\xa2\x01\x00\x01\x00", "twice"),
        (b"\xa2\x01\x00\x18\x01\x00", "twice"),  # the same number, written longer
        (b"\xa2\x61a\x00\x78\x01a\x00", "twice"),
        (b"\xbf\x20\x00\x38\x00\x00\xff", "twice"),
    ],
)
def test_what_could_do_harm_is_refused(raw: bytes, rule: str) -> None:
    with pytest.raises(CertificateMalformed, match=rule):
        load(raw)


@pytest.mark.parametrize(
    "tag", [2, 3, 4, 5, 18, 24, 25, 28, 29, 30, 35, 36, 37, 61, 100, 256, 258, 1_004, 43_000, 55_799]
)
def test_every_tag_but_a_date_is_refused(tag: int) -> None:
    with pytest.raises(CertificateMalformed, match="a tag"):
        load(cbor2.dumps([cbor2.CBORTag(tag, ["a", 1])]))


def test_a_cycle_is_refused() -> None:
    with pytest.raises(CertificateMalformed, match="a tag"):
        load(b"\xd8\x1c\x81\xd8\x1d\x00")


def test_a_tagged_date_stays_the_text_or_number_it_is_written_as() -> None:
    assert load(cbor2.dumps({"sc": cbor2.CBORTag(0, "31/02/2021"), "at": cbor2.CBORTag(1, 1e300)})) == {
        "sc": "31/02/2021",
        "at": 1e300,
    }


def test_the_deepest_and_the_most_that_is_allowed_passes() -> None:
    assert load(nested(MOST_DEPTH)) == [[[[[[[[0]]]]]]]]
    assert load(cbor2.dumps([0] * (MOST_ITEMS - 1))) == [0] * (MOST_ITEMS - 1)
    with pytest.raises(CertificateMalformed, match="too many"):
        load(cbor2.dumps([0] * MOST_ITEMS))


def test_arrays_and_maps_that_end_with_a_break_are_read() -> None:
    assert load(b"\xbf\x61v\x9f\xbf\x62dn\x02\xff\xff\xff") == {"v": [{"dn": 2}]}


def test_odd_numbers_reach_the_claims_where_they_are_refused() -> None:
    number = load(b"\xfb" + struct.pack(">d", math.nan))
    assert isinstance(number, float)
    assert math.isnan(number)


def test_undefined_is_null_and_a_self_description_is_no_part_of_the_content() -> None:
    assert load(b"\xd9\xd9\xf7\xa2\x61a\xf7\x61b\x01") == {"a": None, "b": 1}
    with pytest.raises(CertificateMalformed, match="a tag"):
        load(b"\xd9\xd9\xf7" * 2 + b"\x01")
