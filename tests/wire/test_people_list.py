"""Lists of people: who is on one is found, who is not is not, and nothing of anybody stands in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import WireError
from device.wire.bundle import read_bundle
from device.wire.people_list import MAGIC, PeopleList, digest_of, encode_people
from tests.support.golden_bundles import ROOTS

GOLDEN = Path(__file__).parents[1] / "golden" / "bundle" / "watch-list.bundle"
KEY = bytes(range(32))
THREE = ("citizen:051090001234", "insurance:5120001234", "national:QID-0001")


def listed(*keys: str) -> PeopleList:
    return PeopleList(encode(KEY, keys))


def encode(list_key: bytes, keys: Iterable[str]) -> bytes:
    return encode_people(list_key, (digest_of(list_key, key) for key in keys))


def invented(count: int) -> bytes:
    """Return a list of *count* digests of nobody, spread as those of people are."""
    return encode_people(KEY, (int.from_bytes(sha256(b"%d" % n).digest()[:8], "little") for n in range(count)))


def test_the_golden_list_is_written_and_read() -> None:
    content = read_bundle(GOLDEN.read_bytes(), ROOTS).content
    assert encode(KEY, reversed(THREE)) == content
    people = PeopleList(content)
    assert len(people) == 3
    assert all(people.holds([key]) for key in THREE)
    assert not people.holds(["citizen:051090001235"])


def test_one_number_of_several_is_enough_and_none_is_not() -> None:
    people = listed(*THREE)
    assert people.holds(["citizen:000000000000", "insurance:5120001234"])
    assert not people.holds([])


@pytest.mark.parametrize("count", [0, 1, 2, 15, 16, 17, 1_000, 40_000])
def test_a_list_of_any_size_holds_its_own_and_nobody_else(count: int) -> None:
    content = invented(count)
    people = PeopleList(content)
    own = {int.from_bytes(content[at : at + 8], "little") for at in range(40, len(content), 8)}
    assert len(people) == len(own) == count
    assert all(people._holds(digest) for digest in own)
    assert not any(people._holds(digest + 1) for digest in own if digest + 1 not in own)
    assert not people.holds([THREE[0]])


def test_a_digest_is_what_scrypt_makes_of_the_number_at_its_price() -> None:
    expected = hashlib.scrypt(THREE[0].encode(), salt=KEY, n=512, r=8, p=1, dklen=8)
    assert digest_of(KEY, THREE[0]) == int.from_bytes(expected, "little")


def test_a_question_takes_one_costly_digest_a_number_however_long_the_list_is() -> None:
    asked: list[int] = []

    class Counting(PeopleList):
        def _holds(self, digest: int) -> bool:
            asked.append(digest)
            return super()._holds(digest)

    assert not Counting(invented(20_000)).holds(THREE)
    assert asked == [digest_of(KEY, key) for key in THREE]


def test_a_number_that_comes_twice_is_in_it_once() -> None:
    assert len(listed("citizen:051090001234", "citizen:051090001234")) == 1


@given(st.lists(st.integers(0, 2**64 - 1), unique=True, max_size=60))
def test_digests_that_are_not_spread_evenly_are_found_too(numbers: list[int]) -> None:
    near = [digest_of(KEY, "citizen:051090001234"), *numbers]
    content = MAGIC + KEY + b"".join(number.to_bytes(8, "little") for number in sorted(set(near)))
    assert PeopleList(content).holds(["citizen:051090001234"])


@given(st.lists(st.integers(0, 2**20), unique=True, max_size=60), st.integers(0, 2**20))
def test_a_list_crowded_into_one_corner_says_only_what_stands_in_it(numbers: list[int], asked: int) -> None:
    content = MAGIC + KEY + b"".join(number.to_bytes(8, "little") for number in sorted(numbers))
    people = PeopleList(content)
    assert people._holds(asked) == (asked in numbers)  # no text is known whose digest is small


@pytest.mark.parametrize(
    "content", [b"", MAGIC, MAGIC + bytes(31), KEY, KEY + bytes(8), MAGIC + KEY + bytes(7), MAGIC + KEY + bytes(16)]
)
def test_what_is_no_list_is_refused(content: bytes) -> None:
    with pytest.raises(WireError):
        PeopleList(content)


def test_a_list_of_an_earlier_make_is_refused_and_does_not_find_nobody() -> None:
    with pytest.raises(WireError, match="publish it again"):
        PeopleList(KEY + bytes(8))


@given(st.binary(max_size=200).map(lambda rest: rest if len(rest) % 2 else MAGIC + rest))
def test_any_bytes_are_a_list_or_refused(content: bytes) -> None:
    try:
        people = PeopleList(content)
    except WireError:
        return
    assert not people.holds(["citizen:051090001234"])


def test_a_list_out_of_order_is_refused_wherever_that_is() -> None:
    good = invented(40_000)
    for place in (0, 16_383, 16_384, 39_998):  # the seams between the parts it is looked through in
        start = 40 + place * 8
        swapped = bytearray(good)
        swapped[start : start + 8], swapped[start + 8 : start + 16] = (
            good[start + 8 : start + 16],
            good[start : start + 8],
        )
        with pytest.raises(WireError, match="order"):
            PeopleList(swapped)


def test_a_long_list_lets_others_take_their_turn_while_it_is_looked_through() -> None:
    pauses: list[None] = []
    PeopleList(invented(40_000), lambda: pauses.append(None))
    assert len(pauses) == 3


def test_a_question_looks_at_as_few_digests_in_a_long_list_as_in_a_short_one() -> None:
    class Counting(PeopleList):
        looks = 0

        def _digest(self, index: int) -> int:
            self.looks += 1
            return super()._digest(index)

    most = []
    for count in (1_000, 100_000):
        content = invented(count)
        people = Counting(content)
        looks = []
        for at in range(40, len(content), 8 * (count // 200)):
            people.looks = 0
            people._holds(int.from_bytes(content[at : at + 8], "little") + at // 8 % 2)  # on it, or just beside
            looks.append(people.looks)
        most.append(max(looks))
    assert max(most) <= 8


def test_no_number_and_no_plain_hash_of_one_stands_in_a_list() -> None:
    one, other = encode(KEY, THREE), encode(bytes(reversed(KEY)), THREE)
    assert b"051090001234" not in one
    assert {one[start : start + 8] for start in range(40, len(one), 8)}.isdisjoint(
        other[start : start + 8] for start in range(40, len(other), 8)
    )
