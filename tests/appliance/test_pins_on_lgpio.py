"""The gate's pins on real lgpio and a real GPIO chip, looked at from the other side of the wires."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(1500)]
Seen = dict[str, Any]
DARK = {"green": 0, "red": 0, "buzzer": 0, "relay": 1}  # the relay switches on at low level


def test_the_chip_of_the_header_is_found_though_another_has_the_first_number(seen_on_pins: Seen) -> None:
    assert seen_on_pins["chip"] == "gpiochip1"


def test_opening_writes_each_line_once_at_its_off_level(seen_on_pins: Seen) -> None:
    opening = seen_on_pins["opening"]
    assert opening["relay_written_on_opening"] == [1]
    assert opening["green_written_on_opening"] == opening["buzzer_written_on_opening"] == [0]
    assert opening["at_rest"] == DARK


def test_levels_follow_the_lines_that_are_set_and_both_polarities(seen_on_pins: Seen) -> None:
    opening = seen_on_pins["opening"]
    assert opening["green_and_relay"] == {"green": 1, "red": 0, "buzzer": 0, "relay": 0}
    assert opening["dark"] == DARK


def test_closing_leaves_every_line_off_and_the_chip_free(seen_on_pins: Seen) -> None:
    opening = seen_on_pins["opening"]
    assert opening["last_written"] == {line: [level] for line, level in DARK.items()}
    assert opening["opened_again_in_the_same_process"]


def test_a_cue_is_lit_when_show_returns_and_its_beats_come_in_order(seen_on_pins: Seen) -> None:
    cue = seen_on_pins["cue"]
    assert cue["pattern"] == [[["buzzer", "green", "relay"], 120], [["green", "relay"], 1380]]
    assert cue["on_return_of_show"] == {"green": 1, "red": 0, "buzzer": 1, "relay": 0}
    written = cue["written_ms"]
    assert {(line, level) for _, line, level in written[:3]} == {("green", 1), ("buzzer", 1), ("relay", 0)}
    assert written[3][1:] == ["buzzer", 0]
    assert sorted(step[1:] for step in written[4:]) == [["green", 0], ["relay", 1]]
    assert written[3][0] >= 119
    assert written[4][0] >= 1499
    assert cue["after"] == DARK


def test_the_line_is_low_after_each_tone_and_stays_so(seen_on_pins: Seen) -> None:
    tone = seen_on_pins["tone"]
    assert len(tone["edges"]) == 12
    assert min(tone["edges"]) > 100  # 200 ms of 2,400 Hz are 960, and about that many were seen; the machine is slow
    assert tone["after"] == [[0] * 20] * 12
    assert tone["written_after_the_end"] == [0] * 12
    assert tone["closed"] == 0


def test_each_press_of_the_button_is_told_once_bouncing_or_not(seen_on_pins: Seen) -> None:
    assert seen_on_pins["button"] == {"first": True, "second": True, "presses": 2}


def test_a_pin_or_chip_that_cannot_be_had_names_its_key_and_its_holder(seen_on_pins: Seen) -> None:
    trouble = seen_on_pins["trouble"]
    assert trouble["busy"].startswith("PinUnavailable: pins.red: GPIO27 cannot be used")
    assert trouble["busy"].endswith("it is held by 'gpioset'")
    assert trouble["busy_button"].startswith("PinUnavailable: pins.manual_button: GPIO27 cannot be used")
    assert trouble["free_again"] == ""
    assert trouble["no_such_chip"].startswith("PinUnavailable: pins.driver: there is no GPIO chip to open")
    assert trouble["twice"].startswith("PinUnavailable: pins.red: GPIO17 cannot be used (GPIOPinInUse: ")


def test_after_a_kill_the_lines_fall_to_their_off_level_and_safe_pins_drives_them_there(seen_on_pins: Seen) -> None:
    killed = seen_on_pins["killed"]
    assert killed["lit"] == {"green": 1, "relay": 0}
    assert killed["left_by_the_kernel"] == DARK  # by the pull that each output was claimed with
    assert killed["safe_pins"] == [0, ""]
    assert {line: set(levels) for line, levels in killed["written_by_safe_pins"].items()} == {
        line: {level} for line, level in DARK.items()
    }
    assert killed["after"] == DARK


def test_the_whole_gate_lights_green_and_opens_the_relay_once_for_a_visitor(seen_on_pins: Seen) -> None:
    service = seen_on_pins["service"]
    assert service["code"] == 0
    (answer,) = [line for line in service["lines"] if " event=checked-in " in line]
    assert " seq=1 " in answer
    lit = [level for before, level in pairwise([0, *service["green"]]) if level != before]
    opened = [level for before, level in pairwise([1, *service["relay"]]) if level != before]
    assert (lit, opened) == ([1, 0], [0, 1])
    assert service["edges"] > 50
    assert service["buzzer_at_the_end"] == [0]
    assert service["after"] == DARK
