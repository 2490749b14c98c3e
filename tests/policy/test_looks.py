"""What a pattern looks and sounds like, in words."""

from __future__ import annotations

from itertools import combinations

import pytest

from device.model import Beat, Cue, Output, Pattern
from device.policy import PATTERNS
from device.policy.looks import look_of

ALL = frozenset(Output)
TWO_LAMPS = frozenset({Output.GREEN, Output.RED, Output.BUZZER})
ON = frozenset({Output.RED})
OFF: frozenset[Output] = frozenset()


@pytest.mark.parametrize(
    ("cue", "look"),
    [
        (Cue.GRANTED, "green for 1.5 s, one short beep"),
        (Cue.DENIED, "two long red blinks, one long tone"),
        (Cue.REFERRED, "two red blinks, twice, two beeps"),
        (Cue.NOT_OURS, "two short red blinks, two ticks"),
        (Cue.SEVERAL, "two short red blinks, twice, four ticks"),
        (Cue.UNREADABLE, "quick red flicker, three ticks"),
        (Cue.STARTING, "red 0.5 s on, 0.5 s off"),
        (Cue.READY, "one red wink every 3 s"),
        (Cue.NOT_ENROLLED, "three red winks every 3 s"),
        (Cue.REVOKED, "red for 1.2 s, then two red winks, every 2.7 s"),
        (Cue.CONFIG, "three long red blinks every 3.9 s"),
        (Cue.FAULT, "red blinks fast, one short beep every 10 s"),
    ],
)
def test_a_look_says_what_a_person_sees_and_hears(cue: Cue, look: str) -> None:
    assert look_of(PATTERNS[cue], TWO_LAMPS) == look


@pytest.mark.parametrize("wired", [ALL, TWO_LAMPS, TWO_LAMPS - {Output.BUZZER}], ids=["all", "two lamps", "silent"])
def test_no_two_cues_have_the_same_look(wired: frozenset[Output]) -> None:
    looks = {cue: look_of(pattern, wired) for cue, pattern in PATTERNS.items()}
    assert [(one, other) for one, other in combinations(looks, 2) if looks[one] == looks[other]] == []
    assert max(map(len, looks.values())) <= 66, "it stands behind the cue's name, on a line of 80"


def test_what_is_not_wired_is_not_told() -> None:
    assert look_of(PATTERNS[Cue.REFERRED], {Output.AMBER}) == "two amber blinks, twice"
    assert look_of(PATTERNS[Cue.GRANTED], {Output.BUZZER}) == "one short beep"
    assert look_of(PATTERNS[Cue.GRANTED], {Output.RED, Output.RELAY}) == "nothing is seen or heard"


def test_a_lamp_that_stays_on_is_told_as_one() -> None:
    assert look_of(Pattern((Beat(ON, 400),), repeats=True), ALL) == "red all the time"


def test_a_lamp_that_follows_another_without_a_pause_is_told_after_it() -> None:
    beats = (Beat(frozenset({Output.GREEN}), 1_000), Beat(ON, 1_000), Beat(OFF, 200), Beat(ON, 200))
    assert look_of(Pattern(beats), ALL) == "green for 1 s, then red for 1 s, then one short red blink"


def test_more_than_anybody_counts_has_a_number() -> None:
    assert look_of(Pattern((Beat(ON, 300), Beat(OFF, 300)) * 12), ALL) == "12 red blinks"
