"""``gate-scanner hub code | revoke | gate``: enrolment codes and documents, revocation, the list of gates."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from device.cli.argument_types import DEVICE_ID, a_gate_name, a_new_gate_name, a_path
from device.cli.arguments import add_command, add_hub_command
from device.cli.table import print_table
from device.clock import SystemClock, utc_text
from device.enrolment import document as enrolment
from device.enrolment.pairing import CODE_LIVES_S
from device.hub.db.database import GateRecord, HubDatabase
from device.hub.db.list_alarms import OUT_OF_TURN
from device.hub.db.queries import Alarm
from device.hub.folder import HubFolder
from device.hub.serve import PORT
from device.uplink.url import is_this_machine


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
    add_hub_command(below, "list", "list gates", _list)


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
        print(f"{name}: is a device id; write a name, or --again for a gate that is registered", file=sys.stderr)
        return 2
    with _opened(arguments) as (folder, store):
        folder.sealing_keys()  # raises: without one no gate can be enrolled
        folder.clock.check()
        gate = None
        if arguments.again:
            gate = _the_one(store, name, folder.path)
            if gate is None:
                return 1
        elif store.find_gates(name):
            print(f"{name}: there is such a gate; --again makes a code that enrols it anew", file=sys.stderr)
            return 1
        code = store.new_code(gate.name if gate else name, gate.device_id if gate else None)
    print(code.letters)
    print(
        f"enrols {f'{gate.device_id} ({gate.name}) anew' if gate else name}, once, within {CODE_LIVES_S // 60} minutes."
    )
    print("In the gate's site file:")
    print(f"  hub: {{url: '{_url(folder)}'}}   # another port if `hub run` was given one")
    print("on the gate:")
    print(f"  sudo -u gate-scanner gate-scanner enrol {code.letters}")
    print(f"or, for a gate that is not enrolled yet and has no keyboard, hub.enrol_code: {code.letters} beside hub.url")
    return 0


def _url(folder: HubFolder) -> str:
    """Return how gates reach the hub: by a name from outside before an address, and this machine's own last."""
    name = min(folder.names, key=lambda name: (is_this_machine(name), name[-1:].isdigit() or ":" in name, name))
    host = f"[{name}]" if ":" in name else name
    return f"{'http' if is_this_machine(name) else 'https'}://{host}:{PORT}"


def _revoke(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as (folder, store):
        gate = _the_one(store, arguments.name, folder.path)
        if gate is None:
            return 1
        folder.revoke(store, gate.device_id, gate.public)
    print(f"{gate.device_id} ({gate.name}) is revoked: it will be told when it next calls, and stops")
    print(f"to take it back: gate-scanner hub code {arguments.folder} {gate.device_id} --again")
    return 0


def _the_one(store: HubDatabase, name: str, folder: Path) -> GateRecord | None:
    """Find one gate by name or device id, or say what is wrong."""
    found = store.find_gates(name)
    if len(found) == 1:
        return found[0]
    several = f"several gates are called so, name one by its id: {', '.join(gate.device_id for gate in found)}"
    none = f"there is no such gate; see: gate-scanner hub gate list {folder}"
    print(f"{name}: {several if found else none}", file=sys.stderr)
    return None


def gates_called(folder: HubFolder, names: Sequence[str]) -> list[GateRecord] | None:
    """Find each gate by name or device id; ``None`` when one is not there, or several are called so (told)."""
    if not names:
        return []
    store = folder.open_store()
    try:
        found = [_the_one(store, name, folder.path) for name in names]
    finally:
        store.close()
    return None if None in found else [gate for gate in found if gate is not None]


def _add(arguments: argparse.Namespace) -> int:
    if arguments.out.exists():
        print(f"{arguments.out}: is there already; choose another name for --out", file=sys.stderr)
        return 1
    if not arguments.out.parent.is_dir():
        print(f"{arguments.out.parent}: there is no such folder", file=sys.stderr)
        return 1
    with _opened(arguments) as (folder, store):
        if store.find_gates(arguments.name):
            print(f"{arguments.name}: there is such a gate; choose another name", file=sys.stderr)
            return 1
    document = folder.add_gate(arguments.name)
    try:
        enrolment.write(arguments.out, document)
    except OSError as error:
        print(
            f"{arguments.out}: cannot be written ({error.strerror}); {document.device_id} stays unused", file=sys.stderr
        )
        return 1
    print(f"{document.device_id} registered; move {arguments.out} into the gate's state folder (mode 0600)")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as (folder, store):
        if (time := folder.clock.now()).off_ms is not None:
            print(f"ALARM the clock says {utc_text(time.said_ms)}: see gate-scanner hub clock {arguments.folder}")
        gates = store.gates()
        if not gates:
            print(f"no gate yet; for each: gate-scanner hub code {arguments.folder} 'Main entrance'")
        print_table([_told(gate) for gate in gates], "", ">8", "", "")
        print_table(
            [(alarm.device_id, f"ALARM {_about(alarm)} since {utc_text(alarm.raised_ms)}") for alarm in store.alarms()],
            "",
            "",
        )
    return 0


def _about(alarm: Alarm) -> str:
    if alarm.kind.endswith(OUT_OF_TURN):
        return f"{alarm.kind}, version {alarm.seq}: unless it was started again and again, hub revoke it at once,"
    return f"{alarm.kind} at row {alarm.seq} of {alarm.epoch}"


def _told(gate: GateRecord) -> tuple[str, ...]:
    heard = "never" if gate.heard_ms is None else utc_text(gate.heard_ms)
    name = f"{gate.name}  REVOKED" if gate.revocation else gate.name
    return gate.device_id, str(gate.checkins), f"last heard {heard}", name
