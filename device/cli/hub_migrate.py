"""``gate-scanner hub migrate | move``: the database of a stopped hub, raised to this version or moved to PostgreSQL."""

from __future__ import annotations

import argparse
from typing import Any

from device.cli.arguments import add_hub_command
from device.clock import SystemClock
from device.hub.folder import HubFolder
from device.hub.migrating import migrate
from device.hub.moving import move
from device.words import say


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type
    """Describe the commands' words."""
    line = "bring the database of a stopped hub to what this version needs; do it after an upgrade"
    added = add_hub_command(commands, "migrate", line, _migrate, "--dry-run")
    added.add_argument("--dry-run", action="store_true", help="tell what there is to do, and change nothing")
    line = "copy a stopped hub from its SQLite file into the PostgreSQL that its hub.yaml names by now"
    add_hub_command(commands, "move", line, _move, "")


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


def _move(arguments: argparse.Namespace) -> int:
    folder = HubFolder(arguments.folder, SystemClock())
    file = move(folder, lambda line: print(line, flush=True))
    print(say("{folder}: moved; start the hub. When it runs well, remove {file}", folder=folder.path, file=file))
    return 0
