"""``gate-scanner hub backup | restore``: a whole copy of a hub, and back again (`device.hub.backup`)."""

from __future__ import annotations

import argparse
from typing import Any

from device.cli.argument_types import a_path
from device.cli.arguments import add_hub_command
from device.clock import SystemClock
from device.hub.backup import back_up, restore
from device.words import number, say


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type
    """Describe the commands' words."""
    line = "copy the whole hub, database and keys, also while it runs"
    backup = add_hub_command(commands, "backup", line, _backup, "/media/stick/hub-monday")
    backup.add_argument("backup", metavar="BACKUP", type=a_path, help="a folder that is not there yet")
    line = "put a backup in the place of a stopped hub; what was there is kept beside it"
    back = add_hub_command(commands, "restore", line, _restore, "/media/stick/hub-monday")
    back.add_argument("backup", metavar="BACKUP", type=a_path, help="what hub backup has made")


def _backup(arguments: argparse.Namespace) -> int:
    size = back_up(arguments.folder, arguments.backup)
    print(say("{file}: {size} bytes, whole", file=arguments.backup, size=number(size, ",")))
    print(say("It holds the keys: who has it can read who came, and be the hub."))
    print(say("Keep it as safe as the hub, and no longer than check-ins may be read (hub init --retention-days)."))
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    replaced = restore(arguments.folder, arguments.backup, SystemClock().reading().wall_ms)
    print(say("{folder}: restored", folder=arguments.folder))
    print(say("Gates send again, by themselves, what they still have and it lacks."))
    print(say("Enrol anew whoever was enrolled, and revoke anew whoever was revoked, after the backup was made."))
    if replaced is not None:
        print(
            say(
                "What was there before is in {folder}; it holds keys too: remove it when it is not needed.",
                folder=replaced,
            )
        )
    return 0
