"""``gate-scanner hub code | revoke | gate``: enrolment codes and documents, revocation, the list of gates."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from device.cli.argument_types import a_path
from device.cli.arguments import add_command, add_hub_command
from device.cli.hub_gate_list import add_arguments as add_list_arguments
from device.cli.hub_gate_list import list_gates
from device.cli.hub_gate_names import a_gate_name, a_new_gate_name
from device.clock import SystemClock
from device.enrolment import document as enrolment
from device.enrolment.pairing import CODE_LIVES_S
from device.hub.db.database import HubDatabase
from device.hub.db.gate_records import GateRecord
from device.hub.enrolling import check_whole, gates_url, offer_code
from device.hub.folder import HubFolder
from device.hub.gate_name import DEVICE_ID
from device.words import say, why_of


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type
    """Describe the commands' words."""
    command = partial(add_hub_command, commands)
    code = command("code", "make a code that enrols a gate, once, within 15 minutes", _code, "'Main entrance'")
    code.add_argument(
        "name", metavar="NAME", type=a_gate_name, help="what people call the gate; with --again its device id will do"
    )
    code.add_argument("--again", action="store_true", help="for a gate that is registered: its old key ends")
    revoke = command("revoke", "withdraw a gate's key", _revoke, "'Main entrance'")
    revoke.add_argument("name", metavar="NAME", type=a_gate_name, help="its name or device id")
    below = add_command(commands, "gate", "register and list gates", "list /var/lib/gate-hub").add_subparsers(
        dest="gate_command", metavar="WHAT", required=True
    )
    line = "register a gate and write its enrolment document, to be carried over"
    add = add_hub_command(below, "add", line, _add, "'Main entrance' --out enrolment.json")
    add.add_argument("name", metavar="NAME", type=a_new_gate_name, help="what people call the gate")
    add.add_argument("--out", type=a_path, required=True, help="where to write the document; it holds a private key")
    add_list_arguments(add_hub_command(below, "list", "list gates: how each stands, and alarms", list_gates, "--json"))


@contextmanager
def _opened(arguments: argparse.Namespace) -> Iterator[tuple[HubFolder, HubDatabase]]:
    folder = HubFolder(arguments.folder, SystemClock())
    store = folder.open_store()
    try:
        yield folder, store
    finally:
        store.close()


def _code(arguments: argparse.Namespace) -> int:
    name = arguments.name
    if not arguments.again and DEVICE_ID.fullmatch(name):
        print(
            say("{name}: is a device id; write a name, or --again for a gate that is registered", name=name),
            file=sys.stderr,
        )
        return 2
    with _opened(arguments) as (folder, store):
        check_whole(folder)
        gate = None
        if arguments.again:
            gate = the_gate(store, name, folder.path)
            if gate is None:
                return 1
        elif store.find_gates(name):
            print(
                say("{name}: there is such a gate; --again makes a code that enrols it anew", name=name),
                file=sys.stderr,
            )
            return 1
        called, device_id = (gate.name, gate.device_id) if gate else (name, None)
        with store.begin() as connection:
            code, older_ms, now_ms = offer_code(connection, called, device_id, store.now_ms())
    print(code.letters)
    minutes = CODE_LIVES_S // 60
    if gate is None:
        print(say("enrols {name}, once, within {minutes} minutes.", name=name, minutes=minutes))
    else:
        who = f"{gate.device_id} ({gate.name})"
        print(say("enrols {gate} anew, once, within {minutes} minutes.", gate=who, minutes=minutes))
    if older_ms is not None:
        left = math.ceil((older_ms - now_ms) / 60_000)
        print(say("An older code of it stays good too: another {minutes} min, or until it is used.", minutes=left))
    print(say("In the gate's site file:"))
    mapping = f"hub: {{url: '{gates_url(folder)}'}}"
    print(f"  {mapping}   # {say('another port if `hub run` was given one')}")
    print(say("on the gate:"))
    command = f"sudo -u gate-scanner gate-scanner enrol {code.letters}"
    print(f"  {command}")
    told = say(
        "or, for a gate that is not enrolled yet and has no keyboard, hub.enrol_code: {code} beside hub.url",
        code=code.letters,
    )
    print(told)
    return 0


def _revoke(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as (folder, store):
        gate = the_gate(store, arguments.name, folder.path)
        if gate is None:
            return 1
        folder.revoke(store, gate.device_id, gate.public)
    who = f"{gate.device_id} ({gate.name})"
    print(say("{gate} is revoked: it will be told when it next calls, and stops", gate=who))
    again = f"gate-scanner hub code {arguments.folder} {gate.device_id} --again"
    print(say("to take it back: {command}", command=again))
    return 0


def the_gate(store: HubDatabase, name: str, folder: Path) -> GateRecord | None:
    """Find one gate by name or device id, or say what is wrong."""
    found = store.find_gates(name)
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(gate.device_id for gate in found)
        told = say("{name}: several gates are called so, name one by its id: {ids}", name=name, ids=ids)
    else:
        command = f"gate-scanner hub gate list {folder}"
        told = say("{name}: there is no such gate; see: {command}", name=name, command=command)
    print(told, file=sys.stderr)
    return None


def gates_called(folder: HubFolder, names: Sequence[str]) -> list[GateRecord] | None:
    """Find each gate by name or device id; ``None`` when one is not there, or several are called so (told)."""
    if not names:
        return []
    store = folder.open_store()
    try:
        found = [the_gate(store, name, folder.path) for name in names]
    finally:
        store.close()
    return None if None in found else [gate for gate in found if gate is not None]


def _add(arguments: argparse.Namespace) -> int:
    if arguments.out.exists():
        print(say("{file}: is there already; choose another name for --out", file=arguments.out), file=sys.stderr)
        return 1
    if not arguments.out.parent.is_dir():
        print(say("{folder}: there is no such folder", folder=arguments.out.parent), file=sys.stderr)
        return 1
    with _opened(arguments) as (folder, store):
        if store.find_gates(arguments.name):
            print(say("{name}: there is such a gate; choose another name", name=arguments.name), file=sys.stderr)
            return 1
    document = folder.add_gate(arguments.name)
    try:
        enrolment.write(arguments.out, document)
    except OSError as error:
        told = say(
            "{file}: cannot be written ({why}); {gate} stays unused",
            file=arguments.out,
            why=why_of(error),
            gate=document.device_id,
        )
        print(told, file=sys.stderr)
        return 1
    print(
        say(
            "{gate} registered; move {file} into the gate's state folder (mode 0600)",
            gate=document.device_id,
            file=arguments.out,
        )
    )
    return 0
