"""Cues that somebody wants to see."""

from __future__ import annotations

import pytest

from device.indicator.rehearsal import LONGEST_MS, length_ms, rehearsal, rehearsed
from device.model import Beat, Cue, Output, Pattern
from device.policy import PATTERNS


def test_the_relay_is_left_alone_unless_it_is_asked_for() -> None:
    lit = {line for beat in rehearsed(PATTERNS[Cue.GRANTED], relay=False).beats for line in beat.lines}
    assert lit == {Output.GREEN, Output.BUZZER}
    assert rehearsed(PATTERNS[Cue.GRANTED], relay=True) == PATTERNS[Cue.GRANTED]


def test_a_cue_that_goes_on_is_shown_once_and_not_for_too_long() -> None:
    shown = rehearsed(PATTERNS[Cue.FAULT], relay=False)
    assert length_ms(shown) == LONGEST_MS
    assert not shown.repeats
    assert rehearsed(Pattern((Beat(frozenset({Output.RED}), 9_000),)), relay=False).beats[0].ms == LONGEST_MS


def test_the_running_gate_plays_what_it_is_asked_for_and_says_how_long_it_takes() -> None:
    played: list[Pattern] = []
    lights = rehearsal(played.append, PATTERNS)
    assert lights({"cue": "granted"}) == {"ms": 1_500}
    assert lights({"cue": "granted", "relay": "true"}) == {"ms": 1_500}
    assert lights({}) == {"ms": 0}
    assert played == [rehearsed(PATTERNS[Cue.GRANTED], relay=False)] * 2
    with pytest.raises(ValueError, match="purple"):
        lights({"cue": "purple"})
