"""Cues that somebody wants to see."""

from __future__ import annotations

import pytest

from device.indicator.rehearsal import LONGEST_MS, length_ms, rehearsal, rehearsed
from device.model.cue import Beat, Cue, Line, Score
from device.policy import SCORES


def test_the_relay_is_left_alone_unless_it_is_asked_for() -> None:
    lit = {line for beat in rehearsed(SCORES[Cue.GRANTED], relay=False).beats for line in beat.lines}
    assert lit == {Line.GREEN, Line.BUZZER}
    assert rehearsed(SCORES[Cue.GRANTED], relay=True) == SCORES[Cue.GRANTED]


def test_a_cue_that_goes_on_is_shown_once_and_not_for_too_long() -> None:
    shown = rehearsed(SCORES[Cue.FAULT], relay=False)
    assert length_ms(shown) == LONGEST_MS
    assert not shown.repeats
    assert rehearsed(Score((Beat(frozenset({Line.RED}), 9_000),)), relay=False).beats[0].ms == LONGEST_MS


def test_the_running_gate_plays_what_it_is_asked_for_and_says_how_long_it_takes() -> None:
    played: list[Score] = []
    lights = rehearsal(played.append, SCORES)
    assert lights({"cue": "granted"}) == {"ms": 1_500}
    assert lights({"cue": "granted", "relay": "true"}) == {"ms": 1_500}
    assert lights({}) == {"ms": 0}
    assert played == [rehearsed(SCORES[Cue.GRANTED], relay=False)] * 2
    with pytest.raises(ValueError, match="purple"):
        lights({"cue": "purple"})
