"""``pins:`` of the site file: which lamp, buzzer, relay, button or switch is on which BCM pin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import BeforeValidator

from device.model import Output
from device.settings import values as v
from device.settings.choices import BuzzerSort, PinDriver
from device.settings.section import Section, key
from device.settings.tree import Scalar

INPUTS: Final = ("manual_button", "out_switch", "passage")
"""The keys of what is read and not lit."""


class OutputSection(Section):
    """One output: what hangs on which pin."""

    pin: Annotated[int, v.pin()] = key("BCM number.", example="17")
    active_high: Annotated[bool, v.truth()] = key("false for a board that switches on at low level.", default=True)


class BuzzerSection(OutputSection):
    """The buzzer."""

    sort: Annotated[BuzzerSort, v.one_of(BuzzerSort)] = key(
        "active sounds by itself when switched on, passive needs a tone.", "active"
    )
    tone_hz: Annotated[int, v.frequency(100, 10_000)] = key("Pitch of a passive buzzer.", "2400Hz", name="tone")


class ButtonSection(Section):
    """The guard's button."""

    pin: Annotated[int, v.pin()] = key("BCM number.", example="5")
    pull_up: Annotated[bool, v.truth()] = key("true when the button connects the pin to ground.", default=True)


class PassageSection(ButtonSection):
    """What people pass."""

    steady_ms: Annotated[int, v.duration("5ms", "2s")] = key(
        "A change that does not last so long is none.", "50ms", name="steady"
    )


def _pin_alone(value: object) -> object:
    """``green: 17`` is short for ``green: {pin: 17}``."""
    return {"pin": value} if isinstance(value, Scalar) else value


_Pin = Annotated[int, v.pin()]
OutputKey = Annotated[OutputSection, BeforeValidator(_pin_alone, json_schema_input_type=_Pin | OutputSection)]
Buzzer = Annotated[BuzzerSection, BeforeValidator(_pin_alone, json_schema_input_type=_Pin | BuzzerSection)]
Button = Annotated[ButtonSection, BeforeValidator(_pin_alone, json_schema_input_type=_Pin | ButtonSection)]

Passage = Annotated[PassageSection, BeforeValidator(_pin_alone, json_schema_input_type=_Pin | PassageSection)]


class PinsSection(Section):
    """What hangs on which pin: a BCM number, or a section with pin and more."""

    driver: Annotated[PinDriver, v.one_of(PinDriver)] = key("mock pretends pins, to try it without a Pi.", "lgpio")
    chip: Annotated[int, v.number(0, 99)] | None = key(
        "Number of the gpiochip; left out, the chip of the Pi's header is found by its name.", None
    )
    green: OutputKey = key("Green lamp: granted.", example="17")
    red: OutputKey = key("Red lamp: denied, referred, out of service.", example="27")
    amber: OutputKey | None = key("Third lamp.", None)
    buzzer: Buzzer | None = key("Buzzer.", None)
    relay: OutputKey | None = key("Relay of a door; only granted may hold it.", None)
    manual_button: Button | None = key("Button that checks in somebody without a code.", None)
    out_switch: Button | None = key(
        "Switch, or a button that is held, while people leave here: it turns the direction from in to out.", None
    )
    passage: Passage | None = key(
        "Door contact or light barrier: each time it closes, one person is counted as passed, whoever it is.", None
    )

    @property
    def inputs(self) -> Mapping[str, ButtonSection]:
        """The buttons, switches and contacts that are wired, by their key."""
        named = {name: getattr(self, name) for name in INPUTS}
        return {name: section for name, section in named.items() if section is not None}

    @property
    def outputs(self) -> Mapping[Output, OutputSection]:
        """The lines that are wired."""
        wired = {line: getattr(self, line.value) for line in Output}
        return {line: output for line, output in wired.items() if output is not None}
