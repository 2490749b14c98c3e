"""Cues of one's own in a site file: what becomes of them, and which are refused."""

from __future__ import annotations

import pytest

from device.model import Beat, Cue, Output, Pattern
from device.settings.load import parse
from tests.settings.complaining import LEAST, PLACE, complained


def test_a_cue_of_ones_own_becomes_a_pattern_and_resting_cues_repeat() -> None:
    text = "cues: {granted: [{lines: [green], for: 1.5s}], fault: [{lines: [red], for: 1s}, {lines: [], for: 20ms}]}"
    assert parse(LEAST + text).patterns == {
        Cue.GRANTED: Pattern((Beat(frozenset({Output.GREEN}), 1_500),)),
        Cue.FAULT: Pattern((Beat(frozenset({Output.RED}), 1_000), Beat(frozenset(), 20)), repeats=True),
    }


def test_a_cue_that_copies_a_built_in_one_is_refused() -> None:
    built_in_ready = "[{lines: [red, amber], for: 60ms}, {lines: [], for: 2940ms}]"
    found = complained(PLACE + "pins: {green: 17, red: 27, amber: 24}\ncues: {fault: " + built_in_ready + "}")
    assert found == ["3:15 cues.fault: looks the same as ready; nobody could tell them apart"]


@pytest.mark.parametrize(
    "starting",
    [
        "[{lines: [red, amber], for: 130ms}, {lines: [red], for: 370ms}, {lines: [], for: 500ms}]",
        "[{lines: [red], for: 560ms}, {lines: [amber], for: 440ms}]",
    ],
)
def test_cues_are_compared_as_people_see_them(starting: str) -> None:
    pins = "pins: {green: 17, red: 27}\n"
    fault = "[{lines: [red], for: 500ms}, {lines: [], for: 500ms}]"
    found = complained(f"{PLACE}{pins}cues: {{starting: {starting}, fault: {fault}}}")
    alike = [line for line in found if "looks the same as" in line]
    assert [line.split(" looks the same as ")[1] for line in alike] == [
        "fault; nobody could tell them apart",
        "starting; nobody could tell them apart",
    ]


def test_cues_that_differ_by_a_tenth_of_a_second_are_told_apart() -> None:
    one, other = (f"[{{lines: [red], for: {span}}}, {{lines: [], for: 1s}}]" for span in ("1s", "1100ms"))
    found = complained(f"{PLACE}pins: {{green: 17, red: 27}}\ncues: {{denied: {one}, fault: {other}, x: 1}}")
    assert not [line for line in found if "looks the same" in line]


@pytest.mark.parametrize(
    "config",
    [
        "[{lines: [red], for: 1s}, {lines: [], for: 1s}]",
        "[{lines: [], for: 1s}, {lines: [red], for: 1s}]",
        "[{lines: [red], for: 500ms}, {lines: [], for: 1s}, {lines: [red], for: 500ms}]",
        "[{lines: [red], for: 1s}, {lines: [], for: 1s}, {lines: [red], for: 1050ms}, {lines: [], for: 970ms}]",
        "[{lines: [red, buzzer], for: 1s}, {lines: [], for: 1s}]",
    ],
)
def test_what_repeats_is_compared_without_its_beginning_and_without_the_buzzer(config: str) -> None:
    pins = f"{PLACE}pins: {{green: 17, red: 27, buzzer: 22}}\n"
    fault = "fault: [{lines: [red], for: 1s}, {lines: [], for: 1s}]"
    assert len(complained(f"{pins}cues:\n  {fault}\n  config: {config}\n")) == 2
    parse(f"{pins}cues:\n  {fault}\n  config: {config.replace('1s', '2s')}\n")


@pytest.mark.parametrize("cue", [cue for cue in Cue if cue is not Cue.GRANTED])
def test_no_cue_but_granted_may_light_green_or_hold_the_relay(cue: Cue) -> None:
    for line in ("green", "relay"):
        text = f"{PLACE}pins: {{green: 17, red: 27, relay: 4}}\ncues: {{{cue}: [{{lines: [red, {line}], for: 1s}}]}}"
        assert [f"only granted may use {line}" in said for said in complained(text)] == [True]
