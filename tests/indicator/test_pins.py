"""Pins on gpiozero's own mock factory: levels, polarity, conflicts."""

from __future__ import annotations

import importlib.util
import threading

import pytest

from device.errors import ConfigurationError, PinUnavailable
from device.indicator.pins import ButtonPin, GpioPins, OutputPin, PinPlan, header_chip, open_pins
from device.model import Output

WIRED = PinPlan(
    "mock",
    {
        Output.GREEN: OutputPin(17),
        Output.RED: OutputPin(27),
        Output.BUZZER: OutputPin(18, tone_hz=2400),
        Output.RELAY: OutputPin(22, active_high=False),
    },
    ButtonPin(23),
)


def level(pins: GpioPins, output: Output) -> float:
    device = pins.devices[output]
    return float(getattr(device, "_device", device).pin.state)


def film(pins: GpioPins, output: Output) -> list[float]:
    return [float(state.state) for state in pins.devices[output].pin.states]


def test_everything_is_off_when_opened_and_an_active_low_relay_never_pulses() -> None:
    pins = open_pins(WIRED)
    assert pins.lit() == frozenset()
    assert level(pins, Output.GREEN) == 0
    assert level(pins, Output.RELAY) == 1
    assert film(pins, Output.RELAY)[1:] in ([], [1.0])  # from floating to its off level, and nothing between
    pins.close()


def test_setting_outputs_switches_these_on_and_all_others_off() -> None:
    pins = open_pins(WIRED)
    pins.set(frozenset({Output.GREEN, Output.RELAY, Output.BUZZER}))
    assert pins.lit() == {Output.GREEN, Output.RELAY, Output.BUZZER}
    assert (level(pins, Output.GREEN), level(pins, Output.RELAY)) == (1, 0)
    assert level(pins, Output.BUZZER) == 0.5  # half of each period
    pins.set(frozenset({Output.RED}))
    assert pins.lit() == {Output.RED}
    assert level(pins, Output.RELAY) == 1
    pins.close()


def test_an_output_that_is_not_wired_is_left_out() -> None:
    pins = open_pins(WIRED)
    pins.set(frozenset({Output.AMBER, Output.RED}))
    assert pins.lit() == {Output.RED}
    pins.close()


def test_closing_switches_off_and_may_be_done_twice() -> None:
    pins = open_pins(WIRED)
    green = pins.devices[Output.GREEN].pin
    pins.set(frozenset({Output.GREEN}))
    pins.close()
    pins.close()
    assert [s.state for s in green.states][-1] == 0


def test_a_tone_ends_at_its_off_level_whatever_the_polarity() -> None:
    for active_high, off in ((True, 0), (False, 1)):
        pins = open_pins(PinPlan("mock", {Output.BUZZER: OutputPin(18, active_high=active_high, tone_hz=2400)}))
        buzzer = pins.devices[Output.BUZZER]._device.pin
        assert (level(pins, Output.BUZZER), buzzer.frequency) == (off, None)
        pins.set(frozenset({Output.BUZZER}))
        assert (level(pins, Output.BUZZER), buzzer.frequency) == (0.5, 2400)
        pins.set(frozenset())
        assert (level(pins, Output.BUZZER), buzzer.frequency) == (off, None)
        pins.set(frozenset({Output.BUZZER}))
        pins.close()
        assert buzzer.frequency is None


class StubbornFactory:
    def close(self) -> None:
        raise OSError


class Stubborn:
    def __init__(self) -> None:
        self.steps: list[str] = []

    def on(self) -> None:
        raise OSError

    def off(self) -> None:
        self.steps.append("off")
        raise OSError

    def close(self) -> None:
        self.steps.append("close")
        raise OSError


def test_an_output_that_fails_keeps_no_other_from_being_switched_off() -> None:
    first, second, button = Stubborn(), Stubborn(), Stubborn()
    pins = GpioPins(StubbornFactory(), {Output.GREEN: first, Output.RED: second}, {"manual_button": button})
    pins.close()
    assert (first.steps, second.steps, button.steps) == (["off", "close"], ["off", "close"], ["close"])


def test_a_driver_that_fails_while_lamps_are_set_is_a_pin_that_is_unavailable() -> None:
    pins = GpioPins(StubbornFactory(), {Output.GREEN: Stubborn()})
    with pytest.raises(PinUnavailable, match=r"^pins: the GPIO driver failed \(OSError\)"):
        pins.set(frozenset({Output.GREEN}))


def test_the_button_calls_back_when_pressed() -> None:
    pins = open_pins(WIRED)
    pressed = threading.Event()
    pins.on_press(pressed.set)
    pins.inputs["manual_button"].pin.drive_low()
    assert pressed.wait(5)
    pins.close()


