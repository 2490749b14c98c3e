from __future__ import annotations

from itertools import combinations

import pytest

from device.model import Cue, Decision, Outcome, Output, Pattern, Reason
from device.policy import OUTCOMES, PATTERNS, cue_for, cue_of, outcome_for
from device.policy.cues import OWN_CUES, OWN_REASONS

LAMPS = frozenset({Output.GREEN, Output.RED, Output.AMBER})
ANSWERING = (Cue.GRANTED, Cue.REFERRED, Cue.DENIED, Cue.NOT_OURS, Cue.UNREADABLE, Cue.SEVERAL)
RESTING = tuple(cue for cue in Cue if cue not in ANSWERING)

Rhythm = tuple[tuple[bool, int], ...]


def rhythm(pattern: Pattern, watched: frozenset[Output], periods: int = 1) -> Rhythm:
    """On and off times of the watched outputs taken as one, over some rounds of a repeating pattern."""
    film: list[tuple[bool, int]] = []
    for beat in pattern.beats * (periods if pattern.repeats else 1):
        lit = bool(beat.outputs & watched)
        if film and film[-1][0] == lit:
            film[-1] = (lit, film[-1][1] + beat.ms)
        else:
            film.append((lit, beat.ms))
    if not pattern.repeats and film and not film[-1][0]:
        film.pop()  # the dark after the last pulse belongs to what follows
    return tuple(film)


def alike(one: Rhythm, other: Rhythm) -> bool:
    """A hurried eye cannot tell them apart: as many pulses, each within half as long again."""
    return len(one) == len(other) and all(
        lit == other_lit and max(ms, other_ms) <= 1.5 * min(ms, other_ms)
        for (lit, ms), (other_lit, other_ms) in zip(one, other, strict=True)
    )


def test_the_table_is_total_over_reasons_and_the_patterns_over_cues() -> None:
    assert set(OUTCOMES) == set(Reason)
    assert set(PATTERNS) == set(Cue)


def test_the_table_grants_only_who_is_recorded_or_meets_every_rule_or_has_the_guards_word() -> None:
    granted = {Reason.RECORDED, Reason.RULES_MET, Reason.MANUAL}
    assert {reason for reason in Reason if outcome_for(reason) is Outcome.GRANTED} == granted
    assert {reason for reason in Reason if cue_for(reason) is Cue.GRANTED} == granted


@pytest.mark.parametrize("reason", [r for r in Reason if OUTCOMES[r].outcome is None])
def test_a_code_that_is_no_credential_is_never_denied_or_granted(reason: Reason) -> None:
    assert cue_for(reason) not in {Cue.DENIED, Cue.GRANTED, Cue.REFERRED}


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_repeat_and_a_weak_reading_show_their_own_outcome(outcome: Outcome) -> None:
    for reason in (Reason.REPEAT, Reason.WEAK_READING):
        assert cue_of(Decision(outcome, reason, "1")) == Cue(outcome.value)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_lamps_tell_the_outcome_and_never_why(outcome: Outcome) -> None:
    reasons = [reason for reason in Reason if outcome_for(reason) is not None]
    assert {cue_of(Decision(outcome, reason, "1")) for reason in reasons} == {Cue(outcome.value)}


def test_no_record_is_a_fault_whatever_the_outcome() -> None:
    assert cue_of(Decision(Outcome.GRANTED, Reason.LEDGER_FAULT, "1")) is Cue.FAULT


@pytest.mark.parametrize("lamps", [LAMPS, LAMPS - {Output.AMBER}], ids=["three lamps", "two lamps"])
@pytest.mark.parametrize("periods", [1, 3])
def test_every_cue_differs_from_every_other_in_rhythm_without_its_colours(
    lamps: frozenset[Output], periods: int
) -> None:
    rhythms = {cue: rhythm(pattern, lamps, periods) for cue, pattern in PATTERNS.items()}
    for one, other in combinations(Cue, 2):
        assert not alike(rhythms[one], rhythms[other]), (one, other)


