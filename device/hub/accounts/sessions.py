"""Who is logged in. The cookie holds a random id; the database only its SHA-256, so that a copy of it opens nothing."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from device.hub.accounts.roles import AccountRole
from device.hub.db.account_tables import accounts, sessions

IDLE_MS: Final = 3_600_000
"""An hour: longer than a round through the building, shorter than a night at an unlocked screen."""
ABSOLUTE_MS: Final = 12 * 3_600_000
"""Half a day: nobody logs in twice in one shift."""
HALF_MS: Final = 600_000
"""Ten minutes to show the second factor."""
NOTED_EVERY_MS: Final = 60_000
"""Use is written down so often at most: a page that is looked at writes nothing."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in.

    Attributes:
        session_hash: of what the cookie holds.
        account_id: whose.
        name: of the account.
        role: of the account.
        whole: the second factor was shown, or the role needs none.
        used_ms: when it was last used, as far as that is written down.
    """

    session_hash: bytes
    account_id: int
    name: str
    role: AccountRole
    whole: bool
    used_ms: int


def hashed(token: str) -> bytes:
    """Return what is kept of the secret in a cookie or in a link."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def begin(connection: Connection, account_id: int, now_ms: int, *, whole: bool) -> str:
    """Begin a session and return what its cookie holds; sessions that have ended are deleted."""
    connection.execute(delete(sessions).where(_over(now_ms)))
    token = secrets.token_urlsafe(32)
    values = {"account_id": account_id, "began_ms": now_ms, "used_ms": now_ms, "whole": whole}
    connection.execute(insert(sessions).values(session_hash=hashed(token), **values))
    return token


def find(connection: Connection, token: str, now_ms: int) -> Session | None:
    """Return the session of a cookie; ``None``: it is none, has ended, or its account is disabled."""
    query = (
        select(sessions, accounts.c.name, accounts.c.role)
        .join(accounts, accounts.c.account_id == sessions.c.account_id)
        .where(sessions.c.session_hash == hashed(token), accounts.c.disabled_ms.is_(None), ~_over(now_ms))
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return Session(row.session_hash, row.account_id, row.name, AccountRole(row.role), row.whole, row.used_ms)


def note_use(connection: Connection, session: Session, now_ms: int) -> None:
    """Write down that a session is used."""
    connection.execute(update(sessions).where(sessions.c.session_hash == session.session_hash).values(used_ms=now_ms))


def end(connection: Connection, session: Session) -> None:
    """End one session."""
    connection.execute(delete(sessions).where(sessions.c.session_hash == session.session_hash))


def end_all(connection: Connection, account_id: int, but: bytes = b"") -> None:
    """End all sessions of an account, but the one whose hash is *but*."""
    connection.execute(delete(sessions).where(sessions.c.account_id == account_id, sessions.c.session_hash != but))


def count(connection: Connection, account_id: int, now_ms: int) -> int:
    """Return how many sessions of an account go on."""
    query = select(func.count()).select_from(sessions).where(sessions.c.account_id == account_id, ~_over(now_ms))
    return int(connection.execute(query).scalar_one())


def _over(now_ms: int) -> ColumnElement[bool]:
    return or_(
        sessions.c.used_ms <= now_ms - IDLE_MS,
        sessions.c.began_ms <= now_ms - ABSOLUTE_MS,
        ~sessions.c.whole & (sessions.c.began_ms <= now_ms - HALF_MS),
    )
