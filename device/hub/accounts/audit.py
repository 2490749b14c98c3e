"""What was done at the desk, by whom and when; only ever added to."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from sqlalchemy import Connection, insert, select

from device.hub.db.account_tables import audit
from device.words import sentence

PAGE: Final = 50


class Deed(StrEnum):
    """What was done."""

    LOGGED_IN = "logged-in"
    LOG_IN_FAILED = "log-in-failed"
    LOGGED_OUT = "logged-out"
    CODE_FAILED = "code-failed"
    CODE_SET_UP = "code-set-up"
    PASSWORD_SET = "password-set"  # noqa: S105 - a word
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - a word
    SESSIONS_ENDED = "sessions-ended"
    ACCOUNT_ADDED = "account-added"
    ACCOUNT_RESET = "account-reset"
    ACCOUNT_DISABLED = "account-disabled"
    UNSEALED = "unsealed"
    RECORD_EXPORTED = "record-exported"
    GATE_CODE_MADE = "gate-code-made"
    GATE_RENAMED = "gate-renamed"
    GATE_MOVED = "gate-moved"
    GATE_GROUPED = "gate-grouped"
    GATE_REVOKED = "gate-revoked"
    PUBLISHED = "published"
    PLACE_ADDED = "place-added"
    PLACE_CHANGED = "place-changed"
    PLACE_ARCHIVED = "place-archived"
    PLACE_RESTORED = "place-restored"
    PLACE_GIVEN = "place-given"
    PLACE_TAKEN = "place-taken"
    PLACES_IMPORTED = "places-imported"
    PLACES_EXPORTED = "places-exported"
    POSTER_MADE = "poster-made"


DEED_WORDS: Final = {
    Deed.LOGGED_IN: sentence("logged in"),
    Deed.LOG_IN_FAILED: sentence("wrong name or password"),
    Deed.LOGGED_OUT: sentence("logged out"),
    Deed.CODE_FAILED: sentence("wrong code"),
    Deed.CODE_SET_UP: sentence("set up the codes of a phone"),
    Deed.PASSWORD_SET: sentence("set the password by a one-time link"),
    Deed.PASSWORD_CHANGED: sentence("changed the password"),
    Deed.SESSIONS_ENDED: sentence("ended all other sessions"),
    Deed.ACCOUNT_ADDED: sentence("added an account"),
    Deed.ACCOUNT_RESET: sentence("reset an account"),
    Deed.ACCOUNT_DISABLED: sentence("disabled an account"),
    Deed.UNSEALED: sentence("read who came"),
    Deed.RECORD_EXPORTED: sentence("exported this record"),
    Deed.GATE_CODE_MADE: sentence("made a code that enrols a gate"),
    Deed.GATE_RENAMED: sentence("renamed a gate"),
    Deed.GATE_MOVED: sentence("moved a gate to another place"),
    Deed.GATE_GROUPED: sentence("put a gate into a group"),
    Deed.GATE_REVOKED: sentence("revoked a gate"),
    Deed.PUBLISHED: sentence("published rules or a list"),
    Deed.PLACE_ADDED: sentence("registered a place"),
    Deed.PLACE_CHANGED: sentence("changed a place"),
    Deed.PLACE_ARCHIVED: sentence("took a place out of use"),
    Deed.PLACE_RESTORED: sentence("took a place into use again"),
    Deed.PLACE_GIVEN: sentence("gave a place to an account"),
    Deed.PLACE_TAKEN: sentence("took a place from an account"),
    Deed.PLACES_IMPORTED: sentence("imported places"),
    Deed.PLACES_EXPORTED: sentence("exported places"),
    Deed.POSTER_MADE: sentence("made a poster"),
}


class Actor(NamedTuple):
    """Who does something.

    Attributes:
        who: the account's name; empty: nobody who is known.
        address: of the network it comes from; empty: the command line.
    """

    who: str
    address: str = ""


class Record(NamedTuple):
    """One line of the record."""

    audit_id: int
    at_ms: int
    who: str
    what: str
    about: str
    address: str


def note(connection: Connection, at_ms: int, actor: Actor, what: Deed, about: str = "") -> None:
    """Write down what is being done, in the transaction that does it."""
    values = {"at_ms": at_ms, "who": actor.who, "what": what, "about": about, "address": actor.address}
    connection.execute(insert(audit).values(values))


class Sought(NamedTuple):
    """Which records are looked for; what is empty asks for nothing.

    Attributes:
        who: a part of the account's name.
        what: a word of `Deed`, or one of a newer version.
        about: a part of what it is about.
    """

    who: str = ""
    what: str = ""
    about: str = ""


EVERYTHING: Final = Sought()


def page(
    connection: Connection, before: int | None = None, most: int = PAGE, sought: Sought = EVERYTHING
) -> list[Record]:
    """Return the newest records, at most *most*; of those before the one numbered *before*."""
    query = select(audit).order_by(audit.c.audit_id.desc()).limit(most)
    if before is not None:
        query = query.where(audit.c.audit_id < before)
    if sought.what:
        query = query.where(audit.c.what == sought.what)
    for column, part in ((audit.c.who, sought.who), (audit.c.about, sought.about)):
        if part:
            query = query.where(column.icontains(part, autoescape=True))
    return [Record(*row) for row in connection.execute(query)]
