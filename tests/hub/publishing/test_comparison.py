"""What a new policy or list changes, before it is published."""

from __future__ import annotations

import json

import pytest

from device.hub.publishing.comparison import Change, Numbers, people_numbers, policy_changes, trust_numbers
from device.hub.publishing.publish import content_of_people

OLD = """version: market-1
valid_from: 2026-01-01
direction: in
hours:
  - {days: [mon, tue], open: "06:00-18:00"}
kinds:
  hc1: {unverified: grant}
"""
NEW = """version: market-2
valid_from: 2026-01-01
hours:
  - {days: [mon, tue], open: "06:00-20:00"}
kinds:
  hc1: {unverified: refer}
  citizen-number: {weak_reading: refer}
"""


def test_each_key_that_differs_is_told_with_what_stood_there_and_what_will() -> None:
    found = {change.key: change for change in policy_changes(OLD.encode(), NEW)}
    assert found.keys() == {
        "version",
        "direction",
        "hours",
        "kinds.hc1.unverified",
        "kinds.citizen-number.weak_reading",
    }
    assert found["version"] == Change("version", "market-1", "market-2")
    assert found["direction"] == Change("direction", "in", None)
    assert found["kinds.citizen-number.weak_reading"] == Change("kinds.citizen-number.weak_reading", None, "refer")
    assert "06:00-20:00" in str(found["hours"].after)
    assert policy_changes(NEW.encode(), NEW) == []


@pytest.mark.parametrize("before", [None, b"\xff\x00", b"", b"- a\n- b\n"])
def test_without_a_policy_that_can_be_read_every_key_is_new(before: bytes | None) -> None:
    found = policy_changes(before, NEW)
    assert {change.before for change in found} == {None}
    assert [change.key for change in found][:2] == ["version", "valid_from"]


def test_a_long_value_is_cut_and_cannot_turn_the_line_round() -> None:
    (changed,) = policy_changes(b"version: a", f"version: '{'x' * 500}'\n")
    assert changed.after is not None
    assert len(changed.after) <= 101


def test_entries_of_a_trust_list_are_counted_as_they_come_and_go() -> None:
    def listed(*kids: str) -> bytes:
        return json.dumps([{"kid": kid, "alg": "ES256"} for kid in kids]).encode()

    assert trust_numbers(None, listed("a", "b")) == Numbers(None, 2)
    assert trust_numbers(listed("a", "b"), listed("b", "c", "d")) == Numbers(2, 3, 2, 1)
    assert trust_numbers(b"nonsense", listed("a")) == Numbers(None, 1)
    assert trust_numbers(b"{}", listed("a")) == Numbers(None, 1)


def test_numbers_of_a_people_list_are_told_without_the_people() -> None:
    before = content_of_people([f"citizen:{number:012}" for number in range(20)])
    keys = [f"citizen:{number:012}" for number in (*range(15, 25), 15)]
    assert people_numbers(before, keys) == Numbers(20, 10, 5, 15)
    assert people_numbers(None, keys) == Numbers(None, 10)
    assert people_numbers(content_of_people([]), keys) == Numbers(0, 10, 10, 0)
    assert people_numbers(b"nonsense", keys) == Numbers(None, 10)
    assert people_numbers(before, []) == Numbers(20, 0, 0, 20)
