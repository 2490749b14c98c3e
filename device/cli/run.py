"""``gate-scanner run --config FILE``: the headless service."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from device.app import EX_CONFIG, EX_FAILED, Service
from device.clock import SystemClock
from device.errors import ConfigurationError
from device.settings.load import Complaints, load
from device.systemd import SystemdNotifier

log = logging.getLogger("gate.app")

_PRIORITIES = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the site file (YAML)")


def run(arguments: argparse.Namespace) -> int:
    """Run until SIGTERM or Ctrl-C; the exit code is `device.app`'s."""
    try:
        site = load(arguments.config)
    except Complaints as mistakes:
        print(mistakes, file=sys.stderr)
        return EX_CONFIG
    start_log(site.log.level.value)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    notifier = SystemdNotifier()
    try:
        return Service(site, SystemClock(), notifier).run(stop)
    except Complaints as mistakes:
        print(mistakes, file=sys.stderr)
        return EX_CONFIG
    except ConfigurationError as error:
        print(f"{arguments.config}: {error}", file=sys.stderr)
        return EX_CONFIG
    except Exception as error:  # noqa: BLE001 - a defect; its text could quote a payload, so it stays out of the log
        log.critical("defect error=%s at=%s", type(error).__name__, _place_of(error))
        return EX_FAILED
    finally:
        notifier.close()


def start_log(level: str) -> None:
    """Log one line an event to standard error; under systemd each line carries its priority."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # its lines name URLs at every retry


class _Line(logging.Formatter):
    """One line, whatever the message holds."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record).replace("\n", " ").replace("\r", " ")
        return f"<{_PRIORITIES.get(record.levelname, 6)}>{text}" if "JOURNAL_STREAM" in os.environ else text


def _place_of(error: BaseException) -> str:
    """Return the innermost line of ours, like ``gate.py:120``."""
    place, trace = "?", error.__traceback__
    while trace is not None:
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
