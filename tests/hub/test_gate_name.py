"""What people may call a gate."""

from __future__ import annotations

import pytest

from device.hub.gate_name import MOST_NAME, gate_name, new_gate_name


def test_a_name_is_kept_with_one_blank_between_words_and_accents_in_one_form() -> None:
    assert gate_name("  Co\u0302\u0309ng\t chi\u0301nh ") == "Cổng chính"
    assert gate_name("gate-0123456789ab") == "gate-0123456789ab"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is blank"),
        (" \t", "is blank"),
        ("a\u202eb", r"cannot be seen \(U\+202E\)"),
        ("a\x00b", r"U\+0000"),
        ("x" * (MOST_NAME + 1), "101 letters; write at most 100"),
        ("x" * 10_000, "10000 letters|10,000 letters"),
    ],
)
def test_what_is_no_name_is_told_in_a_sentence(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        gate_name(text)


def test_a_new_gate_is_not_called_like_a_device_id() -> None:
    assert new_gate_name("Cổng A") == "Cổng A"
    with pytest.raises(ValueError, match="device id"):
        new_gate_name("gate-0123456789ab")
