"""``gate-scanner hub publish DIR KIND FILE``: check and sign a policy, trust list, watch list or roster."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from device.cli.argument_types import a_path, whole_number
from device.cli.arguments import add_hub_command
from device.cli.hub_gate_names import a_gate_name
from device.cli.hub_gates import gates_called
from device.clock import SystemClock, utc_text
from device.errors import Complaints, ConfigurationError, shown
from device.hub.folder import HubFolder
from device.hub.publishing.people_file import passed_over_lines, read_people_file
from device.hub.publishing.publish import PUBLISHABLE, content_of, content_of_people, numbers_in
from device.hub.publishing.store import VALID_DAYS
from device.settings.load import parse_policy
from device.settings.policy_lines import begins, lines_of_policy, lists_asked
from device.wire.bundle import MOST_ENTRIES, PEOPLE_LISTS, BundleKind, Head
from device.words import number, say, say_many, sentence

NOBODY: Final = sentence("{file}: nobody is in it; write --empty if that is meant. Nothing was changed")
_NO_POLICY: Final = sentence(
    "gates with policy: {{from: hub}} do not look at the {kind} yet, for no policy is published here; an example is "
    "config/policy/expected-guests.yaml: {command}"
)
_NOT_ASKED: Final = sentence(
    "gates with policy: {{from: hub}} do not look at the {kind}, for policy {version}, published here, has no {key}: "
    "as in config/policy/expected-guests.yaml"
)
_MOST_DAYS = 3650
_MANY = 5_000
"""Numbers whose digests take some seconds."""


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type
    """Describe the commands' words."""
    line = "sign a policy, trust list, watch list or roster: gates take it over"
    publish = add_hub_command(commands, "publish", line, _publish, "watch-list people.csv --days 7")
    publish.add_argument(
        "kind", metavar="KIND", choices=[str(kind) for kind in PUBLISHABLE], help=", ".join(PUBLISHABLE)
    )
    publish.add_argument(
        "file", metavar="FILE", type=a_path, help="people lists: .xlsx or CSV with a header, or JSON objects"
    )
    publish.add_argument("--empty", action="store_true", help="publish a people list though nobody is in it")
    publish.add_argument(
        "--gate",
        metavar="NAME",
        type=a_gate_name,
        action="append",
        default=[],
        help="people lists: only for this gate; may come again",
    )
    publish.add_argument(
        "--days", type=whole_number(1, _MOST_DAYS), metavar="N", help=f"gates warn after so many ({_defaults()})"
    )

    line = "make a new root key, named by the present one; gates follow by themselves"
    add_hub_command(commands, "root", line, _root)


def _root(arguments: argparse.Namespace) -> int:
    HubFolder(arguments.folder, SystemClock()).renew_root()
    file = arguments.folder / "root.key"
    print(say("{file}: new; start the hub anew, and keep a copy of the file", file=file))
    return 0


def _defaults() -> str:
    return ", ".join(f"{kind} {VALID_DAYS[kind]}" for kind in PUBLISHABLE)


def _publish(arguments: argparse.Namespace) -> int:
    """Publish; 0, 2 for a word that cannot be meant, 78 when the file or the folder has a mistake."""
    kind = BundleKind(arguments.kind)
    if arguments.gate and kind not in PEOPLE_LISTS:
        lists = ", ".join(sorted(PEOPLE_LISTS))
        print(say("--gate: is for {lists}; a {kind} is for every gate", lists=lists, kind=kind), file=sys.stderr)
        return 2
    folder = HubFolder(arguments.folder, SystemClock())
    gates = gates_called(folder, arguments.gate)
    if gates is None:
        return 1
    content = (
        _people(arguments.file, empty=arguments.empty) if kind in PEOPLE_LISTS else content_of(kind, arguments.file)
    )
    bundles = folder.bundles()
    for gate in gates:
        before = bundles.head(kind, gate.device_id)
        head = bundles.publish(kind, content, arguments.days, device_id=gate.device_id)
        who = f"{gate.device_id} ({gate.name})"
        print(say("{kind} for {gate} alone: {count}", kind=kind, gate=who, count=_counted(head, before)))
    if not gates:
        before = bundles.head(kind)
        head = bundles.publish(kind, content, arguments.days)
        bundles.withdraw_own(kind)
        if kind in PEOPLE_LISTS:
            print(say("{kind}: {count}", kind=kind, count=_counted(head, before)))
    told = say(
        "{kind} version {version}, {size} bytes; gates warn after {time}",
        kind=kind,
        version=head.version,
        size=head.size,
        time=utc_text(head.valid_until_ms),
    )
    print(told)
    for line in _effect(kind, folder):
        print(line)
    if kind in PEOPLE_LISTS:
        print(say("keep {file} safe, or remove it: gates hold the list in memory only", file=arguments.file))
    return 0


def _effect(kind: BundleKind, folder: HubFolder) -> Iterator[str]:
    """Yield what a person should know of what was published: what it says, and what it still lacks to count."""
    bundles, publish = folder.bundles(), f"gate-scanner hub publish {shlex.quote(str(folder.path))}"
    content = bundles.content(BundleKind.POLICY)
    if kind is BundleKind.TRUST:
        return
    if content is None:
        yield say(_NO_POLICY, kind=kind, command=f"{publish} policy FILE")
        return
    try:
        policy = parse_policy(content.decode())
    except Complaints:
        return  # of another version of this program
    if kind is BundleKind.POLICY:
        yield from lines_of_policy(policy)
        if policy.valid_from_ms > SystemClock().reading().wall_ms:
            yield say("NOT IN FORCE YET: until {time} gates go on by the rules they have", time=begins(policy))
        for one in lists_asked(policy):
            if bundles.head(BundleKind(one)) is None:
                command = f"{publish} {one} FILE"
                yield say("no {kind} is published for all gates: {command}", kind=one, command=command)
    elif kind not in lists_asked(policy):
        yield say(_NOT_ASKED, kind=kind, version=shown(policy.version), key=kind.replace("-", "_"))


def _people(file: Path, *, empty: bool) -> bytes:
    """Read a people list; raises `ConfigurationError` when nobody is in it and that was not meant."""
    people = read_people_file(file, MOST_ENTRIES)
    if not people.keys and not empty:
        raise ConfigurationError(say(NOBODY, file=file))
    for line in passed_over_lines(people):
        print(line)
    if len(people.keys) >= _MANY:
        print(say("{count} numbers: their digests take a while", count=number(len(people.keys), ",")), flush=True)
    return content_of_people(people.keys)


def _counted(head: Head, before: Head | None) -> str:
    """Say how many numbers are in the list that was published, and how many in the one it replaces."""
    now = numbers_in(head.size)
    if before is None:
        return say_many("{count} number (none before)", "{count} numbers (none before)", now)
    was = number(numbers_in(before.size), ",")
    return say_many("{count} number (before {was})", "{count} numbers (before {was})", now, was=was)
