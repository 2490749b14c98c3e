"""``gate-scanner hub init``, ``run``, ``certificate``, ``settings`` and ``status``: the hub itself."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from typing import Any

from device.cli import hub_accounts, hub_publish
from device.cli.argument_types import a_path, whole_number
from device.cli.arguments import add_hub_command
from device.clock import SystemClock
from device.errors import ConfigurationError
from device.hub.connections import MOST_ADDRESS_CONNECTIONS
from device.hub.db.people_status import digest, read_people
from device.hub.folder import HubFolder
from device.hub.keyring.certificates import DEFAULT_NAMES
from device.hub.run_plan import LOOPBACK, PORT, RunOptions, plan_of
from device.hub.settings.schema import DESK, LISTEN, METRICS, MOST_RETENTION_DAYS, MOST_WORKERS, RETENTION_DAYS, Role
from device.hub.settings.template import NewSettings
from device.hub.settings.values import IN_THE_FOLDER, Address, read_address
from device.hub.start import open_listeners, start
from device.monitor.dumpable import forbid_dumps
from device.monitor.log_format import start_log
from device.monitor.systemd import SystemdNotifier
from device.words import number, say, say_many, why_of


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type
    """Add them to those of ``gate-scanner hub``."""
    command = partial(add_hub_command, commands)
    init = command("init", "make a new hub", _init, "--name hub.example.vn --retention-days 30")
    init.add_argument(
        "--retention-days",
        type=whole_number(1, MOST_RETENTION_DAYS),
        default=RETENTION_DAYS,
        metavar="DAYS",
        help=f"how long who came can be read; then the day's key is destroyed (default: {RETENTION_DAYS})",
    )
    certificate = command("certificate", "make a new server certificate, for the names of hub.yaml", _certificate)
    init.add_argument(
        "--database", default=IN_THE_FOLDER, metavar="URL", help="of PostgreSQL, without its password (database.url)"
    )
    init.add_argument("--password-file", type=a_path, metavar="FILE", help="with its password (database.password_file)")
    init.add_argument("--name", action="append", help="what gates will call the hub by; may be given several times")
    certificate.add_argument(
        "--name", action="append", default=[], help="for a folder without hub.yaml: these names; may come again"
    )
    init.add_argument(
        "--desk",
        type=_an_address_or_off,
        default=read_address(DESK),
        metavar="HOST:PORT",
        help=f"where people open its pages, or off (default: {DESK}, this machine only)",
    )
    init.add_argument("--no-account", action="store_true", help="leave the first account to `hub account first`")
    settings = command("settings", "write hub.yaml for a hub from before there was one", _settings)
    for made in (init, settings):
        made.add_argument(
            "--listen",
            type=_an_address,
            default=LISTEN,
            metavar="HOST:PORT",
            help=f"where gates reach it, over TLS unless only this machine can (default: {LISTEN})",
        )
    _add_run(command("run", "serve until stopped, as hub.yaml says", _run, "--host 0.0.0.0 --port 8400"))
    status = command("status", "take over what gates may ask about people, from a file", _status, "people.jsonl")
    status.add_argument(
        "file",
        metavar="FILE",
        type=a_path,
        help="a JSON object a line: numbers, and what is known (config/people.example.jsonl)",
    )
    status.add_argument("--empty", action="store_true", help="forget all, though nobody is in the file")


def _an_address(text: str) -> Address:
    """Read host and port for argparse."""
    try:
        return read_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _an_address_or_off(text: str) -> Address | None:
    return None if text == "off" else _an_address(text)


def _add_run(run: argparse.ArgumentParser) -> None:
    run.description = "Each option goes before what hub.yaml says of the same."
    run.set_defaults(serves=True)
    run.add_argument("--host", help=f"the one address to listen on (without hub.yaml: {LOOPBACK}, this machine only)")
    run.add_argument("--port", type=whole_number(1, 65_535), metavar="N", help=f"without hub.yaml: {PORT}")
    run.add_argument(
        "--tls",
        action=argparse.BooleanOptionalAction,
        help="serve with the hub's own certificate (with --host: unless only this machine can reach it)",
    )
    run.add_argument(
        "--address-connections",
        type=whole_number(8, MOST_ADDRESS_CONNECTIONS),
        metavar="N",
        help="connections of one address that no gate has signed on yet (limits.address_connections)",
    )
    run.add_argument("--role", choices=[str(role) for role in Role], help="what it does (role)")
    run.add_argument("--workers", type=whole_number(1, MOST_WORKERS), metavar="N", help="processes (workers)")


def _init(arguments: argparse.Namespace) -> int:
    names, listen_at = arguments.name or DEFAULT_NAMES, arguments.listen
    tls, password = not listen_at.is_for_this_machine, arguments.password_file
    settings = NewSettings(
        names,
        arguments.retention_days,
        str(listen_at),
        tls,
        METRICS,
        arguments.database,
        password and password.absolute(),
        desk="off" if arguments.desk is None else str(arguments.desk),
    )
    folder = HubFolder.create(arguments.folder, SystemClock(), settings=settings)
    where, called = folder.path, ", ".join(names)
    for line in (
        say("hub made in {folder}; gates may call it {names}", folder=where, names=called),
        say_many(
            "who came can be read for {count} day", "who came can be read for {count} days", arguments.retention_days
        ),
        say("settings: {file}", file=where / "hub.yaml"),
        say("operator's token: {file}", file=where / "operator.token"),
        say(
            "keep a copy of {folder}, as old as the retention at most: without it nobody can read",
            folder=where / "keys",
        ),
        say(
            "keep one of {file} and {folder}: without them every gate enrols anew",
            file=where / "root.key",
            folder=where / "tls",
        ),
        say("next: gate-scanner hub run {folder}", folder=where),
        say("and for each gate: gate-scanner hub code {folder} NAME", folder=where),
        *([] if arguments.no_account else hub_accounts.add_first(folder)),
    ):
        print(line)
    return 0


def _settings(arguments: argparse.Namespace) -> int:
    folder = HubFolder(arguments.folder, SystemClock())
    listen_at = arguments.listen
    written = folder.write_settings(str(listen_at), METRICS, tls=not listen_at.is_for_this_machine)
    print(say("settings: {file}", file=written))
    return 0


def _certificate(arguments: argparse.Namespace) -> int:
    folder = HubFolder(arguments.folder, SystemClock())
    names = ", ".join(folder.certify(arguments.name))
    file = folder.certificate_files[0]
    print(say("{file}: for {names}; start the hub anew", file=file, names=names))
    return 0


def _run(arguments: argparse.Namespace) -> int:
    start_log("info")
    forbid_dumps()  # before the sealing keys are read
    folder = HubFolder(arguments.folder, SystemClock())
    role = None if arguments.role is None else Role(arguments.role)
    options = RunOptions(
        arguments.host, arguments.port, arguments.tls, arguments.address_connections, role, arguments.workers
    )
    plan = plan_of(folder.settings, options)
    try:
        listeners = open_listeners(plan)
    except OSError as error:
        print(say("{where}: cannot listen ({why})", where=error.filename, why=why_of(error)), file=sys.stderr)
        return os.EX_UNAVAILABLE

    def ready() -> None:
        for address, tls in plan.doors:
            print(say("hub on {url}", url=f"{'https' if tls else 'http'}://{address}"), flush=True)
        if plan.desk is not None:
            print(say("pages for people: https://{address}", address=plan.desk), flush=True)
        if plan.people is not None:
            print(say("phones of people who come: {address}", address=plan.people), flush=True)

    return start(folder, plan, listeners, ready, SystemdNotifier())


def _status(arguments: argparse.Namespace) -> int:
    folder = HubFolder(arguments.folder, SystemClock())
    people = read_people(arguments.file)
    if not people and not arguments.empty:
        raise ConfigurationError(say(hub_publish.NOBODY, file=arguments.file))
    secret = folder.make_status_secret()
    store = folder.open_store()
    try:
        store.replace_statuses((tuple(digest(secret, key) for key in keys), status) for keys, status in people)
    finally:
        store.close()
    told = say(
        "{count} people; what was known before is gone. Keep {file} safe, or remove it",
        count=number(len(people), ","),
        file=arguments.file,
    )
    print(told)
    return 0
