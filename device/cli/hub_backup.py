"""``gate-scanner hub backup | restore``: a copy of a hub or of a part of it, and back again (`device.hub.backup`)."""

from __future__ import annotations

import argparse
from typing import Any

from device.cli.argument_types import a_path, whole_number
from device.cli.arguments import add_hub_command
from device.clock import SystemClock, utc_day
from device.errors import ConfigurationError
from device.hub.backup import back_up, restore
from device.hub.backup_terms import Part, overdue
from device.hub.folder import HubFolder
from device.hub.settings.schema import MOST_RETENTION_DAYS
from device.words import number, say


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type
    """Describe the commands' words."""
    line = "copy the whole hub, database and keys, also while it runs"
    backup = add_hub_command(commands, "backup", line, _backup, "/media/stick/hub-monday")
    backup.add_argument("backup", metavar="BACKUP", type=a_path, help="a folder that is not there yet")
    backup.add_argument(
        "--only",
        choices=[Part.DATABASE, Part.KEYS],
        help="this alone; of PostgreSQL each by itself, to two places (keys: all that is not the database)",
    )
    backup.add_argument(
        "--keep-days",
        type=whole_number(1, MOST_RETENTION_DAYS),
        metavar="DAYS",
        help="how long it will be kept (default: as long as who came can be read)",
    )
    line = "put a backup in the place of a stopped hub; what was there is kept beside it"
    back = add_hub_command(commands, "restore", line, _restore, "/media/stick/hub-monday")
    back.add_argument("backup", metavar="BACKUP", type=a_path, help="what hub backup has made")
    for command in (backup, back):
        command.add_argument(
            "--outlive-retention",
            action="store_true",
            help="also where who came would be readable in it for longer than the hub keeps that",
        )


def _backup(arguments: argparse.Namespace) -> int:
    hub = HubFolder(arguments.folder, SystemClock())
    keep_days, most = arguments.keep_days, hub.retention_days
    if keep_days is not None and keep_days > most and not arguments.outlive_retention:
        told = say(
            "--keep-days {days}: who came can be read for {most} days; a backup that is kept longer would undo that. "
            "Keep it for {most} days at most, or add --outlive-retention",
            days=keep_days,
            most=most,
        )
        raise ConfigurationError(told)
    part = None if arguments.only is None else Part(arguments.only)
    terms = back_up(hub, arguments.backup, part, keep_days)
    size = sum(path.stat().st_size for path in arguments.backup.rglob("*") if path.is_file())
    print(say("{file}: {size} bytes, whole", file=arguments.backup, size=number(size, ",")))
    if terms.part is Part.DATABASE:
        print(say("It can be read with the keys: keep it in another place than theirs."))
    else:
        print(say("It holds the keys: who has it can read who came, and be the hub."))
    print(say("Remove it by {day}: what it holds is to be forgotten then.", day=terms.remove_by))
    for old in overdue(arguments.backup.parent, utc_day(SystemClock().reading().wall_ms)):
        print(say("{folder}: was to be removed before today", folder=old))
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    now_ms = SystemClock().reading().wall_ms
    done = restore(arguments.folder, arguments.backup, now_ms, overdue=arguments.outlive_retention)
    print(say("{folder}: restored", folder=arguments.folder))
    if done.part is not Part.KEYS:
        print(say("Gates send again, by themselves, what they still have and it lacks."))
    print(say("Enrol anew whoever was enrolled, and revoke anew whoever was revoked, after the backup was made."))
    for sentence in done.lost:
        print(sentence)
    if done.replaced is not None:
        print(
            say(
                "What was there before is in {folder}; it may hold keys too: remove it when it is not needed.",
                folder=done.replaced,
            )
        )
    return 0
