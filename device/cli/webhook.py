"""``gate-scanner webhook init --config FILE``: what a gate needs for a server that is not ours (config/webhook.md)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from device.app.destination import files_of, webhook_of
from device.cli.arguments import EXITS, add_command, add_config, add_example
from device.cli.owner import not_the_owner
from device.errors import ConfigurationError
from device.settings.load import load
from device.uplink import webhook_keys
from device.words import say, sentence, why_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Prepare this gate for a server that is not ours (sync.kind: webhook), which gets each check-in as signed JSON."
    )
    exits = f"{EXITS}, 78 the site file must be changed"
    add_example(parser, "init", exits)
    add_config(parser)
    commands = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    line = "make its name, its keys and the secret; what is there stays"
    add_config(add_command(commands, "init", line, exits=exits), default=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Make what is missing: 0 done, 1 not possible as this user, 78 the site file must be changed."""
    try:
        return _init(arguments.config)
    except OSError as error:
        print(f"{error.filename}: {why_of(error)}", file=sys.stderr)
        return 1


def _init(config: Path) -> int:
    site = load(config)
    webhook = webhook_of(site)
    if webhook is None:
        what = sentence("{file}: sync.kind: is hub; write webhook, and a sync.webhook section")
        raise ConfigurationError(say(what, file=config))
    folder = site.store.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if why := not_the_owner(folder):
        print(why, file=sys.stderr)
        return 1
    made, keys = webhook_keys.make(files_of(webhook), folder)
    what = sentence("{gate} seals check-ins to the key {key}; the gate starts by itself")
    print(say(what, gate=made.device_id, key=keys.key.key_id))
    what = sentence("{file}: whoever has this file and the card reads who came; keep a copy off the card")
    print(say(what, file=webhook.private_key_file))
    what = sentence("{file}: give the text in it to the server, which checks each request with it")
    print(say(what, file=webhook.secret_file))
    return 0
