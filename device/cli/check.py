"""``gate-scanner check FILE``: check a site file, a policy or a trust list; every mistake with its line."""

from __future__ import annotations

import argparse
import ipaddress
import os
from pathlib import Path
from urllib.parse import urlsplit

from device.cli.arguments import SITE, add_example
from device.errors import Complaints
from device.settings.load import load_any
from device.settings.schema import HubSection, Site
from device.trust.trust_list import load_trust
from device.uplink.url import is_this_machine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``check``."""
    parser.description = (
        "Check a site file, with the policy and trust list it names, or one of these alone (a trust list by "
        "its name, *.json): every mistake at once, as FILE:LINE:COL: key: what to write instead."
    )
    add_example(parser, "site.yaml")
    parser.add_argument("file", metavar="FILE", type=Path, nargs="?", default=SITE, help=f"the file to check ({SITE})")
    parser.add_argument("--config", dest="file", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="the same")
    parser.add_argument(
        "--hub-address",
        action="store_true",
        help="print the only address a gate with this site file needs to reach; nothing when the hub has a name",
    )


def run(args: argparse.Namespace) -> int:
    """Print ``FILE: ok`` and return 0, or print every mistake and return 78 (``EX_CONFIG``)."""
    try:
        if args.file.suffix == ".json":
            load_trust(args.file)
            print(f"{args.file}: ok")
            return 0
        found = load_any(args.file)
        listed = found.trust.file if isinstance(found, Site) and found.trust is not None else None
        if listed is not None and not args.hub_address:
            load_trust(listed)
    except Complaints as complaints:
        print(str(complaints))
        return os.EX_CONFIG
    if args.hub_address:
        print(_only_address(found.hub) if isinstance(found, Site) else "")
    else:
        print(f"{args.file}: ok")
    return 0


def _only_address(hub: HubSection | None) -> str:
    """Return what systemd's ``IPAddressAllow`` may be set to, ``""`` for anything."""
    host = "localhost" if hub is None else urlsplit(hub.url).hostname or ""
    if is_this_machine(host):
        return "localhost"
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return ""
