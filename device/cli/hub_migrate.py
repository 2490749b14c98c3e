"""``gate-scanner hub migrate``: raise the database of a stopped hub to what this program needs."""

from __future__ import annotations

import argparse
from typing import Any

from device.cli.arguments import add_hub_command
from device.clock import SystemClock
from device.hub.folder import HubFolder
from device.hub.migrating import migrate
from device.words import say


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type
    """Describe the commands' words."""
    line = "bring the database of a stopped hub to what this version needs; do it after an upgrade"
    added = add_hub_command(commands, "migrate", line, _migrate, "--dry-run")
    added.add_argument("--dry-run", action="store_true", help="tell what there is to do, and change nothing")


def _migrate(arguments: argparse.Namespace) -> int:
    folder = HubFolder(arguments.folder, SystemClock())
    steps = migrate(folder, lambda line: print(line, flush=True), dry_run=arguments.dry_run)
    if not steps:
        print(say("{folder}: nothing to migrate", folder=folder.path))
    elif arguments.dry_run:
        print(say("nothing was changed; make a backup (hub backup), stop the hub, and run it without --dry-run"))
    else:
        print(say("{folder}: migrated; start the hub", folder=folder.path))
    return 0
