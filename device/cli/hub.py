"""``gate-scanner hub``: make a hub, run it, look at what arrived (gates: `device.cli.hub_gates`)."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from device.cli.arguments import add_example, add_hub_command
from device.clock import SystemClock, utc_text
from device.crypto.sealed_body import Body
from device.errors import ConfigurationError
from device.monitor.dumpable import forbid_dumps
from device.monitor.log_format import start_log
from device.uplink.url import is_this_machine

try:
    from sqlalchemy.exc import SQLAlchemyError

    from device.cli import hub_backup, hub_gates, hub_keys, hub_publish
    from device.hub.connections import MOST_ADDRESS_CONNECTIONS, Limits
    from device.hub.db.database import HubDatabase
    from device.hub.db.people_status import digest, read_people
    from device.hub.db.queries import Arrived, Quarantined, arrived_document, quarantined_document
    from device.hub.db.sqlite import database_problem
    from device.hub.folder import MOST_RETENTION_DAYS, RETENTION_DAYS, HubFolder
    from device.hub.keyring.certificates import DEFAULT_NAMES
    from device.hub.serve import LOOPBACK, PORT, listen, serve
    from device.hub.unsealing import unsealed, unsealed_apart
except ModuleNotFoundError as error:  # a gate is installed without them
    raise SystemExit(f"no hub is installed here ({error.name} is missing): ./setup.sh install --hub NAME") from None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's words."""
    add_example(parser, "init /var/lib/gate-hub --name hub.example.vn")
    commands = parser.add_subparsers(dest="hub_command", metavar="WHAT", required=True)
    command = partial(add_hub_command, commands)
    init = command("init", "make a new hub", _init, "--name hub.example.vn --retention-days 30")
    init.add_argument(
        "--retention-days",
        type=int,
        default=RETENTION_DAYS,
        metavar="DAYS",
        help=f"how long who came can be read; then the day's key is destroyed (default: {RETENTION_DAYS})",
    )
    certificate = command(
        "certificate", "make a new server certificate, for other names", _certificate, "--name hub.example.vn"
    )
    for named, needed in ((init, False), (certificate, True)):
        named.add_argument(
            "--name",
            action="append",
            required=needed,
            help="host name or address gates will call the hub by; may be given several times",
        )
    run = command("run", "serve until stopped", _run, "--host 0.0.0.0 --port 8400")
    run.add_argument("--host", default=LOOPBACK, help="address to listen on (default: this machine only)")
    run.add_argument("--port", type=int, default=PORT, help=f"default: {PORT}")
    run.add_argument(
        "--tls",
        action=argparse.BooleanOptionalAction,
        help="serve with the hub's own certificate (default: unless only this machine can reach it)",
    )
    run.add_argument(
        "--address-connections",
        type=int,
        default=Limits().an_address,
        metavar="N",
        help="connections of one address that no gate has signed on yet; more where a proxy stands in front, or more "
        f"gates than this share an address and come at one instant (default: {Limits().an_address})",
    )
    hub_gates.add_commands(commands)
    hub_keys.add_commands(commands)
    hub_backup.add_commands(commands)
    status = command("status", "take over what gates may ask about people, from a file", _status, "people.jsonl")
    status.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="a JSON object a line: numbers, and what is known (config/people.example.jsonl)",
    )
    status.add_argument("--empty", action="store_true", help="forget all, though nobody is in the file")
    hub_publish.add_commands(commands)
    checkins = command("checkins", "list what arrived, one JSON object a line", _checkins, "--unseal --reason 'case 7'")
    checkins.add_argument("--unseal", action="store_true", help="open the seals; this is recorded")
    checkins.add_argument(
        "--quarantined",
        action="store_true",
        help="list instead the rows that do not follow the others of their gate",
    )
    checkins.add_argument("--reason", default="", help="why they are opened; needed with --unseal")


