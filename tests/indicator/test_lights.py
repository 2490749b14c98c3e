"""Cues that somebody wants to see."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from device.errors import AskerRefused
from device.indicator.lights import LONGEST_MS, lamp_test, lamp_test_pattern, length_ms
from device.model import Beat, Cue, Output, Pattern
from device.policy import PATTERNS


def noting(played: list[Pattern]) -> Callable[[Pattern], bool]:
    def play(pattern: Pattern) -> bool:
        played.append(pattern)
        return True

    return play


def test_the_relay_is_left_alone_unless_it_is_asked_for() -> None:
    lit = {output for beat in lamp_test_pattern(PATTERNS[Cue.GRANTED], relay=False).beats for output in beat.outputs}
    assert lit == {Output.GREEN, Output.BUZZER}
    assert lamp_test_pattern(PATTERNS[Cue.GRANTED], relay=True) == PATTERNS[Cue.GRANTED]


def test_a_cue_that_goes_on_is_shown_once_and_not_for_too_long() -> None:
    shown = lamp_test_pattern(PATTERNS[Cue.FAULT], relay=False)
    assert length_ms(shown) == LONGEST_MS
    assert not shown.repeats
    assert lamp_test_pattern(Pattern((Beat(frozenset({Output.RED}), 9_000),)), relay=False).beats[0].ms == LONGEST_MS


def test_the_running_gate_plays_what_it_is_asked_for_and_says_how_long_it_takes() -> None:
    played: list[Pattern] = []
    lights = lamp_test(noting(played), PATTERNS)
    assert lights({"cue": "granted"}) == {"ms": 1_500}
    assert lights({"cue": "granted", "relay": "true"}) == {"ms": 1_500}
    assert lights({}) == {"ms": 0}
    assert played == [lamp_test_pattern(PATTERNS[Cue.GRANTED], relay=False)] * 2
    with pytest.raises(ValueError, match="purple"):
        lights({"cue": "purple"})


@pytest.mark.parametrize("asker", [{"asker_uid": 999}, {"asker_uid": 65534}, {}])
def test_the_relay_is_held_for_root_and_for_nobody_else(asker: dict[str, object]) -> None:
    played: list[Pattern] = []
    lights = lamp_test(noting(played), PATTERNS)
    with pytest.raises(AskerRefused, match="only root"):
        lights({"cue": "granted", "relay": True, **asker})
    assert played == []
    assert lights({"cue": "granted", "relay": True, "asker_uid": 0}) == {"ms": 1_500}
    assert played == [lamp_test_pattern(PATTERNS[Cue.GRANTED], relay=True)]


def test_while_somebody_is_let_in_nothing_is_tried() -> None:
    lights = lamp_test(lambda _pattern: False, PATTERNS)
    with pytest.raises(AskerRefused, match="being let in"):
        lights({"cue": "denied", "asker_uid": 0})
