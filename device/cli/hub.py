"""``gate-scanner hub``: make a hub, run it, look at what arrived (gates: `device.cli.hub_gates`)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from device.clock import SystemClock
from device.crypto.sealed_body import Body
from device.errors import ConfigurationError
from device.hub.serve import LOOPBACK, listen, serve
from device.uplink.url import is_this_machine

try:
    from sqlalchemy.exc import SQLAlchemyError

    from device.cli import hub_gates, hub_keys, hub_publish
    from device.hub.db.people_status import digest, read_people
    from device.hub.db.queries import Arrived
    from device.hub.db.sqlite import database_problem
    from device.hub.folder import MOST_RETENTION_DAYS, RETENTION_DAYS, HubFolder
    from device.hub.keyring.certificates import DEFAULT_NAMES
    from device.hub.unsealing import unsealed
except ModuleNotFoundError as error:  # a gate is installed without them
    raise SystemExit(f"the hub needs {error.name}; install gate-scanner[hub]") from None

_EX_UNAVAILABLE = 69
_EX_CONFIG = 78


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's words."""
    commands = parser.add_subparsers(dest="hub_command", metavar="WHAT", required=True)

    def command(name: str, line: str, run: Any) -> argparse.ArgumentParser:  # noqa: ANN401 - one of the functions below
        added: argparse.ArgumentParser = commands.add_parser(name, help=line, description=line)
        added.add_argument("folder", metavar="DIR", type=Path, help="the hub's folder")
        added.set_defaults(hub_run=run)
        return added

    init = command("init", "make a new hub", _init)
    certificate = command("certificate", "make a new server certificate, for other names", _certificate)
    init.add_argument(
        "--retention-days",
        type=int,
        default=RETENTION_DAYS,
        metavar="DAYS",
        help=f"how long who came can be read; then the day's key is destroyed (default: {RETENTION_DAYS})",
    )
    for named, needed in ((init, False), (certificate, True)):
        named.add_argument(
            "--name",
            action="append",
            required=needed,
            help="host name or address gates will call the hub by; may be given several times",
        )
    run = command("run", "serve until stopped", _run)
    run.add_argument("--host", default=LOOPBACK, help="address to listen on (default: this machine only)")
    run.add_argument("--port", type=int, default=8400, help="default: 8400")
    run.add_argument(
        "--tls",
        action=argparse.BooleanOptionalAction,
        help="serve with the hub's own certificate (default: unless only this machine can reach it)",
    )
    hub_gates.add_commands(commands)
    hub_keys.add_commands(commands)
    status = command("status", "take over what gates may ask about people, from a file", _status)
    status.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="a JSON object a line: numbers, and what is known (config/people.example.jsonl)",
    )
    hub_publish.add_commands(command)
    checkins = command("checkins", "list what arrived, one JSON object a line", _checkins)
    checkins.add_argument("--unseal", action="store_true", help="open the seals; this is recorded")
    checkins.add_argument("--reason", default="", help="why they are opened; needed with --unseal")


def run(arguments: argparse.Namespace) -> int:
    """Run one of the hub's commands: 0 done, 1 failed, 2 usage, 69 it cannot listen, 78 the folder is not usable."""
    try:
        code = arguments.hub_run(arguments)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return _EX_CONFIG
    except SQLAlchemyError as error:
        print(f"{arguments.folder}: {database_problem(error)}", file=sys.stderr)
        return _EX_CONFIG
    except PermissionError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return _EX_CONFIG
    assert isinstance(code, int)
    return code


def _init(arguments: argparse.Namespace) -> int:
    if not 1 <= arguments.retention_days <= MOST_RETENTION_DAYS:
        print(f"--retention-days: 1 to {MOST_RETENTION_DAYS}", file=sys.stderr)
        return 2
    names = arguments.name or DEFAULT_NAMES
    folder = HubFolder.create(arguments.folder, SystemClock(), names, arguments.retention_days)
    print(f"hub made in {folder.path}; gates may call it {', '.join(names)}")
    print(f"  who came can be read for {arguments.retention_days} days")
    print(f"  operator's token: {folder.path / 'operator.token'}")
    print(f"  keep a copy of {folder.path / 'keys'}, as old as the retention at most: without it nobody can read")
    print(f"  keep one of {folder.path / 'root.key'} and {folder.path / 'tls'}: without them every gate enrols anew")
    print(f"next: gate-scanner hub run {folder.path}, and for each gate: gate-scanner hub code {folder.path} NAME")
    return 0


def _certificate(arguments: argparse.Namespace) -> int:
    folder = HubFolder(arguments.folder, SystemClock())
    folder.certify(arguments.name)
    print(f"{folder.certificate_files[0]}: for {', '.join(arguments.name)}; start the hub anew")
    return 0


def _run(arguments: argparse.Namespace) -> int:
    if not 1 <= arguments.port <= 65_535:
        print("--port: 1 to 65535", file=sys.stderr)
        return 2
    folder = HubFolder(arguments.folder, SystemClock())
    tls = not is_this_machine(arguments.host) if arguments.tls is None else arguments.tls
    try:
        listeners = listen(arguments.host, arguments.port)
    except OSError as error:
        print(f"--host {arguments.host} --port {arguments.port}: cannot listen ({error.strerror})", file=sys.stderr)
        return _EX_UNAVAILABLE
    host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    url = f"{'https' if tls else 'http'}://{host}:{arguments.port}"
    serve(folder, listeners, tls=tls, ready=lambda: print(f"hub on {url}", flush=True))
    return 0


def _status(arguments: argparse.Namespace) -> int:
    folder = HubFolder(arguments.folder, SystemClock())
    people = read_people(arguments.file)
    secret = folder.make_status_secret()
    store = folder.open_store()
    try:
        store.replace_statuses((tuple(digest(secret, key) for key in keys), status) for keys, status in people)
    finally:
        store.close()
    print(f"{len(people)} people; what was known before is gone. Keep {arguments.file} safe, or remove it")
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
            opened = unsealed(folder, store, hub_keys.who(), arguments.reason)
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
        "arrived": hub_gates.utc(arrived.arrived_ms),
        "device": arrived.device_id,
        "epoch": arrived.epoch,
        "seq": row.seq,
        "at": hub_gates.utc(row.at.wall_ms),
        "clock": row.at.state.value,
        "earliest": hub_gates.utc(arrived.earliest_ms),
        "latest": hub_gates.utc(arrived.latest_ms),
        "direction": row.direction.value,
        "counted": row.counted,
        "place": arrived.place.name if arrived.place else row.place_id,
        "key_day": arrived.key_day,
        "expired": arrived.expired,
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
