"""``gate-scanner hub publish DIR KIND FILE``: check and sign a policy, trust list, watch list or roster."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from device.cli.arguments import add_hub_command
from device.cli.hub_gates import gates_called
from device.clock import SystemClock, utc_text
from device.hub.folder import HubFolder
from device.hub.publishing.publish import PUBLISHABLE, content_of
from device.hub.publishing.store import VALID_DAYS
from device.wire.bundle import PEOPLE_LISTS, BundleKind

_MOST_DAYS = 3650


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type
    """Describe the commands' words."""
    line = "sign a policy, trust list, watch list or roster: gates take it over"
    publish = add_hub_command(commands, "publish", line, _publish, "watch-list people.csv --days 7")
    publish.add_argument(
        "kind", metavar="KIND", choices=[str(kind) for kind in PUBLISHABLE], help=", ".join(PUBLISHABLE)
    )
    publish.add_argument("file", metavar="FILE", type=Path, help="people lists: CSV with a header, or JSON objects")
    publish.add_argument(
        "--gate", metavar="NAME", action="append", default=[], help="people lists: only for this gate; may come again"
    )
    publish.add_argument("--days", type=int, help=f"gates warn after so many ({_defaults()})")

    line = "make a new root key, named by the present one; gates follow by themselves"
    add_hub_command(commands, "root", line, _root)


def _root(arguments: argparse.Namespace) -> int:
    HubFolder(arguments.folder, SystemClock()).renew_root()
    print(f"{arguments.folder / 'root.key'}: new; start the hub anew, and keep a copy of the file")
    return 0


def _defaults() -> str:
    return ", ".join(f"{kind} {VALID_DAYS[kind]}" for kind in PUBLISHABLE)


def _publish(arguments: argparse.Namespace) -> int:
    """Publish; 0, 2 for a word that cannot be meant, 78 when the file or the folder has a mistake."""
    if arguments.days is not None and not 1 <= arguments.days <= _MOST_DAYS:
        print(f"--days: 1 to {_MOST_DAYS}", file=sys.stderr)
        return 2
    kind = BundleKind(arguments.kind)
    if arguments.gate and kind not in PEOPLE_LISTS:
        print(f"--gate: is for {' and '.join(sorted(PEOPLE_LISTS))}; a {kind} is for every gate", file=sys.stderr)
        return 2
    folder = HubFolder(arguments.folder, SystemClock())
    gates = gates_called(folder, arguments.gate)
    if gates is None:
        return 1
    content, bundles = content_of(kind, arguments.file), folder.bundles()
    for gate in gates:
        head = bundles.publish(kind, content, arguments.days, device_id=gate.device_id)
        print(f"{kind} for {gate.device_id} ({gate.name}) alone")
    if not gates:
        head = bundles.publish(kind, content, arguments.days)
        bundles.withdraw_own(kind)
    print(f"{kind} version {head.version}, {head.size} bytes; gates warn after {utc_text(head.valid_until_ms)}")
    if kind in PEOPLE_LISTS:
        print(f"keep {arguments.file} safe, or remove it: gates hold the list in memory only")
    return 0