def test_the_switch_says_which_way_people_go_for_as_long_as_it_is_on() -> None:
    pins = open_pins(PinPlan("mock", WIRED.outputs, None, None, ButtonPin(6)))
    seen = [pins.turned_out()]
    switch = pins.inputs["out_switch"].pin
    for turn in (switch.drive_low, switch.drive_high):
        turn()
        seen.append(pins.turned_out())
    assert seen == [False, True, False]
    pins.close()
    assert pins.turned_out() is False
    assert open_pins(WIRED).turned_out() is False


def test_each_one_who_passes_is_told_once_when_the_contact_closes() -> None:
    for pull_up in (True, False):
        pins = open_pins(PinPlan("mock", WIRED.outputs, passage=ButtonPin(26, pull_up=pull_up)))
        told: list[None] = []
        pins.on_passage(lambda: told.append(None))  # noqa: B023 - called before the next round
        contact = pins.inputs["passage"].pin
        closes, opens = (contact.drive_low, contact.drive_high) if pull_up else (contact.drive_high, contact.drive_low)
        for passed in (1, 2):
            closes()
            assert len(told) == passed
            opens()
        assert len(told) == 2
        pins.close()
        assert pins.inputs == {}


def test_a_contact_closed_at_the_start_lets_nobody_pass_and_one_not_wired_is_no_mistake() -> None:
    pins = open_pins(PinPlan("mock", WIRED.outputs, passage=ButtonPin(26)))
    told: list[None] = []
    pins.inputs["passage"].pin.drive_low()
    pins.on_passage(lambda: told.append(None))
    assert told == []
    pins.close()
    bare = open_pins(WIRED)
    bare.on_passage(lambda: told.append(None))
    bare.close()


def test_a_change_of_an_input_counts_when_it_lasts_as_long_as_the_plan_says() -> None:
    pins = open_pins(PinPlan("mock", WIRED.outputs, ButtonPin(5), passage=ButtonPin(26, steady_s=0.2)))
    assert [pins.inputs[key].pin.bounce for key in ("manual_button", "passage")] == [0.05, 0.2]
    pins.close()


def test_a_contact_on_a_used_pin_names_its_key() -> None:
    with pytest.raises(PinUnavailable, match=r"^pins\.passage: GPIO17 cannot be used"):
        open_pins(PinPlan("mock", {Output.GREEN: OutputPin(17)}, passage=ButtonPin(17)))


def test_a_switch_that_cannot_be_read_says_so_instead_of_a_way() -> None:
    pins = GpioPins(StubbornFactory(), {}, {"out_switch": object()})
    assert pins.turned_out() is None


def test_a_switch_on_a_used_pin_names_its_key() -> None:
    with pytest.raises(PinUnavailable, match=r"^pins\.out_switch: GPIO17 cannot be used"):
        open_pins(PinPlan("mock", {Output.GREEN: OutputPin(17)}, out_switch=ButtonPin(17)))


def test_a_pin_used_twice_names_the_key_and_frees_the_others() -> None:
    twice = PinPlan("mock", {Output.GREEN: OutputPin(17), Output.RED: OutputPin(17)})
    with pytest.raises(PinUnavailable, match=r"^pins\.red: GPIO17 cannot be used \(GPIOPinInUse: .*; another key of"):
        open_pins(twice)


def test_a_button_on_a_used_pin_names_its_key() -> None:
    with pytest.raises(PinUnavailable, match=r"^pins\.manual_button: GPIO17 cannot be used"):
        open_pins(PinPlan("mock", {Output.GREEN: OutputPin(17)}, ButtonPin(17)))


def test_the_chip_of_the_header_is_found_by_its_name_whatever_its_number() -> None:
    assert header_chip({0: "pinctrl-bcm2711", 1: "raspberrypi-exp-gpio"}) == 0
    assert header_chip({4: "pinctrl-rp1", 10: "gpio-brcmstb@107d508500", 0: "raspberrypi-exp-gpio"}) == 4
    assert header_chip({0: "pinctrl-rp1", 4: "pinctrl-rp1"}) == 0  # a second name of the same chip


def test_where_no_chip_is_that_of_a_pi_those_there_are_are_named() -> None:
    with pytest.raises(PinUnavailable, match=r"^pins\.driver: .* pins\.chip \(found: 0 'INTC1055'\)"):
        header_chip({0: "INTC1055"})
    with pytest.raises(PinUnavailable, match=r"no GPIO chip to open; check that .* in the group gpio"):
        header_chip({})


def test_a_machine_without_the_driver_says_what_to_install_and_never_falls_back() -> None:
    expected: tuple[type[Exception], str] = (ConfigurationError, r"^pins\.driver: lgpio is not installed")
    if importlib.util.find_spec("lgpio"):
        expected = (PinUnavailable, "no GPIO chip")
    with pytest.raises(expected[0], match=expected[1]):
        open_pins(PinPlan("lgpio", {Output.GREEN: OutputPin(17)}, chip=99))