def test_every_answer_can_be_told_by_ear_alone() -> None:
    sounds = {cue: rhythm(PATTERNS[cue], frozenset({Output.BUZZER})) for cue in ANSWERING}
    for one, other in combinations(ANSWERING, 2):
        assert not alike(sounds[one], sounds[other]), (one, other)
    assert all(any(on for on, _ in sound) for sound in sounds.values())


def test_green_and_the_door_relay_belong_to_granted_alone() -> None:
    for cue, pattern in PATTERNS.items():
        used = frozenset[Output]().union(*(beat.outputs for beat in pattern.beats))
        assert (Output.GREEN in used) is (cue is Cue.GRANTED)
        assert (Output.RELAY in used) is (cue is Cue.GRANTED)
        if cue is Cue.GRANTED:
            assert Output.RED not in used


def test_amber_never_speaks_alone() -> None:
    for pattern in PATTERNS.values():
        for beat in pattern.beats:
            assert Output.AMBER not in beat.outputs or Output.RED in beat.outputs


def test_granted_is_one_green_pulse_of_a_second_and_a_half_with_one_short_beep() -> None:
    pattern = PATTERNS[Cue.GRANTED]
    assert rhythm(pattern, frozenset({Output.GREEN})) == ((True, 1_500),)
    assert rhythm(pattern, frozenset({Output.BUZZER})) == ((True, 120),)


@pytest.mark.parametrize("cue", RESTING)
def test_states_repeat_and_pause(cue: Cue) -> None:
    assert PATTERNS[cue].repeats
    assert not PATTERNS[cue].beats[-1].outputs


@pytest.mark.parametrize("cue", ANSWERING)
def test_answers_play_once_and_are_over_before_the_next_visitor(cue: Cue) -> None:
    pattern = PATTERNS[cue]
    assert not pattern.repeats
    assert sum(beat.ms for beat in pattern.beats) <= 2_500


def test_a_ready_gate_is_dark_most_of_the_time() -> None:
    beats = PATTERNS[Cue.READY].beats
    lit = sum(beat.ms for beat in beats if beat.outputs)
    assert lit * 20 <= sum(beat.ms for beat in beats)


def test_every_beat_lasts_and_no_resting_gate_beeps_more_than_once_in_ten_seconds() -> None:
    assert all(beat.ms > 0 for pattern in PATTERNS.values() for beat in pattern.beats)
    for cue in RESTING:
        beeps = [beat for beat in PATTERNS[cue].beats if Output.BUZZER in beat.outputs]
        if beeps:
            assert cue is Cue.FAULT
            assert len(beeps) == 1
            assert sum(beat.ms for beat in PATTERNS[cue].beats) >= 10_000


def test_a_site_may_change_the_cue_of_a_reason_but_not_green_and_a_repeat_shows_the_first() -> None:
    own = {Reason.NO_DATA: Cue.NOT_OURS, Reason.BANK_CODE: Cue.UNREADABLE}
    assert cue_for(Reason.BANK_CODE, own) is Cue.UNREADABLE
    assert cue_for(Reason.WIFI_CODE, own) is Cue.NOT_OURS
    for outcome, cue in ((Outcome.GRANTED, Cue.GRANTED), (Outcome.REFERRED, Cue.NOT_OURS)):
        assert cue_of(Decision(outcome, Reason.NO_DATA, "1"), own) is cue
        assert cue_of(Decision(outcome, Reason.REPEAT, "1", first=Reason.NO_DATA), own) is cue
    assert cue_of(Decision(Outcome.DENIED, Reason.REPEAT, "1", first=Reason.FULL), own) is Cue.DENIED


def test_a_site_can_neither_give_away_green_nor_redefine_what_is_no_answer() -> None:
    assert Cue.GRANTED not in OWN_CUES
    assert {Reason.RECORDED, Reason.REPEAT, Reason.LEDGER_FAULT, Reason.OWN_VENUE}.isdisjoint(OWN_REASONS)
    told_by_the_centre = {Reason.STATUS_HEALTH, Reason.STATUS_DOSES, Reason.ON_WATCH_LIST, Reason.NOT_ON_ROSTER}
    assert told_by_the_centre.isdisjoint(OWN_REASONS)
