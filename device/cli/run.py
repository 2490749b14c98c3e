"""``gate-scanner run --config FILE``: the headless service."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from device.app.service import Service
from device.clock import SystemClock
from device.errors import Complaints, ConfigurationError
from device.monitor.host import watchdog_faults
from device.monitor.log_format import start_log
from device.monitor.systemd import SystemdNotifier
from device.settings.load import load
from device.threads import place_of

log = logging.getLogger("gate.app")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the site file (YAML)")


def run(arguments: argparse.Namespace) -> int:
    """Run until SIGTERM or Ctrl-C; the exit code is `device.app.service`'s."""
    try:
        site = load(arguments.config)
    except Complaints as mistakes:
        print(mistakes, file=sys.stderr)
        return os.EX_CONFIG
    start_log(site.log.level.value)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    notifier = SystemdNotifier()
    for fault in watchdog_faults():
        log.error("watchdog fault=%s", fault)
    try:
        return Service(site, SystemClock(), notifier).run(stop)
    except Complaints as mistakes:
        print(mistakes, file=sys.stderr)
        return os.EX_CONFIG
    except ConfigurationError as error:
        print(f"{arguments.config}: {error}", file=sys.stderr)
        return os.EX_CONFIG
    except Exception as error:  # noqa: BLE001 - a defect; its text could quote a payload, so it stays out of the log
        log.critical("event=defect reason=%s at=%s", type(error).__name__, place_of(error))
        return os.EX_SOFTWARE
    finally:
        notifier.close()
