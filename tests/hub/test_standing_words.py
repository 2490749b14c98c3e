"""What to do about each thing that can be wrong with a gate."""

from __future__ import annotations

from device.hub.standing_words import ADVICE, STATES, TROUBLES, advice, ago
from device.model import BUNDLE_NAMES
from device.words import Language, speaking


def test_every_trouble_and_every_state_that_needs_somebody_has_one_line_of_advice() -> None:
    assert TROUBLES.keys() | (STATES.keys() - {"well", "trouble"}) == ADVICE.keys()
    words = [*ADVICE, *(f"{kind}-{what}" for kind in BUNDLE_NAMES for what in ("refused", "old"))]
    for language in (Language.ENGLISH, Language.VIETNAMESE):
        with speaking(language):
            told = [advice(word) for word in words]
            assert len(set(told)) == len(told)
            assert all(len(line) < 120 and line.isprintable() for line in told)


def test_what_this_hub_does_not_know_leads_to_a_newer_one() -> None:
    assert "bring the hub up to date" in advice("invented-later")
    assert "bring the hub up to date" in advice("invented-old")


def test_a_length_of_time_is_told_in_its_largest_unit() -> None:
    assert [ago(seconds) for seconds in (-5, 0, 3_599, 3_600, 2 * 86_400 - 1, 2 * 86_400)] == [
        "0 min",
        "0 min",
        "59 min",
        "1 h",
        "47 h",
        "2 days",
    ]
