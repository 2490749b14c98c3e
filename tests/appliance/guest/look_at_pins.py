"""Runs inside the machine: the gate's own pins on real lgpio, looked at from the other side of the chip.

The kernel's trace says every level that was ever written, however short; the simulated chip says what is on the
wires. Writes what it saw to ``/beside/pins.json``; `tests/appliance/test_pins_on_lgpio.py` judges it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from device.clock import SystemClock
from device.errors import GateScannerError
from device.indicator.pins import ButtonPin, OutputPin, PinPlan, open_pins
from device.indicator.player import LampIndicator
from device.model import Beat, Cue, Output, Pattern
from device.policy import PATTERNS
from device.threads import ServiceThread

if TYPE_CHECKING:
    from collections.abc import Iterator

GREEN, RED, BUZZER, RELAY, BUTTON = 17, 27, 22, 23, 5
NAMES = {GREEN: "green", RED: "red", BUZZER: "buzzer", RELAY: "relay"}
PLAN = PinPlan(
    "lgpio",
    {
        Output.GREEN: OutputPin(GREEN),
        Output.RED: OutputPin(RED),
        Output.BUZZER: OutputPin(BUZZER, tone_hz=2400),
        Output.RELAY: OutputPin(RELAY, active_high=False),
    },
    ButtonPin(BUTTON),
)
SITE = """
place: {name: Chợ Mẫu, province: Quảng Ngãi}
camera: {source: replay, size: 640x480, frame_rate: 2, silent_after: 60s, start_deadline: 2m,
  replay: {path: /beside/frames, show: 30s, gap: 0s, at_end: loop}}
pins:
  driver: lgpio
  green: 17
  red: 27
  buzzer: {pin: 22, sort: passive}
  relay: {pin: 23, active_high: false}
store: {folder: /mnt/store}
"""
TRACING = Path("/sys/kernel/tracing")
WRITTEN = re.compile(r" (\d+\.\d+): gpio_value: (\d+) set ([01])")


class Chip:
    """The other side of the wires."""

    def __init__(self) -> None:
        if not Path("/dev/gpiochip0").exists():  # the first number is another chip's, as on some Pis
            beside = Path("/sys/kernel/config/gpio-sim/other")
            (beside / "bank0").mkdir(parents=True)
            (beside / "bank0" / "label").write_text("raspberrypi-exp-gpio")
            (beside / "live").write_text("1")
        made = Path("/sys/kernel/config/gpio-sim/gate")
        (made / "bank0").mkdir(parents=True)
        (made / "bank0" / "num_lines").write_text("28")
        (made / "bank0" / "label").write_text(os.environ["HEADER"])
        (made / "live").write_text("1")
        self.name = (made / "bank0" / "chip_name").read_text().strip()
        self._lines = Path("/sys/devices/platform") / (made / "dev_name").read_text().strip() / self.name
        labels = {path: path.read_text().strip() for path in Path("/sys/class/gpio").glob("gpiochip*/label")}
        ours = next(path for path, label in labels.items() if label == os.environ["HEADER"])
        self._first = int((ours.parent / "base").read_text())

    def level(self, pin: int) -> int:
        return int((self._lines / f"sim_gpio{pin}" / "value").read_text())

    def levels(self) -> dict[str, int]:
        return {name: self.level(pin) for pin, name in NAMES.items()}

    def pull(self, pin: int, *, up: bool) -> None:
        (self._lines / f"sim_gpio{pin}" / "pull").write_text("pull-up" if up else "pull-down")

    def written(self) -> list[tuple[float, str, int]]:
        """Return seconds, line and level of every write since `watched` began."""
        found = WRITTEN.findall((TRACING / "trace").read_text())
        return [(float(at), NAMES.get(int(number) - self._first, number), int(level)) for at, number, level in found]

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Trace what is written, but not the reads of this script."""
        (TRACING / "buffer_size_kb").write_text("4096")
        (TRACING / "events/gpio/gpio_value/filter").write_text("get == 0")
        (TRACING / "trace").write_text("")
        (TRACING / "events/gpio/gpio_value/enable").write_text("1")
        try:
            yield
        finally:
            (TRACING / "events/gpio/gpio_value/enable").write_text("0")


