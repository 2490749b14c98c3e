"""``gate-scanner tell-mistakes --config FILE``: the lamps say CONFIG for as long as the site file has mistakes.

systemd runs it when the gate stays down because of them (`systemd/gate-scanner-mistakes.service`): a dark door would
look like one without power. It ends by itself when the file is right, and at once when the gate is started.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from device.app import EX_CONFIG, EX_OK, EX_UNAVAILABLE
from device.clock import Clock, SystemClock
from device.cue import Cue
from device.errors import ConfigurationError, PinUnavailable
from device.indicator import LampIndicator
from device.pins import open_pins
from device.plans import pin_plan
from device.policy import SCORES
from device.settings.load import Complaints, load, load_pins

_LOOK_EVERY_S = 2.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the site file (YAML)")


def run(arguments: argparse.Namespace) -> int:
    """Say so until the file is right or SIGTERM comes: 0; 78 when the pins cannot be read, 69 when not be had."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return tell(arguments.config, SystemClock(), stop)


def tell(config: Path, clock: Clock, stop: threading.Event) -> int:
    """Do it; *stop* ends it."""
    pins = load_pins(config)
    if pins is None:
        print(f"the pins of {config} cannot be read: no lamp can say so", file=sys.stderr)
        return EX_CONFIG
    if not _mistakes(config):
        return EX_OK
    try:
        indicator = LampIndicator(open_pins(pin_plan(pins)), SCORES, clock)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return EX_CONFIG
    except PinUnavailable as error:
        print(error, file=sys.stderr)
        return EX_UNAVAILABLE
    indicator.rest_on(Cue.CONFIG)
    while _mistakes(config) and not clock.wait(stop, _LOOK_EVERY_S):
        pass
    indicator.close()
    return EX_OK


def _mistakes(config: Path) -> bool:
    try:
        load(config)
    except Complaints:
        return True
    return False
