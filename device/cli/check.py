"""``gate-scanner check FILE``: check a site file, a policy, a trust list or a hub's settings; each mistake by line."""

from __future__ import annotations

import argparse
import ipaddress
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from device.app.accounts import Installed
from device.app.preflight import check_documents, check_for_gate
from device.cli.argument_types import a_path
from device.cli.arguments import SITE, add_example
from device.errors import Complaints, shown
from device.policy.rules import Policy
from device.settings.choices import Source, SyncKind
from device.settings.load import inspect, load, text_in
from device.settings.located import read
from device.settings.policy_lines import lines_of_policy
from device.settings.schema import HubSection, Site
from device.trust.trust_list import load_trust
from device.uplink.url import is_this_machine
from device.words import say

HUB_KEYS: Final = (
    *("names", "retention_days", "database", "listen", "role", "workers", "metrics", "desk", "limits"),
    *("people", "notice", "export"),
)
"""What ``hub.yaml`` has at its top and no other file has; a gate knows no more of it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``check``."""
    parser.description = (
        "Check a site file, with the files it names, or alone a policy, a hub's settings (hub.yaml) or a trust list "
        "(by its name, *.json): every mistake at once, as FILE:LINE:COL: key: what to write instead. What is right is "
        "told in a few lines, as it was understood. Run it on the gate, as root; on another machine with --elsewhere."
    )
    add_example(parser, "site.yaml", "0 right, 2 a wrong word, 78 it has mistakes")
    parser.add_argument("file", metavar="FILE", type=a_path, nargs="?", help=f"the file to check ({SITE})")
    parser.add_argument("--config", type=a_path, default=SITE, metavar="FILE", help="the same")
    parser.add_argument(
        "--elsewhere",
        action="store_true",
        help="this is not the gate: leave out whether the files and folders it names are there and may be used",
    )
    parser.add_argument(
        "--hub-address",
        action="store_true",
        help="print the only address a gate with this site file needs to reach; nothing when the hub has a name",
    )


def run(args: argparse.Namespace) -> int:
    """Print ``FILE: ok`` and return 0, or print every mistake and return 78 (``EX_CONFIG``)."""
    file: Path = args.file or args.config
    if file == SITE and not file.exists() and not file.is_symlink():
        print(say("{file}: there is none on this machine; name a file: gate-scanner check FILE", file=file))
        return os.EX_CONFIG
    try:
        if file.suffix == ".json":
            load_trust(file)
            print(say("{file}: ok", file=file))
            return 0
        if args.hub_address:
            print(_only_address(load(file).hub))
            return 0
        if _is_of_a_hub(file):
            return _check_hub(file, elsewhere=args.elsewhere)
        inspected = inspect(file)
        found = inspected.found
        if isinstance(found, Site) and not args.elsewhere:
            check_for_gate(found, inspected.located, Installed.here())
        elif isinstance(found, Site):
            check_documents(found)
    except Complaints as complaints:
        print(str(complaints))
        return os.EX_CONFIG
    for warning in inspected.warnings:
        print(warning)
    print(say("{file}: ok", file=file))
    for line in understood(found):
        print(f"  {line}")
    return 0


def _is_of_a_hub(file: Path) -> bool:
    """Return whether a file is a hub's settings, by its name or top keys; raises `Complaints` when it is no YAML."""
    if file.name == "hub.yaml":
        return True
    written = set(read(text_in(file), str(file)).tree)
    return len(written & set(HUB_KEYS)) > len(written - set(HUB_KEYS))


def _check_hub(file: Path, *, elsewhere: bool) -> int:
    try:
        from device.cli.hub_check import check_settings  # noqa: PLC0415 - a gate is installed without it
    except ModuleNotFoundError as error:
        print(
            say(
                "{file}: a hub's settings, and no hub is installed here ({name} is missing)", file=file, name=error.name
            )
        )
        return os.EX_CONFIG
    print("\n".join(check_settings(file, elsewhere=elsewhere)))
    return 0


def understood(found: Site | Policy) -> Iterator[str]:
    """Yield what a file says, in a few lines: a name that was cut short, or a lamp on another pin, is seen there."""
    if isinstance(found, Policy):
        yield from lines_of_policy(found)
        return
    place = found.place_section
    where = ", ".join(part for part in (place.ward, place.district, place.province) if part)
    name, where = shown(place.name, 200), shown(where, 300)
    leads = found.direction
    yield say(
        "place: {name} ({kind}), {where}; the gate leads {leads}", name=name, kind=place.kind, where=where, leads=leads
    )
    pins = found.pins
    wired = [f"{line} {output.pin}" for line, output in pins.outputs.items()]
    wired += [f"{name} {button.pin}" for name, button in pins.inputs.items()]
    yield say("pins: {wired}", wired=", ".join(wired))
    yield _centre(found)
    own = found.policy
    if own.file is None and own.source is Source.HUB:
        yield say("policy: the hub says")
    else:
        yield say("policy: {policy}", policy=own.file or shown(own.version))


def _centre(site: Site) -> str:
    if site.sync.kind is SyncKind.WEBHOOK and site.sync.webhook is not None:
        host = urlsplit(site.sync.webhook.url).hostname
        return say("hub: none; check-ins are posted to {host}", host=host)
    if site.hub is None:
        return say("hub: none; check-ins stay here")
    url = urlsplit(site.hub.url)
    if url.port is None:  # a hub made by `hub run` serves another one
        return say("hub: {url}, port {port}", url=site.hub.url, port=443 if url.scheme == "https" else 80)
    return say("hub: {host}", host=site.hub.url)


def _only_address(hub: HubSection | None) -> str:
    """Return what systemd's ``IPAddressAllow`` may be set to, ``""`` for anything."""
    host = "localhost" if hub is None else urlsplit(hub.url).hostname or ""
    if is_this_machine(host):
        return "localhost"
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return ""
