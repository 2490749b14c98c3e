"""``gate-scanner run --config FILE``: the headless service."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import threading

from device.app.service import Service
from device.cli.arguments import SITE, add_config, add_example
from device.clock import SystemClock
from device.errors import Complaints, ConfigurationError
from device.monitor.host import watchdog_faults
from device.monitor.log_format import start_log
from device.monitor.systemd import SystemdNotifier
from device.settings.load import load_for_service
from device.threads import place_of

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = "Be the gate, until it is stopped. On a Pi systemd runs this; by hand stop that one first."
    exits = "0 stopped, 69 a pin or the camera cannot be had, 70 a defect, 78 the site file has mistakes"
    add_example(parser, f"--config {SITE}", exits)
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run until SIGTERM or Ctrl-C; the exit code is `device.app.service`'s."""
    site, located = load_for_service(arguments.config)
    start_log(site.log.level.value)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    notifier = SystemdNotifier()
    for fault in watchdog_faults():
        log.error("event=watchdog-fault reason=%r", fault)
    try:
        return Service(site, SystemClock(), notifier, located=located).run(stop)
    except Complaints:  # they name their file
        raise
    except ConfigurationError as error:
        raise ConfigurationError(f"{arguments.config}: {error}") from error
    except Exception as error:  # noqa: BLE001 - a defect; its text could quote a payload, so it stays out of the log
        log.critical("event=defect reason=%s at=%s", type(error).__name__, place_of(error))
        return os.EX_SOFTWARE
    finally:
        notifier.close()
