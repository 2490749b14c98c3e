from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.crypto.sealing import SealingKey, key_for, new_key_pair
from device.errors import WireError
from device.wire.sealing_keys import MOST_DAYS, decode_days, documents_of, encode_days, keys_from

GOLDEN = (Path(__file__).parents[1] / "golden" / "wire" / "sealing-keys.json").read_bytes().rstrip(b"\n")
FIRST = date(2026, 1, 1)


def key(days: int) -> SealingKey:
    return SealingKey(f"k{days}", bytes(32), FIRST + timedelta(days=days))


def test_the_golden_document_is_read_and_written_byte_for_byte() -> None:
    keys = decode_days(GOLDEN)
    assert [str(found.day) for found in keys] == ["2026-01-01", "2026-01-02"]
    assert encode_days(keys) == GOLDEN


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=MOST_DAYS, unique=True))
def test_what_is_written_is_read_back(days: list[int]) -> None:
    keys = tuple(key(number) for number in sorted(days))
    assert decode_days(encode_days(keys)) == keys


@pytest.mark.parametrize(
    "keys",
    [
        None,
        {},
        [],
        [1],
        [{"day": "2026-01-01", "id": "k"}],
        [{"day": "2026-02-30", "id": "k", "public": "A" * 43 + "="}],
        [{"day": "2026-1-1", "id": "k", "public": "A" * 43 + "="}],
        [{"day": 1, "id": "k", "public": "A" * 43 + "="}],
        [{"day": "2026-01-01", "id": "a b", "public": "A" * 43 + "="}],
        [{"day": "2026-01-01", "id": "k", "public": "AAAA"}],
        [{"day": "2026-01-01", "id": "k", "public": "A" * 43 + "=", "private": "x"}],
        [{"day": "2026-01-01", "id": name, "public": "A" * 43 + "="} for name in "ab"],
        [{"day": day, "id": "k", "public": "A" * 43 + "="} for day in ("2026-01-02", "2026-01-01")],
    ],
)
def test_what_is_no_list_of_days_is_refused(keys: object) -> None:
    with pytest.raises(WireError, match="sealing"):
        decode_days(json.dumps({"contract": "gate/1", "sealing_keys": keys}).encode())


@given(st.binary(max_size=200))
def test_any_bytes_give_keys_or_a_wire_error(body: bytes) -> None:
    with pytest.raises(WireError):
        decode_days(body)


def test_the_key_of_the_day_is_chosen() -> None:
    keys = [key(days) for days in range(30)]
    assert key_for(keys, FIRST + timedelta(days=12)) == keys[12]


def test_without_the_days_key_the_last_one_before_it_is_used() -> None:
    keys = [key(0), key(1), key(5)]
    assert key_for(keys, FIRST + timedelta(days=4)) == keys[1]
    assert key_for(keys, FIRST + timedelta(days=400)) == keys[2]


def test_before_all_days_the_first_is_used_and_without_keys_none() -> None:
    assert key_for([key(3), key(4)], FIRST) == key(3)
    assert key_for([], FIRST) is None


@given(st.lists(st.integers(0, 60), min_size=1, unique=True), st.integers(-30, 90))
def test_a_key_of_a_future_day_is_only_used_when_there_is_no_other(days: list[int], today: int) -> None:
    chosen = key_for([key(number) for number in days], FIRST + timedelta(days=today))
    assert chosen is not None
    assert chosen.day is not None
    past = [number for number in days if number <= today]
    assert chosen == key(max(past) if past else min(days))


def test_one_key_for_every_day_is_read_only_where_it_may_be() -> None:
    only, _ = new_key_pair()
    written = documents_of([only])
    assert keys_from(written, every_day=True) == (only,)
    for refused in (written, documents_of([only, only])):
        with pytest.raises(WireError):
            keys_from(refused, every_day=refused is not written)
