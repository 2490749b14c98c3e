"""``gate-scanner hub account``: who may log in at the desk; each sets a password by a link that is good once."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from device.cli.arguments import add_command, add_hub_command
from device.cli.table import print_table
from device.clock import SystemClock
from device.hub.accounts.audit import Actor
from device.hub.accounts.passwords import Passwords
from device.hub.accounts.roles import ROLE_WORDS, AccountRole
from device.hub.accounts.standing import STANDING_WORDS, standing_of
from device.hub.accounts.store import Account, Accounts
from device.hub.folder import HubFolder
from device.hub.web.address import desk_url, desk_urls
from device.words import say

HERE: Final = Actor("command line")
FIRST: Final = "admin"
"""The name of the account that ``hub init`` makes."""


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type
    """Describe the commands' words."""
    line = "add, list, reset and disable accounts of the desk"
    below = add_command(commands, "account", line, "list /var/lib/gate-hub").add_subparsers(
        dest="account_command", metavar="WHAT", required=True
    )
    command = partial(add_hub_command, below)
    add = command("add", "add an account and print its one-time link", _add, "'Lan Anh' --role technician")
    roles = [str(role) for role in AccountRole]
    add.add_argument("--role", required=True, choices=roles, metavar="ROLE", help=f"what it is for: {', '.join(roles)}")
    reset = command("reset", "forget password and codes, and print a new one-time link", _reset, "'Lan Anh'")
    disable = command("disable", "keep an account from logging in; its sessions end", _disable, "'Lan Anh'")
    for named in (add, reset, disable):
        named.add_argument("name", metavar="NAME", help="what the person is called")
    command("list", "list accounts", _list)
    command("first", "tell where the desk is; without any account, make the first administrator's link", _first)


@contextmanager
def _opened(arguments: argparse.Namespace) -> Iterator[tuple[HubFolder, Accounts]]:
    folder = HubFolder(arguments.folder, SystemClock())
    store = folder.open_store()
    try:
        yield folder, Accounts(store, Passwords())
    finally:
        store.close()


def add_first(folder: HubFolder) -> Iterator[str]:
    """Add the first administrator of a new hub, and yield the lines that say how to log in."""
    store = folder.open_store()
    try:
        token = _first_token(Accounts(store, Passwords()))
    finally:
        store.close()
    yield from _link(folder, FIRST, AccountRole.ADMINISTRATOR, token)


def _link(folder: HubFolder, name: str, role: AccountRole, token: str) -> Iterator[str]:
    yield say("{name} ({role}) sets the password here, once, within 24 hours:", name=name, role=say(ROLE_WORDS[role]))
    url = desk_url(folder.settings)
    if url is None:
        yield f"  /link/{token}"
        yield say("the pages are off here: write an address for desk: into hub.yaml, and start the hub anew")
    else:
        yield f"  {url}/link/{token}"


def _first(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as (folder, accounts):
        known = accounts.all()
        lines = [] if known else list(_link(folder, FIRST, AccountRole.ADMINISTRATOR, _first_token(accounts)))
        if urls := desk_urls(folder.settings):
            print(say("pages for people: {urls}", urls=", ".join(urls)))
            authority = folder.path / "tls/ca.pem"
            print(say("a browser warns until it trusts the hub's own authority: {file}", file=authority))
        print(*lines, sep="\n", end="\n" if lines else "")
        if known and not any(account.has_password for account in known):
            command = f"gate-scanner hub account reset {arguments.folder} {shlex.quote(known[0].name)}"
            print(say("nobody has used a link yet; a new one: {command}", command=command))
    return 0


def _first_token(accounts: Accounts) -> str:
    return accounts.add(FIRST, AccountRole.ADMINISTRATOR, HERE)


def _add(arguments: argparse.Namespace) -> int:
    role = AccountRole(arguments.role)
    with _opened(arguments) as (folder, accounts):
        try:
            token = accounts.add(arguments.name, role, HERE)
        except ValueError as error:
            print(say("{name}: {why}", name=arguments.name, why=error), file=sys.stderr)
            return 1
        print(*_link(folder, arguments.name, role, token), sep="\n")
    return 0


def _the_one(accounts: Accounts, arguments: argparse.Namespace) -> Account | None:
    account = accounts.find(arguments.name)
    if account is None:
        command = f"gate-scanner hub account list {arguments.folder}"
        told = say("{name}: there is no such account; see: {command}", name=arguments.name, command=command)
        print(told, file=sys.stderr)
    return account


def _reset(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as (folder, accounts):
        account = _the_one(accounts, arguments)
        if account is None:
            return 1
        print(*_link(folder, account.name, account.role, accounts.reset(account, HERE)), sep="\n")
    return 0


def _disable(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as (_, accounts):
        account = _the_one(accounts, arguments)
        if account is None:
            return 1
        accounts.disable(account, HERE)
    print(say("{name} is disabled; reset lets it log in again", name=account.name))
    return 0


def _list(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as (folder, accounts):
        now_ms = folder.clock.now().now_ms
        rows = [
            (account.name, say(ROLE_WORDS[account.role]), say(STANDING_WORDS[standing_of(account, now_ms)]))
            for account in accounts.all()
        ]
    if not rows:
        command = f"gate-scanner hub account add {arguments.folder} NAME --role administrator"
        print(say("no account; add one: {command}", command=command))
    print_table(rows, "", "", "")
    return 0
