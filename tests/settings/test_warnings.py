from __future__ import annotations

import pytest

from device.settings.located import read
from device.settings.warnings import warnings

PLACE = "place: {name: A, province: B}\n"


def told(text: str) -> list[str]:
    return [str(warning) for warning in warnings(read(text, "site.yaml"), text)]


def test_the_pins_of_the_example_stay_off_while_the_pi_boots() -> None:
    assert told(f"{PLACE}pins: {{green: 17, red: 27, amber: 23, buzzer: 22, relay: 24, manual_button: 5}}\n") == []


@pytest.mark.parametrize(
    ("output", "what"),
    [
        ("relay: 5", "GPIO 5 is high while the Pi boots: the door may open"),
        ("relay: {pin: 24, active_high: false}", "GPIO 24 is low while the Pi boots: the door may open"),
        ("green: 8", "GPIO 8 is high while the Pi boots: the lamp may light"),
        ("buzzer: {pin: 22, active_high: false}", "GPIO 22 is low while the Pi boots: the buzzer may sound"),
        ("relay: 0", "the Pi looks for a HAT on it"),
        ("relay: {pin: 2, active_high: false}", "it has a fixed pull-up"),
        ("relay: 14", "the Pi's serial console writes on it"),
        ("relay: 15", "the Pi's serial console listens on it"),
    ],
)
def test_an_output_that_may_switch_on_while_the_pi_boots_is_told(output: str, what: str) -> None:
    (warning,) = told(f"{PLACE}pins: {{red: 27, {output}}}\n")
    assert f"warning: {what}" in warning
    assert warning.startswith("site.yaml:2:")
    assert "use 4 to 8 for what switches on at low level" in warning


def test_an_active_low_relay_on_a_pin_that_is_pulled_up_stays_off() -> None:
    assert told(f"{PLACE}pins: {{green: 17, red: 27, relay: {{pin: 5, active_high: false}}}}\n") == []


def test_a_sign_that_other_languages_need_at_the_end_of_a_line_is_told() -> None:
    assert told("place:\n  name: Chợ Hoa,\n  province: 'B,'\n") == [
        'site.yaml:2:16: place.name: warning: the value ends in ",", which is not needed; remove it'
    ]


def test_a_path_behind_the_address_of_the_hub_is_told_with_what_to_write() -> None:
    assert told(f"{PLACE}hub:\n  url: https://hub.vidu.vn:8400/v1/\n") == [
        "site.yaml:3:8: hub.url: warning: our hub answers at https://hub.vidu.vn:8400 and not at a path behind it"
    ]
    for fine in "https://hub.vidu.vn:8400", "https://hub.vidu.vn:8400/", "https://[fd00::1]:8400", "[a]", "hub/x":
        assert told(f"{PLACE}hub: {{url: '{fine}'}}\n") == []


@pytest.mark.parametrize("written", ["relay: 99", "relay: [5]", "relay:", "relay: {active_high: true}"])
def test_what_is_a_mistake_is_no_warning(written: str) -> None:
    assert told(f"{PLACE}pins: {{red: 27, {written}}}\n") == []


def test_a_number_sign_that_begins_a_comment_is_told_where_it_stands() -> None:
    assert told("place:\n  name: Cổng #2 Trường A\n") == [
        "site.yaml:2:14: place.name: warning: a comment begins at this #; put quotes around a text that has one"
    ]


@pytest.mark.parametrize("line", ["name: 'Cổng #2'", "name: A # the gate", "name: A#2", "#name: A", 'name: "A" #2'])
def test_other_comments_and_number_signs_are_no_warning(line: str) -> None:
    assert told(f"place:\n  province: B\n  {line}\n") == []
