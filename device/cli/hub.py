"""``gate-scanner hub``: make a hub, run it, register gates, look at what arrived."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from device import enrolment
from device.clock import SystemClock
from device.errors import ConfigurationError
from device.hub.serve import LOOPBACK, serve
from device.sealing import Body

try:
    from device.hub.folder import HubFolder
    from device.hub.register import Arrived
    from device.hub.unsealing import unsealed
except ModuleNotFoundError as error:  # a gate is installed without them
    raise SystemExit(f"the hub needs {error.name}; install gate-scanner[hub]") from None

_EX_CONFIG = 78


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's words."""
    commands = parser.add_subparsers(dest="hub_command", metavar="WHAT", required=True)

    def command(name: str, line: str, run: Any) -> argparse.ArgumentParser:  # noqa: ANN401 - one of the functions below
        added: argparse.ArgumentParser = commands.add_parser(name, help=line, description=line)
        added.add_argument("folder", metavar="DIR", type=Path, help="the hub's folder")
        added.set_defaults(hub_run=run)
        return added

    command("init", "make a new hub", _init)
    run = command("run", "serve until stopped", _run)
    run.add_argument("--host", default=LOOPBACK, help="address to listen on (default: this machine only)")
    run.add_argument("--port", type=int, default=8400, help="default: 8400")
    gate = commands.add_parser("gate", help="register and list gates").add_subparsers(
        dest="gate_command", metavar="WHAT", required=True
    )
    add = gate.add_parser("add", help="register a gate and write its enrolment document")
    add.add_argument("folder", metavar="DIR", type=Path, help="the hub's folder")
    add.add_argument("name", metavar="NAME", help="what people call the gate")
    add.add_argument("--out", type=Path, required=True, help="where to write the document; it holds a secret")
    add.set_defaults(hub_run=_gate_add)
    listing = gate.add_parser("list", help="list gates")
    listing.add_argument("folder", metavar="DIR", type=Path, help="the hub's folder")
    listing.set_defaults(hub_run=_gate_list)
    checkins = command("checkins", "list what arrived, one JSON object a line", _checkins)
    checkins.add_argument("--unseal", action="store_true", help="open the seals; this is recorded")
    checkins.add_argument("--reason", default="", help="why they are opened; needed with --unseal")


def run(arguments: argparse.Namespace) -> int:
    """Run one of the hub's commands: 0 done, 1 failed, 2 usage, 78 the folder is not usable."""
    try:
        code = arguments.hub_run(arguments)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return _EX_CONFIG
    assert isinstance(code, int)
    return code


def _init(arguments: argparse.Namespace) -> int:
    folder = HubFolder.create(arguments.folder, SystemClock())
    print(f"hub made in {folder.path}")
    print(f"  operator's token: {folder.path / 'operator.token'}")
    print(f"  keep a copy of {folder.path / 'keys'}: without it nobody can read who came")
    print(f"next: gate-scanner hub gate add {folder.path} NAME --out {enrolment.FILE_NAME}")
    return 0


def _run(arguments: argparse.Namespace) -> int:
    if not 1 <= arguments.port <= 65_535:
        print("--port: 1 to 65535", file=sys.stderr)
        return 2
    folder = HubFolder(arguments.folder, SystemClock())
    print(f"hub on http://{arguments.host}:{arguments.port}", flush=True)
    serve(folder, arguments.host, arguments.port)
    return 0


def _gate_add(arguments: argparse.Namespace) -> int:
    if arguments.out.exists():
        print(f"{arguments.out}: is there already; choose another name for --out", file=sys.stderr)
        return 1
    if not arguments.out.parent.is_dir():
        print(f"{arguments.out.parent}: there is no such folder", file=sys.stderr)
        return 1
    folder = HubFolder(arguments.folder, SystemClock())
    document = folder.add_gate(_plain(arguments.name))
    try:
        enrolment.write(arguments.out, document)
    except OSError as error:
        print(
            f"{arguments.out}: cannot be written ({error.strerror}); {document.device_id} stays unused", file=sys.stderr
        )
        return 1
    print(f"{document.device_id} registered; move {arguments.out} into the gate's state folder (mode 0600)")
    return 0


def _gate_list(arguments: argparse.Namespace) -> int:
    store = HubFolder(arguments.folder, SystemClock()).open_store()
    try:
        for gate in store.gates():
            heard = "never" if gate.heard_ms is None else _utc(gate.heard_ms)
            print(f"{gate.device_id}  {gate.checkins:>8}  last heard {heard}  {gate.name}")
        for alarm in store.alarms():
            where = f"row {alarm.seq} of {alarm.epoch}"
            print(f"{alarm.device_id}  ALARM {alarm.kind} at {where} since {_utc(alarm.raised_ms)}")
    finally:
        store.close()
    return 0


def _checkins(arguments: argparse.Namespace) -> int:
    if arguments.unseal and not arguments.reason.strip():
        print("--unseal needs --reason: who reads who came must say why", file=sys.stderr)
        return 2
    folder = HubFolder(arguments.folder, SystemClock())
    store = folder.open_store()
    try:
        opened: Iterator[tuple[Arrived, Body | None]]
        if arguments.unseal:
            opened = unsealed(folder, store, _who(), arguments.reason)
        else:
            opened = ((arrived, None) for arrived in store.every_checkin())
        for arrived, body in opened:
            line = _document(arrived)
            if arguments.unseal:
                line["unsealed"] = None if body is None else _body(body)
            # ASCII only: whatever stood in a QR code, a terminal sees letters, digits and \uXXXX.
            print(json.dumps(line))
    finally:
        store.close()
    return 0


def _document(arrived: Arrived) -> dict[str, Any]:
    row = arrived.row
    return {
        "arrival": arrived.arrival,
        "arrived": _utc(arrived.arrived_ms),
        "device": arrived.device_id,
        "epoch": arrived.epoch,
        "seq": row.seq,
        "at": _utc(row.at.wall_ms),
        "clock": row.at.state.value,
        "direction": row.direction.value,
        "counted": row.counted,
        "place": arrived.place.name if arrived.place else row.place_id,
        "sealed_bytes": len(row.sealed),
    }


def _body(body: Body) -> dict[str, Any]:
    line: dict[str, Any] = {
        "outcome": body.outcome.value,
        "reason": body.reason.value,
        "policy": body.policy_version,
    }
    if body.credential is not None:
        person = body.credential.person
        line |= {"kind": body.credential.kind.value, "verified": body.credential.verified.value}
        line["person"] = {n: getattr(person, n) for n in person.__slots__ if getattr(person, n) is not None}
    return line


def _utc(wall_ms: int) -> str:
    """Write a time for people; one no calendar has (a gate's clock says anything) as its number."""
    try:
        return datetime.fromtimestamp(wall_ms / 1000, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return f"{wall_ms} ms"


def _who() -> str:
    """Name the person: who called sudo, else the user."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"


def _plain(name: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in name)[:100]