def levels_of(written: list[tuple[float, str, int]], line: str) -> list[int]:
    return [level for _, name, level in written if name == line]


def pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def opening(chip: Chip) -> dict[str, object]:
    """What is written while every pin is opened, set, and closed again."""
    with chip.watched():
        pins = open_pins(PLAN)
        opened = chip.written()
        at_rest = chip.levels()
        pins.set(frozenset({Output.GREEN, Output.RELAY}))
        green = chip.levels()
        pins.set(frozenset())
        dark = chip.levels()
        pins.set(frozenset({Output.GREEN, Output.RELAY}))
        pins.close()
        closed = chip.written()[len(opened) :]
    again = open_pins(PLAN)
    again.close()
    return {
        "relay_written_on_opening": levels_of(opened, "relay"),
        "green_written_on_opening": levels_of(opened, "green"),
        "buzzer_written_on_opening": levels_of(opened, "buzzer"),
        "at_rest": at_rest,
        "green_and_relay": green,
        "dark": dark,
        "last_written": {line: levels_of(closed, line)[-1:] for line in NAMES.values()},
        "opened_again_in_the_same_process": True,
    }


def failed() -> None:
    """End at once: the lamps had a defect, which the log has told."""
    os._exit(1)


def tone(chip: Chip) -> dict[str, object]:
    """Twelve tones of 200 ms: edges of each, and the level for a while after each."""
    pattern = Pattern((Beat(frozenset({Output.BUZZER}), 200), Beat(frozenset(), 20)))
    indicator = LampIndicator(open_pins(PLAN), {**PATTERNS, Cue.GRANTED: pattern}, SystemClock())
    edges, after, late = [], [], []
    with ServiceThread("indicator", indicator, failed):
        for _ in range(12):
            with chip.watched():
                indicator.show(Cue.GRANTED)
                pause(1)
                sounded = chip.written()
                after.append([chip.level(BUZZER) for _ in range(20)])
                pause(0.2)
                late.append(len(chip.written()) - len(sounded))
            edges.append(len(levels_of(sounded, "buzzer")))
    return {"edges": edges, "after": after, "written_after_the_end": late, "closed": chip.level(BUZZER)}


def cue(chip: Chip) -> dict[str, object]:
    """GRANTED of a gate without tone: who is written in which order, and when."""
    wired = PinPlan("lgpio", {**PLAN.outputs, Output.BUZZER: OutputPin(BUZZER)})
    indicator = LampIndicator(open_pins(wired), PATTERNS, SystemClock())
    with ServiceThread("indicator", indicator, failed), chip.watched():
        indicator.show(Cue.GRANTED)
        during = chip.levels()
        pause(4)
        written = chip.written()
    began = written[0][0]
    wanted = [[sorted(beat.outputs), beat.ms] for beat in PATTERNS[Cue.GRANTED].beats]
    return {
        "pattern": wanted,
        "on_return_of_show": during,
        "written_ms": [[round((at - began) * 1000), line, level] for at, line, level in written],
        "after": chip.levels(),
    }


def complaint(plan: PinPlan) -> str:
    try:
        open_pins(plan).close()
    except GateScannerError as error:
        return f"{type(error).__name__}: {error}"
    return ""


def trouble(chip: Chip) -> dict[str, object]:
    """Pins and chips that cannot be had."""
    with subprocess.Popen(["/usr/bin/gpioset", "-c", chip.name, f"{RED}=0"]) as other:
        pause(2)
        busy = complaint(PLAN)
        with_button = complaint(PinPlan("lgpio", {Output.GREEN: OutputPin(GREEN)}, ButtonPin(RED)))
        other.kill()
    pause(0.2)
    return {
        "busy": busy,
        "busy_button": with_button,
        "free_again": complaint(PLAN),
        "no_such_chip": complaint(PinPlan("lgpio", PLAN.outputs, chip=7)),
        "twice": complaint(PinPlan("lgpio", {Output.GREEN: OutputPin(GREEN), Output.RED: OutputPin(GREEN)})),
    }


