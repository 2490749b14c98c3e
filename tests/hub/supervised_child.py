"""A hub with two workers on a SQLite file (``python -m tests.hub.supervised_child DIR``), which `hub run` refuses.

The supervisor is the same. Prints a line when all of them serve.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from device.clock import SystemClock
from device.hub.folder import HubFolder
from device.hub.run_plan import RunOptions, plan_of
from device.hub.start import open_listeners, start
from device.monitor.log_format import start_log
from device.monitor.systemd import SystemdNotifier


def say_so() -> None:
    """Tell the test."""
    os.write(1, b"serving\n")


if __name__ == "__main__":
    start_log("info")
    folder = HubFolder(Path(sys.argv[1]), SystemClock())
    plan = replace(plan_of(folder.settings, RunOptions()), workers=2)
    sys.exit(start(folder, plan, open_listeners(plan), say_so, SystemdNotifier()))
