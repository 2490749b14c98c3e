"""``gate-scanner lights [CUE …]``: play cues on the real lamps and say what each looks like and means.

Through the running gate, which holds the pins; where none runs, on the pins themselves. Without a cue it lists
them all. The relay is left alone unless ``--relay`` is given.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from device.app.site_plans import pin_plan
from device.cli.arguments import SITE, add_config, add_example
from device.cli.running_gate import gate_folder
from device.cli.table import print_table
from device.clock import Clock, SystemClock
from device.errors import Complaints, ConfigurationError, GateAbsent, GateScannerError
from device.indicator.lights import lamp_test_pattern, length_ms
from device.indicator.pins import open_pins
from device.indicator.player import LampIndicator
from device.model import Cue, Output, Pattern
from device.monitor.control_socket import ask
from device.policy import PATTERNS
from device.policy.looks import look_of
from device.settings.load import load
from device.settings.schema import CuesSection, Site
from device.threads import ServiceEnd, ServiceThread
from device.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BETWEEN_S = 1.0
_ALL = "all"
_TWO_LAMPS = frozenset({Output.GREEN, Output.RED, Output.BUZZER})

MEANINGS = {Cue(field.alias or name): field.description or "" for name, field in CuesSection.model_fields.items()}
"""What each cue means, in the words of the site file's schema."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Play cues on the lamps and the buzzer, and say what each looks like and means: through the running gate, "
        "or where none runs on the pins themselves. Without a cue it lists them all and plays nothing."
    )
    exits = "0 done, 1 the gate does not play it, 2 a wrong word, 69 no pins, 78 the site file has mistakes"
    add_example(parser, "granted denied", exits)
    choices = [*(cue.value for cue in Cue), _ALL]
    parser.add_argument("cues", nargs="*", metavar="CUE", choices=[*choices, []], help=f"one of {', '.join(choices)}")
    parser.add_argument("--relay", action="store_true", help="let it hold the relay too: the door may open")
    add_config(parser, default=None)


def run(args: argparse.Namespace, clock: Clock | None = None) -> int:
    """Play them: 0 done, 1 the gate does not answer, 69 a pin cannot be had, 78 the site file has mistakes."""
    cues = [Cue(name) for name in args.cues if name != _ALL] if _ALL not in args.cues else list(Cue)
    site = told_site(args.config)
    if not cues:
        _name(Cue, site)
        return 0
    with _player(args.config, clock or SystemClock()) as play:
        for cue in cues:
            _name([cue], site)
            play(cue, args.relay)
    return 0


def told_site(config: Path | None, installed: Path = SITE) -> Site | None:
    """Return the site file whose lamps and patterns are told; ``None`` for those of a gate with two lamps.

    Raises:
        Complaints: the file that was named has mistakes.
    """
    if config is not None:
        return load(config)
    try:
        return load(installed) if installed.exists() else None
    except (Complaints, PermissionError):
        told = say("{file} cannot be used: told is what a gate shows that changes nothing", file=installed)
        print(told, file=sys.stderr)
        return None


def _name(cues: Iterable[Cue], site: Site | None) -> None:
    """Tell cues, two lines each: what is seen and heard, and below it what that means."""
    patterns, wired = (PATTERNS, _TWO_LAMPS) if site is None else (_patterns(site), site.pins.outputs)
    rows = [((cue.value, look_of(patterns[cue], wired)), ("", say(MEANINGS[cue]))) for cue in cues]
    print_table(chain.from_iterable(rows), "<12", "")


Play = Callable[[Cue, bool], None]


@contextmanager
def _player(config: Path | None, clock: Clock) -> Iterator[Play]:
    """Choose who plays: the running gate when there is one, else these pins, which are dark again at the end."""
    folder, never = gate_folder(config), threading.Event()

    def by_the_gate(cue: Cue, relay: bool) -> None:  # noqa: FBT001 - the shape of Play
        told: Any = ask(folder, "lights", cue=cue.value, relay=relay)
        clock.wait(never, told["ms"] / 1000 + _BETWEEN_S)

    try:
        ask(folder, "lights")
    except GateAbsent:
        running = False
    else:
        running = True
    if running:
        yield by_the_gate
        return
    site = load(config or SITE)
    indicator = LampIndicator(open_pins(pin_plan(site.pins)), _patterns(site), clock)

    def by_ourselves(cue: Cue, relay: bool) -> None:  # noqa: FBT001 - the shape of Play
        if relay and Output.RELAY not in site.pins.outputs:
            raise ConfigurationError(say("pins.relay: no relay is wired; leave --relay out"))
        pattern = lamp_test_pattern(_patterns(site)[cue], relay=relay)
        indicator.play(pattern)
        clock.wait(never, length_ms(pattern) / 1000 + _BETWEEN_S)
        if end.failed:
            raise GateScannerError(say("{cue}: the lamps stopped half-way; the log has the reason", cue=cue))

    end = ServiceEnd(never)
    with ServiceThread("indicator", indicator, end.fail):
        yield by_ourselves


def _patterns(site: Site) -> dict[Cue, Pattern]:
    return {**PATTERNS, **site.patterns}
