"""GPIO pins through gpiozero (lgpio or mock): lamps, buzzer, relay, button. The only file that imports it.

The driver is named by the configuration: ``lgpio`` on a Pi, ``mock`` (gpiozero's own pretended
pins) everywhere else. gpiozero's habit of trying another driver when one fails is not used.

Three habits of gpiozero on lgpio are avoided too; each was seen on a real chip. It makes a GPIO line
an output at low level first, so that a relay that switches on at low level would pulse at every
start. It releases a line by making it a floating input. And its tones end at whichever level the
wave had, or go on being written for ever.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from device.errors import ConfigurationError, PinUnavailable
from device.indicator.lgpio_library import chip_labels, load_lgpio
from device.indicator.pin_causes import own_words, told
from device.model import Output
from device.words import say

HEADER_CHIPS = ("pinctrl-rp1", "pinctrl-bcm2711", "pinctrl-bcm2835")
"""What the kernel calls the chip of the 40 pins: Pi 5, Pi 4, and all before. Its number differs by kernel: a Pi 5
had it at 4 and has it at 0 since Linux 6.6.45 (raspberrypi/linux, arch/arm64/boot/dts/broadcom)."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OutputPin:
    """One output.

    Attributes:
        pin: BCM number.
        active_high: ``False`` for a relay board that switches on at low level.
        tone_hz: for a passive buzzer, which needs a square wave; ``None`` for what is just on or off.
    """

    pin: int
    active_high: bool = True
    tone_hz: int | None = None


@dataclass(frozen=True, slots=True)
class ButtonPin:
    """A button, switch or contact.

    Attributes:
        pin: BCM number.
        pull_up: whether it pulls the pin down when it is pressed, on or closed.
        steady_s: a change that does not last so long is none.
    """

    pin: int
    pull_up: bool = True
    steady_s: float = 0.05


@dataclass(frozen=True, slots=True)
class PinPlan:
    """The ``pins:`` section of the site file.

    Attributes:
        driver: ``lgpio`` or ``mock``.
        outputs: what hangs on which pin.
        button: the optional manual button.
        chip: number of the gpiochip; ``None``: the one whose name says that it is the Pi's header.
        out_switch: the optional switch that turns the gate's direction.
        passage: the optional contact or light barrier that people pass.
    """

    driver: str
    outputs: dict[Output, OutputPin]
    button: ButtonPin | None = None
    chip: int | None = None
    out_switch: ButtonPin | None = None
    passage: ButtonPin | None = None

    @property
    def inputs(self) -> Mapping[str, ButtonPin]:
        """The inputs that are wired, by their key."""
        wired = {"manual_button": self.button, "out_switch": self.out_switch, "passage": self.passage}
        return {key: pin for key, pin in wired.items() if pin is not None}


class Outputs(Protocol):
    """The outputs of the gate. Each call returns at once; used under the indicator's lock."""

    def set(self, on: frozenset[Output]) -> None:
        """Switch these outputs on and all others off; raises `PinUnavailable`."""
        ...

    def close(self) -> None:
        """Switch everything off and release the pins; may be called twice."""
        ...


@dataclass(slots=True)
class GpioPins:
    """Implements `Outputs` on gpiozero; made by `open_pins`."""

    factory: Any
    devices: dict[Output, Any] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    _lit: frozenset[Output] = field(default=frozenset())

    def set(self, on: frozenset[Output]) -> None:
        """Switch what changes; outputs that are not wired are left out."""
        try:
            for output, device in self.devices.items():
                if (output in on) != (output in self._lit):
                    device.on() if output in on else device.off()
        except Exception as error:  # lgpio raises its own bare errors
            raise PinUnavailable(say("pins: the GPIO driver failed {why}", why=told(error))) from error
        self._lit = on

    def lit(self) -> frozenset[Output]:
        """Read back from the pins what is on."""
        return frozenset(output for output, device in self.devices.items() if device.value)

    def on_press(self, call: Callable[[], None]) -> None:
        """Call back, on gpiozero's thread, whenever the guard presses the button."""
        self._on_edge("manual_button", call)

    def on_passage(self, call: Callable[[], None]) -> None:
        """Call back, on gpiozero's thread, for each one who passes: when the contact closes, not when it opens."""
        self._on_edge("passage", call)

    def _on_edge(self, key: str, call: Callable[[], None]) -> None:
        if (device := self.inputs.get(key)) is not None:
            device.when_pressed = call

    def turned_out(self) -> bool | None:
        """Return whether the switch says that people leave now; ``None`` when it cannot be read."""
        try:
            return "out_switch" in self.inputs and bool(self.inputs["out_switch"].is_pressed)
        except Exception as error:  # noqa: BLE001 - lgpio raises its own bare errors; nobody is counted on a guess
            log.warning("event=out-switch-unreadable reason=%r", own_words(error))
            return None

    def close(self) -> None:
        """Switch everything off, then release the pins and the chip."""
        devices, self.devices = self.devices, {}
        inputs, self.inputs = self.inputs, {}
        steps = [device.off for device in devices.values()] + [device.close for device in devices.values()]
        for step in [*steps, *(device.close for device in inputs.values()), self.factory.close]:
            try:
                step()
            except Exception as error:  # noqa: BLE001 - the others must still be switched off
                log.warning("event=pin-close-failed reason=%r", own_words(error))


