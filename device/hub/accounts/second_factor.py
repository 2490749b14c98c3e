"""Showing the second factor after the password: a session becomes whole, and no code is taken twice."""

from __future__ import annotations

from enum import Enum

from sqlalchemy import Connection, or_, select, update

from device.hub.accounts import audit, codes, sessions
from device.hub.accounts.audit import Actor, Deed
from device.hub.accounts.sessions import Session
from device.hub.db.account_tables import accounts
from device.hub.db.database import HubDatabase


class Refused(Enum):
    """Why a code is not taken."""

    WRONG = "wrong"
    """It is none of now, or was used before."""
    LOCKED = "locked"
    """Too many were wrong, one after the other."""


def secret_to_set_up(store: HubDatabase, session: Session) -> str | None:
    """Return the secret for the app, made when there is none; ``None``: it is set up already, and told to nobody."""
    mine = accounts.c.account_id == session.account_id
    with store.begin() as connection:
        row = connection.execute(select(accounts.c.code_secret, accounts.c.code_step).where(mine)).one()
        if row.code_step is not None:
            return None
        if row.code_secret is None:
            secret = codes.new_secret()
            connection.execute(update(accounts).where(mine).values(code_secret=secret))
            return secret
        return str(row.code_secret)


def show_code(store: HubDatabase, session: Session, code: str, address: str) -> str | Refused:
    """Show a code; return what the cookie of the whole session holds, which takes the place of the half one."""
    now_ms, actor = store.now_ms(), Actor(session.name, address)
    mine = accounts.c.account_id == session.account_id
    with store.begin() as connection:
        row = connection.execute(select(accounts).where(mine).with_for_update()).one()
        if row.wrong_codes >= codes.MOST_WRONG:
            return Refused.LOCKED
        step = None if row.code_secret is None else codes.step_of(row.code_secret, code, now_ms)
        if step is None or not _take(connection, session.account_id, step):
            connection.execute(update(accounts).where(mine).values(wrong_codes=accounts.c.wrong_codes + 1))
            audit.note(connection, now_ms, actor, Deed.CODE_FAILED)
            return Refused.WRONG
        if row.code_step is None:
            audit.note(connection, now_ms, actor, Deed.CODE_SET_UP)
        audit.note(connection, now_ms, actor, Deed.LOGGED_IN)
        sessions.end(connection, session)
        return sessions.begin(connection, session.account_id, now_ms, whole=True)


def _take(connection: Connection, account_id: int, step: int) -> bool:
    """Take a code of a step, unless it or a later one was taken already."""
    unused = or_(accounts.c.code_step.is_(None), accounts.c.code_step < step)
    taken = update(accounts).where(accounts.c.account_id == account_id, unused)
    return connection.execute(taken.values(code_step=step, wrong_codes=0)).rowcount == 1
