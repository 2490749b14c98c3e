"""``gate-scanner hub expire | clock``: the end of sealing keys and who did it, and the clock that they go by."""

from __future__ import annotations

import argparse
import getpass
import os
import pwd
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from device.cli.argument_types import a_day, a_path
from device.cli.arguments import add_hub_command
from device.clock import SystemClock, utc_day, utc_text
from device.errors import shown
from device.hub.db.clock_doubts import read_doubts
from device.hub.db.retention import record_maintenance_day
from device.hub.folder import HubFolder
from device.hub.ingest_folder import write_ingest_folder
from device.hub.maintenance import expire
from device.words import say, say_many

_LOGIN_UID: Final = Path("/proc/self/loginuid")
_NO_LOGIN: Final = 0xFFFF_FFFF
"""What the kernel says where nobody logged in (proc_pid_loginuid(5))."""


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type
    """Describe the commands' words."""
    line = "destroy the keys whose time has come, and what is sealed to them; a running hub does it every hour"
    added = add_hub_command(commands, "expire", line, _expire)
    added.add_argument("--today", type=a_day, metavar="DATE", help="confirms the clock's day (UTC) when it has leapt")

    line = "write the folder of a host that only takes what gates send, or bring it up to date"
    ingest = add_hub_command(commands, "ingest", line, _ingest, "/srv/ingest-1")
    ingest.add_argument("target", metavar="TARGET", type=a_path, help="the folder, to be copied to that host")

    line = "tell whether the hub's clock is believed, and which check-ins arrived while it was not"
    clock = add_hub_command(commands, "clock", line, _clock, "--accept")
    clock.add_argument("--accept", action="store_true", help="say that it is right after it has leapt")


def _ingest(arguments: argparse.Namespace) -> int:
    write_ingest_folder(HubFolder(arguments.folder, SystemClock()), arguments.target)
    print(
        say(
            "{folder}: for a host that only takes what gates send; no private key of who came is in it",
            folder=arguments.target,
        )
    )
    print(say("put the database's password there beside hub.yaml, where one is needed; write it again every day"))
    return 0


def _clock(arguments: argparse.Namespace) -> int:
    """Tell; 0 while the clock is believed, else 1."""
    folder = HubFolder(arguments.folder, SystemClock())
    with closing(folder.open_store()) as store:
        if arguments.accept:
            folder.clock.accept()
            with store.begin() as connection:
                record_maintenance_day(connection, utc_day(folder.clock.now().now_ms))
        time = folder.clock.now()
        print(say("the clock says {time}", time=utc_text(time.said_ms)))
        if time.off_ms is None:
            print(say("it is believed"))
        else:
            print(say("it is in doubt: it should be about {time}", time=utc_text(time.now_ms)))
            print(say("no gate is told the time or enrolled, no key is made or destroyed; check-ins are taken"))
            command = f"gate-scanner hub clock {arguments.folder} --accept"
            print(say("set it right, or when it is right: {command}", command=command))
        with store.reading() as connection:
            for doubt in read_doubts(connection):
                told = say(
                    "arrivals {first} to {last}, from about {time}: the clock was off by {seconds} s",
                    first=doubt.first_arrival,
                    last=doubt.last_arrival,
                    time=utc_text(doubt.began_ms),
                    seconds=doubt.off_ms // 1000,
                )
                print(told)
    return 0 if time.off_ms is None else 1


def _expire(arguments: argparse.Namespace) -> int:
    folder = HubFolder(arguments.folder, SystemClock())
    with closing(folder.open_store()) as store:
        found = expire(folder.keys, store, folder.retention_days, who(), arguments.today)
    for done in found.destroyed:
        told = say_many(
            "{day}: destroyed; {count} check-in lost its body; last used by {last}",
            "{day}: destroyed; {count} check-ins lost their body; last used by {last}",
            day=done.day,
            count=done.checkins,
            last=done.last_day,
        )
        print(told)
    for key in found.kept:
        if key.stray:
            print(say("{day}: of a day far off, made when the clock had leapt; offered to nobody", day=key.day))
        if key.waits_for:
            gates = ", ".join(key.waits_for)
            print(say("{day}: kept, {gates} may still use it", day=key.day, gates=gates))
        else:
            print(say("{day}: kept, was used until {last}", day=key.day, last=key.last_day))
    if not found.destroyed:
        print(say("nothing was due"))
    return 0


def who() -> str:
    """Name the person: who called sudo, else the user; and by which user the machine was logged in to.

    The first of them anybody may set; the login's the kernel keeps, also through sudo and su.
    """
    try:
        name = os.environ.get("SUDO_USER") or getpass.getuser()
    except (OSError, KeyError):
        name = f"uid {os.getuid()}"
    return f"{shown(name)} ({_login()})"


def _login() -> str:
    try:
        uid = int(_LOGIN_UID.read_text("ascii"))
    except (OSError, ValueError):
        return "login unknown"
    if uid == _NO_LOGIN:
        return "no login"  # a service, a container
    try:
        return f"login {uid}, {shown(pwd.getpwuid(uid).pw_name)}"
    except KeyError:
        return f"login {uid}"