def open_pins(plan: PinPlan) -> GpioPins:
    """Open every pin at its off level.

    Raises:
        PinUnavailable: naming the YAML key to change.
        ConfigurationError: the driver it names is not installed.
    """
    from gpiozero import GPIOPinInUse  # noqa: PLC0415 - hardware library, loaded when used

    pins = GpioPins(_factory(plan))
    wanted: list[tuple[str, int, Callable[[], None]]] = [
        (f"pins.{output}", pin.pin, partial(_add_output, pins, output, pin)) for output, pin in plan.outputs.items()
    ]
    wanted += [(f"pins.{key}", pin.pin, partial(_add_input, pins, key, pin)) for key, pin in plan.inputs.items()]
    for key, number, add in wanted:
        try:
            add()
        except Exception as error:
            ours = plan.driver == "mock" or isinstance(error, GPIOPinInUse)
            holder = "" if ours else _holder(pins, number)
            pins.close()
            why = told(error, holder)
            raise PinUnavailable(
                say("{key}: GPIO{number} cannot be used {why}", key=key, number=number, why=why)
            ) from error
    return pins


def _holder(pins: GpioPins, number: int) -> str:
    """Return who holds a line; empty too when that cannot be found out."""
    try:
        return str(pins.factory.holder(number))
    except Exception:  # noqa: BLE001 - the cause is told without
        return ""


def _add_output(pins: GpioPins, output: Output, pin: OutputPin) -> None:
    from gpiozero import DigitalOutputDevice  # noqa: PLC0415 - hardware library, loaded when used

    device = DigitalOutputDevice(pin.pin, active_high=pin.active_high, initial_value=False, pin_factory=pins.factory)
    pins.devices[output] = device if pin.tone_hz is None else _Tone(device, pin.tone_hz)


def _add_input(pins: GpioPins, key: str, pin: ButtonPin) -> None:
    from gpiozero import Button  # noqa: PLC0415 - hardware library, loaded when used

    pins.inputs[key] = Button(pin.pin, pull_up=pin.pull_up, bounce_time=pin.steady_s, pin_factory=pins.factory)


def header_chip(labels: Mapping[int, str]) -> int:
    """Return the number of the chip of the 40 pins.

    Args:
        labels: what the kernel calls each chip, by its number.

    Raises:
        PinUnavailable: none of them is that of a Pi; it names those there are.
    """
    for label in HEADER_CHIPS:
        numbers = [number for number, name in labels.items() if name == label]
        if numbers:
            return min(numbers)
    if not labels:
        raise PinUnavailable(
            say("pins.driver: there is no GPIO chip to open; check that the gate's user is in the group gpio")
        )
    found = ", ".join(f"{number} {name!a}" for number, name in sorted(labels.items()))
    raise PinUnavailable(
        say(
            "pins.driver: no GPIO chip here is that of a Pi's header; name it as pins.chip (found: {found})",
            found=found,
        )
    )


class _Tone:
    """A passive buzzer: a square wave while it is on, a plain output at its off level otherwise."""

    def __init__(self, device: Any, tone_hz: int) -> None:  # noqa: ANN401 - gpiozero is untyped
        self._device = device
        self._tone_hz = tone_hz

    @property
    def value(self) -> bool:
        return self._device.pin.frequency is not None

    def on(self) -> None:
        self._device.pin.frequency = self._tone_hz
        self._device.pin.state = 0.5  # half of each period on

    def off(self) -> None:
        self._device.pin.frequency = None  # ends the wave where it is
        self._device.off()

    def close(self) -> None:
        self._device.close()


def _factory(plan: PinPlan) -> Any:  # noqa: ANN401 - gpiozero is untyped
    """Make the pin factory the plan names, and no other."""
    if plan.driver == "mock":
        from gpiozero.pins.mock import MockFactory, MockPWMPin  # noqa: PLC0415 - pretended pins, loaded when asked for

        return MockFactory(pin_class=MockPWMPin)
    try:
        lgpio = load_lgpio()
    except (Exception, SystemExit) as error:
        if isinstance(error, ModuleNotFoundError) and error.name == "lgpio":
            raise ConfigurationError(
                say("pins.driver: lgpio is not installed; run setup.sh install, or write mock where there are no pins")
            ) from error
        raise PinUnavailable(say("pins.driver: lgpio cannot be loaded {why}", why=told(error))) from error
    try:
        return _lgpio_factory(lgpio, plan.chip)
    except PinUnavailable:
        raise
    except Exception as error:
        raise PinUnavailable(say("pins.driver: there is no GPIO chip to open {why}", why=told(error))) from error


def _lgpio_factory(lgpio: Any, chip: int | None) -> Any:  # noqa: ANN401 - both are untyped
    """Open the chip; its outputs start, and are left, at their off level."""
    from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin  # noqa: PLC0415 - needs lgpio

    class Pin(LGPIOPin):  # type: ignore[misc] # untyped
        def output_with_state(self, state: float) -> None:
            # The level comes with the claim: nothing in between. The pull keeps it when nobody drives it any more.
            pull = lgpio.SET_PULL_UP if state else lgpio.SET_PULL_DOWN
            lgpio.gpio_claim_output(self.factory._handle, self._number, int(state), pull)  # noqa: SLF001 - no other way

        def close(self) -> None:
            """Leave the level as it is; the kernel takes the line back when the chip is closed."""
            self.when_changed = None  # else the next edge ends lgpio's one thread for all callbacks

    class Factory(LGPIOFactory):  # type: ignore[misc] # untyped
        def holder(self, number: int) -> str:
            """Return what the kernel calls the user of a line, quoted; empty when it is free or cannot be asked."""
            status, _, _, _, user = lgpio.gpio_get_line_info(self._handle, number)
            return ascii(user) if status == 0 and user else ""

    factory = Factory(chip=header_chip(chip_labels(lgpio)) if chip is None else chip)
    factory.pin_class = Pin
    return factory
