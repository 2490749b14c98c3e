"""Lamps, buzzer, relay and button on GPIO pins, through gpiozero: the only file that imports it.

The driver is named by the configuration: ``lgpio`` on a Pi, ``mock`` (gpiozero's own pretended
pins) everywhere else. gpiozero's habit of trying another driver when one fails is not used.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from device.errors import ConfigurationError, PinUnavailable
from device.model import Line

log = logging.getLogger("gate.pins")


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
    """The guard's button: BCM number, and whether it pulls the line down when pressed."""

    pin: int
    pull_up: bool = True


@dataclass(frozen=True, slots=True)
class PinPlan:
    """The ``pins:`` section of the site file.

    Attributes:
        driver: ``lgpio`` or ``mock``.
        outputs: what hangs on which pin.
        button: the optional manual button.
        chip: number of the gpiochip; ``None`` lets the driver choose by the model of the Pi.
    """

    driver: str
    outputs: dict[Line, OutputPin]
    button: ButtonPin | None = None
    chip: int | None = None


class Outputs(Protocol):
    """The lines of the gate. Each call returns at once; used under the indicator's lock."""

    def set(self, lines: frozenset[Line]) -> None:
        """Switch these lines on and all others off; raises `PinUnavailable`."""
        ...

    def close(self) -> None:
        """Switch everything off and let the pins go; may be called twice."""
        ...


@dataclass(slots=True)
class GpioPins:
    """Implements `Outputs` on gpiozero; made by `open_pins`."""

    devices: dict[Line, Any]
    button: Any = None
    _lit: frozenset[Line] = field(default=frozenset())

    def set(self, lines: frozenset[Line]) -> None:
        """Switch what changes; lines that are not wired are left out."""
        try:
            for line, device in self.devices.items():
                if (line in lines) != (line in self._lit):
                    device.on() if line in lines else device.off()
        except Exception as error:  # lgpio raises its own bare errors
            raise PinUnavailable(f"pins: the GPIO driver failed ({type(error).__name__})") from error
        self._lit = lines

    def lit(self) -> frozenset[Line]:
        """Read back from the pins what is on."""
        return frozenset(line for line, device in self.devices.items() if device.value)

    def on_press(self, call: Callable[[], None]) -> None:
        """Call back, on gpiozero's thread, whenever the guard presses the button."""
        if self.button is not None:
            self.button.when_pressed = call

    def close(self) -> None:
        """Switch everything off, then let the pins go."""
        devices, self.devices = self.devices, {}
        for device in devices.values():
            try:
                device.off()
                device.close()
            except Exception as error:  # noqa: BLE001 - the others must still be switched off
                log.warning("pin close failed error=%s", type(error).__name__)
        button, self.button = self.button, None
        if button is not None:
            button.close()


def open_pins(plan: PinPlan) -> GpioPins:
    """Open every pin at its off level.

    Raises:
        PinUnavailable: naming the YAML key to change.
        ConfigurationError: the driver it names is not installed.
    """
    factory = _factory(plan)
    pins = GpioPins({})
    key = "pins"
    try:
        for line, output in plan.outputs.items():
            key = f"pins.{line}"
            pins.devices[line] = _output(output, factory)
        if plan.button is not None:
            from gpiozero import Button  # noqa: PLC0415 - hardware library, loaded when used

            key = "pins.manual_button"
            pins.button = Button(plan.button.pin, pull_up=plan.button.pull_up, bounce_time=0.05, pin_factory=factory)
    except Exception as error:
        pins.close()
        number = plan.button.pin if key == "pins.manual_button" and plan.button else plan.outputs[Line(key[5:])].pin
        raise PinUnavailable(
            f"{key}: GPIO{number} cannot be used ({type(error).__name__}); is another program or key using it?"
        ) from error
    return pins


def _output(output: OutputPin, factory: Any) -> Any:  # noqa: ANN401 - gpiozero is untyped
    from gpiozero import DigitalOutputDevice, PWMOutputDevice  # noqa: PLC0415 - hardware library, loaded when used

    if output.tone_hz is None:
        return DigitalOutputDevice(output.pin, active_high=output.active_high, initial_value=False, pin_factory=factory)
    return _Tone(
        PWMOutputDevice(
            output.pin,
            active_high=output.active_high,
            initial_value=0,
            frequency=output.tone_hz,
            pin_factory=factory,
        )
    )


class _Tone:
    """A passive buzzer: half of each period on; gpiozero's TonalBuzzer leaves the line high on lgpio."""

    def __init__(self, pwm: Any) -> None:  # noqa: ANN401 - gpiozero is untyped
        self._pwm = pwm

    @property
    def value(self) -> float:
        return float(self._pwm.value)

    def on(self) -> None:
        self._pwm.value = 0.5

    def off(self) -> None:
        self._pwm.value = 0

    def close(self) -> None:
        self._pwm.close()


def _factory(plan: PinPlan) -> Any:  # noqa: ANN401 - gpiozero is untyped
    """Make the pin factory the plan names, and no other."""
    if plan.driver == "mock":
        from gpiozero.pins.mock import MockFactory, MockPWMPin  # noqa: PLC0415 - pretended pins, loaded when asked for

        return MockFactory(pin_class=MockPWMPin)
    try:
        from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415 - exists on a Pi only

        return LGPIOFactory(chip=plan.chip)
    except ImportError as error:
        raise ConfigurationError(
            "pins.driver: lgpio is not installed; run setup.sh install, or write mock where there are no pins"
        ) from error
    except Exception as error:
        raise PinUnavailable(
            f"pins.driver: there is no GPIO chip to open ({type(error).__name__}); check pins.chip and the group gpio"
        ) from error
