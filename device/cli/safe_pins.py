"""``gate-scanner safe-pins --config FILE``: every output to its safe level, then end.

systemd runs it after the service has ended, however it ended: after SIGKILL a Pi keeps the level a
line had, and a lamp that stays green or a relay that stays open would lie.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from device.app.site_plans import pin_plan
from device.errors import ConfigurationError, PinUnavailable
from device.indicator.pins import open_pins
from device.settings.load import load_pins


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the site file (YAML)")


def run(arguments: argparse.Namespace) -> int:
    """Open every output at its off level and let it go again; mistakes elsewhere in the file do not matter."""
    pins = load_pins(arguments.config)
    if pins is None:  # `run` has just named each mistake
        print(f"the pins of {arguments.config} cannot be read: no pin was touched", file=sys.stderr)
        return os.EX_CONFIG
    try:
        open_pins(pin_plan(pins)).close()
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return os.EX_CONFIG
    except PinUnavailable as error:
        print(error, file=sys.stderr)
        return os.EX_UNAVAILABLE
    return os.EX_OK
