"""``gate-scanner hub``: its commands together, and what becomes of their errors; the only one of them on a gate."""

from __future__ import annotations

import argparse

from device.cli.arguments import HUB_EXITS, add_example
from device.cli.owner import not_the_owner
from device.errors import ConfigurationError
from device.words import say, why_of

try:
    from sqlalchemy.exc import SQLAlchemyError

    import device.hub  # noqa: F401 - the one whose absence is told, also where the system has SQLAlchemy
    from device.cli import (
        hub_accounts,
        hub_alerts,
        hub_backup,
        hub_checkins,
        hub_gates,
        hub_keys,
        hub_migrate,
        hub_places,
        hub_poster,
        hub_publish,
        hub_service,
    )
    from device.hub.db.problems import database_problem
except ModuleNotFoundError as error:  # a gate is installed without them
    raise SystemExit(
        say("no hub is installed here ({name} is missing): ./setup.sh install --hub NAME", name=error.name)
    ) from None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's words."""
    parser.description = (
        "Make the central server, run it, enrol gates, publish rules and lists, and look at what arrived. Run the "
        "commands as the hub's user: sudo -u gate-hub gate-scanner hub …. DIR is the hub's folder, as installed "
        "/var/lib/gate-hub."
    )
    add_example(parser, "init /var/lib/gate-hub --name hub.example.vn", HUB_EXITS)
    commands = parser.add_subparsers(dest="hub_command", metavar="WHAT", required=True)
    hub_service.add_commands(commands)
    hub_gates.add_commands(commands)
    hub_places.add_commands(commands)
    hub_poster.add_commands(commands)
    hub_keys.add_commands(commands)
    hub_accounts.add_commands(commands)
    hub_alerts.add_commands(commands)
    hub_backup.add_commands(commands)
    hub_migrate.add_commands(commands)
    hub_publish.add_commands(commands)
    hub_checkins.add_commands(commands)


def run(arguments: argparse.Namespace) -> int:
    """Run one of the hub's commands: 0 done, 1 failed, 2 usage, 69 it cannot listen, 78 the folder is not usable."""
    try:
        code = arguments.hub_run(arguments)
    except SQLAlchemyError as error:
        why = database_problem(error, arguments.folder)
        raise ConfigurationError(say("{path}: {why}", path=arguments.folder, why=why)) from error
    except ConfigurationError as error:
        if isinstance(error.__cause__, PermissionError) and arguments.folder.exists():
            raise ConfigurationError(not_the_owner(arguments.folder) or str(error)) from error
        raise
    except PermissionError as error:
        why = not_the_owner(arguments.folder) or say("{path}: {why}", path=error.filename, why=why_of(error))
        raise ConfigurationError(why) from error
    assert isinstance(code, int)
    return code