def button(chip: Chip) -> dict[str, object]:
    """Two presses, with a bounce in the second one."""
    chip.pull(BUTTON, up=True)
    presses = []
    came = threading.Event()
    pins = open_pins(PLAN)

    def pressed() -> None:
        presses.append(time.monotonic())
        came.set()

    pins.on_press(pressed)
    pause(0.3)
    chip.pull(BUTTON, up=False)
    first = came.wait(5)
    chip.pull(BUTTON, up=True)
    pause(0.5)
    came.clear()
    for up in (False, True, False, True, False):
        chip.pull(BUTTON, up=up)
    second = came.wait(5)
    pause(0.5)
    pins.close()
    return {"first": first, "second": second, "presses": len(presses)}


def gate(command: str) -> list[str]:
    site = Path("/tmp/site.yaml")
    site.write_text(SITE, encoding="utf-8")
    return [str(Path(sys.executable).with_name("gate-scanner")), command, "--config", str(site)]


def service(chip: Chip) -> dict[str, object]:
    """The whole gate with a visitor's card in view; then it is told to end."""
    lines = []
    with (
        chip.watched(),
        subprocess.Popen(gate("run"), stderr=subprocess.PIPE, text=True, cwd="/tmp") as process,
    ):
        guard = threading.Timer(150, process.kill)
        guard.start()
        assert process.stderr is not None
        for line in process.stderr:
            lines.append(line.rstrip())
            if " event=checked-in " in line:
                pause(3)
                process.terminate()
        guard.cancel()
        code, written = process.wait(), chip.written()
    buzzes = levels_of(written, "buzzer")
    return {
        "code": code,
        "lines": lines,
        "green": levels_of(written, "green"),
        "relay": levels_of(written, "relay"),
        "edges": len(buzzes),
        "buzzer_at_the_end": buzzes[-1:],
        "after": chip.levels(),
    }


def killed(chip: Chip) -> dict[str, object]:
    """A process that is killed with green, relay and tone on; then the command systemd runs after it."""
    with subprocess.Popen([sys.executable, "-B", __file__, "hold"], stdout=subprocess.PIPE, cwd="/tmp") as child:
        assert child.stdout is not None
        child.stdout.readline()
        lit = {line: chip.levels()[line] for line in ("green", "relay")}
        child.send_signal(signal.SIGKILL)
    left = chip.levels()
    with chip.watched():
        done = subprocess.run(gate("safe-pins"), capture_output=True, text=True, check=False, cwd="/tmp")
        written = chip.written()
    return {
        "lit": lit,
        "left_by_the_kernel": left,
        "safe_pins": [done.returncode, done.stderr],
        "written_by_safe_pins": {line: levels_of(written, line) for line in NAMES.values()},
        "after": chip.levels(),
    }


def hold() -> None:
    """Light everything, say so, and wait to be killed."""
    open_pins(PLAN).set(frozenset({Output.GREEN, Output.RELAY, Output.BUZZER}))
    sys.stdout.write("lit\n")
    sys.stdout.flush()
    signal.pause()


def main() -> None:
    chip = Chip()
    seen: dict[str, object] = {"chip": chip.name}
    looks: tuple[Callable[[Chip], dict[str, object]], ...] = (opening, cue, tone, button, trouble, killed, service)
    for look in looks:
        try:
            seen[look.__name__] = look(chip)
        except Exception as error:  # noqa: BLE001 - the other questions are asked all the same
            seen[look.__name__] = {"failed": f"{type(error).__name__}: {error}"}
        sys.stdout.write(f"SAW {look.__name__}: {json.dumps(seen[look.__name__], ensure_ascii=False)}\n")
        sys.stdout.flush()
    Path("/beside/pins.json").write_text(json.dumps(seen, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["hold"]:
        hold()
    else:
        main()
