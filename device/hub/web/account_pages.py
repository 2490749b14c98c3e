"""The page of all accounts, for administrators."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from device.hub.accounts.roles import ROLE_WORDS, AccountRole
from device.hub.accounts.standing import STANDING_WORDS, standing_of
from device.hub.accounts.store import Account
from device.hub.web.asking import Ask, go_to
from device.hub.web.rendering import page, refusal
from device.words import say

_MOST_NUMBER: Final = 2**31 - 1


def show_accounts(ask: Ask) -> Response:
    """Show all accounts, and the form that adds one."""
    return _page(ask)


def _page(ask: Ask, error: str = "", status: int = 200) -> Response:
    now_ms = ask.desk.store.now_ms()
    rows = [
        (one, say(ROLE_WORDS[one.role]), say(STANDING_WORDS[standing_of(one, now_ms)]))
        for one in ask.desk.accounts.all()
    ]
    roles = [(str(role), say(ROLE_WORDS[role])) for role in AccountRole]
    name = ask.form.get("name", "")
    return page(ask, "accounts.html", say("Accounts"), status, error=error, rows=rows, roles=roles, name=name)


def add_account(ask: Ask) -> Response:
    """Add an account, and show its one-time link once."""
    name, role = ask.form.get("name", ""), ask.form.get("role", "")
    if role not in {str(one) for one in AccountRole}:
        return _page(ask, say("Choose what the account is for."), 422)
    try:
        token = ask.desk.accounts.add(name, AccountRole(role), ask.actor)
    except ValueError as error:
        return _page(ask, say("The name {why}.", why=error), 422)
    return _link_page(ask, " ".join(name.split()), token)


def reset_account(ask: Ask) -> Response:
    """Reset an account, and show its new link once."""
    account = _the_other(ask)
    if account is None:
        return refusal(ask, 404)
    return _link_page(ask, account.name, ask.desk.accounts.reset(account, ask.actor))


def disable_account(ask: Ask) -> Response:
    """Disable an account."""
    account = _the_other(ask)
    if account is None:
        return refusal(ask, 404)
    ask.desk.accounts.disable(account, ask.actor)
    return go_to("/accounts")


def _the_other(ask: Ask) -> Account | None:
    """Return the account that is meant, never one's own: somebody who can let the others in stays."""
    number = ask.given["number"]
    assert isinstance(number, int)
    return None if number > _MOST_NUMBER or number == ask.by.account_id else ask.desk.accounts.numbered(number)


def _link_page(ask: Ask, name: str, token: str) -> Response:
    link = f"https://{ask.host}/link/{token}"
    return page(ask, "new_link.html", say("One-time link"), name=name, link=link)
