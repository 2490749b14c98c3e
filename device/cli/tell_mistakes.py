"""``gate-scanner tell-mistakes --config FILE``: the lamps say CONFIG until they are told to stop.

systemd runs it when the gate stays down because of its site file, or of a file that is named there
(`systemd/gate-scanner-mistakes.service`): a dark door would look like one without power. systemd stops it when the gate
is started. Where nothing is wrong it lights nothing.
"""

from __future__ import annotations

import argparse
import os
import signal
import threading
from pathlib import Path

from device.app.preflight import check_documents, check_files
from device.app.site_plans import pin_plan
from device.cli.arguments import SITE, add_config, add_example
from device.clock import Clock, SystemClock
from device.errors import ConfigurationError
from device.indicator.pins import open_pins
from device.indicator.player import LampIndicator
from device.model import Cue
from device.policy import PATTERNS
from device.settings.load import load_for_service, load_pins
from device.threads import ServiceEnd, ServiceThread

_A_MINUTE_S = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Let the lamps say that the site file has mistakes, until it has none. systemd runs this when the gate "
        "cannot start because of it."
    )
    exits = "0 stopped, or nothing is wrong; 69 a pin cannot be had, 70 a defect, 78 the pins cannot be read"
    add_example(parser, f"--config {SITE}", exits)
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Say so until SIGTERM: 0; 78 when the pins cannot be read, 69 when they cannot be had."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return tell(arguments.config, SystemClock(), stop)


def tell(config: Path, clock: Clock, stop: threading.Event) -> int:
    """Let the lamps say CONFIG until *stop* is set; where nothing is wrong, return at once.

    Returns:
        0; 70 (``EX_SOFTWARE``) when the lamps' thread ended with a defect.

    Raises:
        ConfigurationError: the pins cannot be read, or there is no such driver.
        PinUnavailable: they cannot be had.
    """
    pins = load_pins(config)
    if pins is None:
        raise ConfigurationError(f"the pins of {config} cannot be read: no lamp can say so")
    if not _mistakes(config):
        return os.EX_OK
    indicator = LampIndicator(open_pins(pin_plan(pins)), PATTERNS, clock)
    end = ServiceEnd(stop)
    with ServiceThread("indicator", indicator, end.fail):
        indicator.rest_on(Cue.CONFIG)
        while not clock.wait(stop, _A_MINUTE_S):
            pass
    return os.EX_SOFTWARE if end.failed else os.EX_OK


def _mistakes(config: Path) -> bool:
    """Return whether the gate would end with 78."""
    try:
        site, located = load_for_service(config)
        check_files(site, located)
        check_documents(site)
    except ConfigurationError:  # Complaints too
        return True
    return False