def run(arguments: argparse.Namespace) -> int:
    """Run one of the hub's commands: 0 done, 1 failed, 2 usage, 69 it cannot listen, 78 the folder is not usable."""
    try:
        code = arguments.hub_run(arguments)
    except SQLAlchemyError as error:
        raise ConfigurationError(f"{arguments.folder}: {database_problem(error, arguments.folder)}") from error
    except PermissionError as error:
        raise ConfigurationError(f"{error.filename}: {error.strerror}") from error
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
    if not 8 <= arguments.address_connections <= MOST_ADDRESS_CONNECTIONS:
        print(f"--address-connections: 8 to {MOST_ADDRESS_CONNECTIONS}", file=sys.stderr)
        return 2
    limits = Limits(an_address=arguments.address_connections)
    start_log("info")
    forbid_dumps()  # before the sealing keys are read
    folder = HubFolder(arguments.folder, SystemClock())
    tls = not is_this_machine(arguments.host) if arguments.tls is None else arguments.tls
    try:
        listeners = listen(arguments.host, arguments.port)
    except OSError as error:
        print(f"--host {arguments.host} --port {arguments.port}: cannot listen ({error.strerror})", file=sys.stderr)
        return os.EX_UNAVAILABLE
    host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    url = f"{'https' if tls else 'http'}://{host}:{arguments.port}"
    return serve(folder, listeners, tls=tls, limits=limits, ready=lambda: print(f"hub on {url}", flush=True))


def _status(arguments: argparse.Namespace) -> int:
    folder = HubFolder(arguments.folder, SystemClock())
    people = read_people(arguments.file)
    if not people and not arguments.empty:
        raise ConfigurationError(hub_publish.NOBODY.format(arguments.file))
    secret = folder.make_status_secret()
    store = folder.open_store()
    try:
        store.replace_statuses((tuple(digest(secret, key) for key in keys), status) for keys, status in people)
    finally:
        store.close()
    print(f"{len(people):,} people; what was known before is gone. Keep {arguments.file} safe, or remove it")
    return 0


def _checkins(arguments: argparse.Namespace) -> int:
    if arguments.unseal and not arguments.reason.strip():
        print("--unseal needs --reason: who reads who came must say why", file=sys.stderr)
        return 2
    folder = HubFolder(arguments.folder, SystemClock())
    store = folder.open_store()
    try:
        for line, body in _listed(folder, store, arguments):
            if arguments.unseal:
                line["unsealed"] = None if body is None else _body(body)
            # ASCII only: whatever stood in a QR code, a terminal sees letters, digits and \uXXXX.
            print(json.dumps(line))
    finally:
        store.close()
    return 0


def _listed(
    folder: HubFolder, store: HubDatabase, arguments: argparse.Namespace
) -> Iterator[tuple[dict[str, Any], Body | None]]:
    """Yield what is to be listed, with what is under its seal where that is asked for."""
    if arguments.quarantined:
        apart = ((row, None) for row in store.every_quarantined())
        opened = unsealed_apart(folder, store, hub_keys.who(), arguments.reason) if arguments.unseal else apart
        return ((_apart_document(row), body) for row, body in opened)
    stored = ((arrived, None) for arrived in store.every_checkin())
    arrived = unsealed(folder, store, hub_keys.who(), arguments.reason) if arguments.unseal else stored
    return ((_document(row), body) for row, body in arrived)


def _apart_document(apart: Quarantined) -> dict[str, Any]:
    told = quarantined_document(apart)
    return told | {key: utc_text(told[key]) for key in ("arrived", "at")}


_LEFT_OUT = {"boot", "monotonic", "wall", "key", "place_name"}


def _document(arrived: Arrived) -> dict[str, Any]:
    """Lay a row out as the API does, with times and places for people."""
    told = arrived_document(arrived)
    told["at"] = told["wall"]
    told |= {key: utc_text(told[key]) for key in ("arrived", "at", "earliest", "latest")}
    if told["place_name"] is not None:
        told["place"] = told["place_name"]
    return {key: value for key, value in told.items() if key not in _LEFT_OUT}


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
