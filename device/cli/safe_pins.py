"""``gate-scanner safe-pins --config FILE``: every output to its safe level, then end.

systemd runs it after the service has ended, however it ended: after SIGKILL a Pi keeps the level a
line had, and a lamp that stays green or a relay that stays open would lie.
"""

from __future__ import annotations

import argparse

from device.app.site_plans import pin_plan
from device.cli.arguments import SITE, add_config, add_example
from device.errors import ConfigurationError
from device.indicator.pins import open_pins
from device.settings.load import load_pins


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Put every output to its safe level and end. systemd runs this after the service has ended: a Pi keeps the "
        "level that a pin had."
    )
    add_example(parser, f"--config {SITE}", "0 done, 69 a pin cannot be had, 78 the pins cannot be read")
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Open every output at its off level and let it go again; mistakes elsewhere in the file do not matter.

    Returns 0; 78 when the pins cannot be read, 69 when they cannot be had.
    """
    pins = load_pins(arguments.config)
    if pins is None:  # `run` has just named each mistake
        raise ConfigurationError(f"the pins of {arguments.config} cannot be read: no pin was touched")
    open_pins(pin_plan(pins)).close()
    return 0
