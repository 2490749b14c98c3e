"""The accounts in the hub's database: made, reset and disabled; their passwords, and logging in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, insert, select, update

from device.hub.accounts import audit, sessions
from device.hub.accounts.audit import Actor, Deed
from device.hub.accounts.passwords import Passwords, account_name, check_password, folded
from device.hub.accounts.roles import NEEDS_CODE, AccountRole
from device.hub.accounts.sessions import Session, hashed
from device.hub.db.account_tables import accounts
from device.hub.db.database import HubDatabase
from device.words import say

LINK_MS: Final = 24 * 3_600_000
"""How long a one-time link is good."""
_AFRESH: Final = {
    "password": None,
    "disabled_ms": None,
    "code_secret": None,
    "code_step": None,
    "wrong_codes": 0,
}


@dataclass(frozen=True, slots=True)
class Account:
    """An account.

    Attributes:
        account_id: its number.
        name: as it is shown.
        role: what it is for.
        has_password: whether one is set.
        has_code: whether the second factor is set up.
        disabled_ms: since when it cannot log in; ``None``: it can.
        link_until_ms: until when its one-time link is good; ``None``: it has none.
    """

    account_id: int
    name: str
    role: AccountRole
    has_password: bool
    has_code: bool
    disabled_ms: int | None
    link_until_ms: int | None


class Accounts:
    """The accounts of a hub. Any thread; `sqlalchemy.exc.SQLAlchemyError` where the database does not answer.

    Args:
        store: the hub's database.
        passwords: makes and checks them.
    """

    def __init__(self, store: HubDatabase, passwords: Passwords) -> None:
        self._store = store
        self._passwords = passwords

    def all(self) -> list[Account]:
        """Return all accounts by name."""
        with self._store.reading() as connection:
            found = connection.execute(select(accounts).order_by(accounts.c.folded))
            return [_account(row._mapping) for row in found]  # noqa: SLF001 - its public name

    def find(self, name: str) -> Account | None:
        """Return the account of this name."""
        return self._one(accounts.c.folded == folded(name))

    def numbered(self, account_id: int) -> Account | None:
        """Return the account of this number."""
        return self._one(accounts.c.account_id == account_id)

    def of_link(self, token: str) -> Account | None:
        """Return the account that a one-time link is of, as long as it is good."""
        return self._one(_good_link(token, self._store.now_ms()))

    def add(self, name: str, role: AccountRole, actor: Actor) -> str:
        """Add an account; return the secret of the one-time link that sets its password.

        Raises:
            ValueError: the name is none, or another's, in a sentence.
        """
        name = account_name(name)
        token, now_ms = secrets.token_urlsafe(24), self._store.now_ms()
        values = {"name": name, "folded": folded(name), "role": role, "added_ms": now_ms, "wrong_codes": 0}
        with self._store.begin() as connection:
            if connection.execute(select(accounts.c.name).where(accounts.c.folded == folded(name))).first():
                raise ValueError(say("there is an account of this name; choose another"))
            connection.execute(insert(accounts).values(**values, **_link(token, now_ms)))
            audit.note(connection, now_ms, actor, Deed.ACCOUNT_ADDED, f"{name} ({role})")
        return token

    def reset(self, account: Account, actor: Actor) -> str:
        """Forget an account's password and codes, end its sessions, let it log in again; return a link's secret."""
        token, now_ms = secrets.token_urlsafe(24), self._store.now_ms()
        self._change(account, {**_AFRESH, **_link(token, now_ms)}, actor, Deed.ACCOUNT_RESET)
        return token

    def disable(self, account: Account, actor: Actor) -> None:
        """Keep an account from logging in, and end its sessions."""
        values = {"disabled_ms": self._store.now_ms(), "link_hash": None, "link_until_ms": None}
        self._change(account, values, actor, Deed.ACCOUNT_DISABLED)

    def _change(self, account: Account, values: dict[str, Any], actor: Actor, what: Deed) -> None:
        with self._store.begin() as connection:
            connection.execute(update(accounts).where(accounts.c.account_id == account.account_id).values(values))
            sessions.end_all(connection, account.account_id)
            audit.note(connection, self._store.now_ms(), actor, what, account.name)

    def set_password(self, token: str, password: str, address: str) -> bool:
        """Set a password by a one-time link, which is gone then; return whether the link was good.

        Raises:
            ValueError: the password is none, in a sentence.
            DeskBusy: too many are being made.
        """
        account = self.of_link(token)
        if account is None:
            return False
        check_password(password, account.name)
        kept = self._passwords.hashed(password)
        values = {"password": kept, "link_hash": None, "link_until_ms": None}
        now_ms = self._store.now_ms()
        with self._store.begin() as connection:
            done = connection.execute(update(accounts).where(_good_link(token, now_ms)).values(values))
            if done.rowcount == 1:
                sessions.end_all(connection, account.account_id)
                audit.note(connection, now_ms, Actor(account.name, address), Deed.PASSWORD_SET)
        return done.rowcount == 1

    def change_password(self, session: Session, old: str, new: str, address: str) -> str | None:
        """Change a password, end all sessions of the account and begin another; ``None``: *old* is wrong.

        Raises:
            ValueError: the new one is none, in a sentence.
            DeskBusy: too many are being made.
        """
        kept = self._kept(accounts.c.account_id == session.account_id)
        if not self._passwords.fits(kept, old):
            self.note_failure(session.name, address)
            return None
        check_password(new, session.name)
        changed = self._passwords.hashed(new)
        now_ms = self._store.now_ms()
        mine = accounts.c.account_id == session.account_id
        with self._store.begin() as connection:
            done = connection.execute(
                update(accounts).where(mine, accounts.c.password == kept).values(password=changed)
            )
            if done.rowcount != 1:  # it was reset or changed meanwhile
                return None
            sessions.end_all(connection, session.account_id)
            audit.note(connection, now_ms, Actor(session.name, address), Deed.PASSWORD_CHANGED)
            return sessions.begin(connection, session.account_id, now_ms, whole=session.whole)

    def log_in(self, name: str, password: str, address: str) -> tuple[str, AccountRole] | None:
        """Begin a session; return what its cookie holds and the role. ``None``: name or password is wrong.

        Takes as long for a name that is nobody's. Raises `DeskBusy`.
        """
        may = (accounts.c.folded == folded(name)) & accounts.c.disabled_ms.is_(None)
        kept = self._kept(may)
        if not self._passwords.fits(kept, password):
            return None
        now_ms = self._store.now_ms()
        with self._store.begin() as connection:
            row = connection.execute(select(accounts).where(may, accounts.c.password == kept)).first()
            if row is None:  # disabled or changed meanwhile
                return None
            role = AccountRole(row.role)
            whole = role not in NEEDS_CODE
            if whole:
                audit.note(connection, now_ms, Actor(row.name, address), Deed.LOGGED_IN)
            return sessions.begin(connection, row.account_id, now_ms, whole=whole), role

    def note_failure(self, name: str, address: str) -> None:
        """Write down that a name or a password was wrong; what was typed only where it is an account's name."""
        account = self.find(name)
        with self._store.begin() as connection:
            about = "" if account is None else account.name
            audit.note(connection, self._store.now_ms(), Actor("", address), Deed.LOG_IN_FAILED, about)

    def _kept(self, which: ColumnElement[bool]) -> str | None:
        with self._store.reading() as connection:
            kept: str | None = connection.execute(select(accounts.c.password).where(which)).scalar()
        return kept

    def _one(self, which: ColumnElement[bool]) -> Account | None:
        with self._store.reading() as connection:
            return one(connection, which)


def one(connection: Connection, which: ColumnElement[bool]) -> Account | None:
    """Return the account of which *which* is so."""
    row = connection.execute(select(accounts).where(which)).first()
    return None if row is None else _account(row._mapping)  # noqa: SLF001 - its public name


def _account(row: Any) -> Account:  # noqa: ANN401 - SQLAlchemy's mapping
    return Account(
        row["account_id"],
        row["name"],
        AccountRole(row["role"]),
        row["password"] is not None,
        row["code_step"] is not None,
        row["disabled_ms"],
        row["link_until_ms"],
    )


def _link(token: str, now_ms: int) -> dict[str, Any]:
    return {"link_hash": hashed(token), "link_until_ms": now_ms + LINK_MS}


def _good_link(token: str, now_ms: int) -> ColumnElement[bool]:
    return (
        (accounts.c.link_hash == hashed(token)) & (accounts.c.link_until_ms > now_ms) & accounts.c.disabled_ms.is_(None)
    )
