"""``gate-scanner hub expire``: the end of sealing keys, and who did it."""

from __future__ import annotations

import argparse
import getpass
import os
from contextlib import closing
from datetime import date
from typing import Any

from device.cli.arguments import add_hub_command
from device.clock import SystemClock
from device.hub.folder import HubFolder
from device.hub.maintenance import expire


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type
    """Describe the commands' words."""
    line = "destroy the keys whose time has come, and what is sealed to them; a running hub does it every hour"
    added = add_hub_command(commands, "expire", line, _expire)
    added.add_argument(
        "--today", type=date.fromisoformat, metavar="DATE", help="confirms the clock's day (UTC) when it has leapt"
    )


def _expire(arguments: argparse.Namespace) -> int:
    folder = HubFolder(arguments.folder, SystemClock())
    with closing(folder.open_store()) as store:
        found = expire(folder.keys, store, folder.retention_days, who(), arguments.today)
    for done in found.destroyed:
        print(f"{done.day}: destroyed; {done.checkins} check-ins lost their body; last used by {done.last_day}")
    for key in found.kept:
        why = f"{', '.join(key.waits_for)} may still use it" if key.waits_for else f"was used until {key.last_day}"
        print(f"{key.day}: kept, {why}")
    if not found.destroyed:
        print("nothing was due")
    return 0


def who() -> str:
    """Name the person: who called sudo, else the user."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"
