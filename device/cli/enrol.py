"""``gate-scanner enrol CODE --config FILE``: make this gate known to its hub."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from device.app.destination import alone
from device.cli.arguments import add_config, add_example
from device.cli.owner import not_the_owner
from device.clock import SystemClock
from device.enrolment.code import EnrolCode, read_code
from device.enrolment.document import Enrolment
from device.errors import ConfigurationError, UplinkError
from device.settings.load import load
from device.uplink.enrol import EnrolmentClient, enrol
from device.words import say, why_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Enrol this gate with a code that `gate-scanner hub code` printed less than 15 minutes ago. Run it as the "
        "service's user: sudo -u gate-scanner gate-scanner enrol CODE. The gate then starts by itself."
    )
    exits = "0 enrolled, 1 not now, or refused (it says why), 2 that is no code, 78 the site file must be changed"
    add_example(parser, "16MH-MYT1-M10C-E4370", exits)
    parser.add_argument("code", metavar="CODE", help="the code, or - to read it from standard input")
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Enrol: 0 done, 1 not now or refused, 2 not a code, 78 the site file must be changed."""
    try:
        code = read_code(sys.stdin.readline() if arguments.code == "-" else arguments.code)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        enrolled = _enrol(arguments.config, code)
    except UplinkError as error:
        print(say("not enrolled: {why}", why=error), file=sys.stderr)
        return 1
    except OSError as error:
        why = f"{error.filename}: {why_of(error)}"
        print(say("not enrolled: {why}", why=why), file=sys.stderr)
        return 1
    if enrolled is None:
        return 1
    told = say(
        "enrolled as {gate}; the gate starts by itself (one that runs: systemctl restart gate-scanner)",
        gate=enrolled.device_id,
    )
    print(told)
    return 0


def _enrol(config: Path, code: EnrolCode) -> Enrolment | None:
    """Enrol the gate of a site file; None when that was said to be impossible."""
    site = load(config)
    if site.hub is None:
        raise ConfigurationError(alone(config, site))
    folder = site.store.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if why := not_the_owner(folder):
        print(why, file=sys.stderr)
        return None
    client = EnrolmentClient(site.hub.url, SystemClock(), site.hub.deadline_ms / 1000, site.hub.ca_file)
    return enrol(folder, code, client)
