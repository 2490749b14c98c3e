"""What to do about a database error, in words, and whether the same again may go through. No byte of what lies in it.

SQLite has names for what went wrong, PostgreSQL five letters (SQLSTATE). Where a server cannot be reached there are
none: the driver has a sentence of its own then.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from device.durable import no_room
from device.hub.db import read_only
from device.words import say, sentence

NEEDED_BYTES: Final = 64 << 20
"""Room in which a hub works: a write-ahead log, and some ten thousand check-ins."""
_FULL: Final = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")
_READ_ONLY: Final = sentence(
    "the hub's database is read-only ({name}); gates keep what they have. See whether its disk fails (dmesg), how that "
    "is mounted, and the mode of its files; when it can be written again, nothing needs to be started here"
)
_DAMAGED: Final = sentence("the hub's database is damaged ({name}); restore a backup (gate-scanner hub restore)")
_OTHER: Final = sentence("the hub's database cannot be used ({name}); see the log of its server")
_AGAIN: Final = ("40001", "40P01")
"""PostgreSQL undid a transaction in favour of another one: serialization failure, deadlock."""
_EVERYBODYS: Final = ("08", read_only.SQLSTATE, "53", "55P03", "57")
"""It is the server that cannot, or a table that somebody holds: no transaction goes through now."""
_GONE: Final = sentence(
    "the database's server does not answer ({name}); gates keep what they have. When it is back, nothing needs to be "
    "started here"
)
_BUSY: Final = sentence(
    "the database's server took too long ({name}); see what holds its tables (a migration, a backup), its disk and load"
)
_WORDS: Final = (
    (("53100", "53000"), sentence("there is no room on the disk of the database's server ({name}); make some")),
    (("53300",), sentence("the database's server has no connection left ({name}); raise its max_connections")),
    (
        (read_only.SQLSTATE,),
        sentence("the database is read-only ({name}): a standby, or default_transaction_read_only is on"),
    ),
    (("55P03", "57014"), _BUSY),
    (("08", "57P"), _GONE),
    (("42P01", "42703", "3F000"), sentence("the database has other tables than this hub's ({name}); see hub migrate")),
    (("42501",), sentence("the database's user lacks a right ({name}); make it the owner of the database")),
    (("28", "3D000"), sentence("the database's server lets this hub in no more ({name}); see its user and password")),
    (("XX001", "XX002"), _DAMAGED),
)
"""What begins so, and what is said then; the first that fits."""


def sqlstate_of(error: BaseException) -> str:
    """Return PostgreSQL's five letters for an error; nothing when there are none, as where no server was reached."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""


def may_go_through(error: SQLAlchemyError) -> bool:
    """Return whether the same transaction may go through when it is done again at once.

    Somebody else made the same ledger meanwhile, or PostgreSQL let somebody else go first.
    """
    return isinstance(error, IntegrityError) or sqlstate_of(error) in _AGAIN


def concerns_all(error: BaseException) -> bool:
    """Return whether every other transaction would fail, too, with what a server said or did not say."""
    if isinstance(error, NoConnectionLeft):
        return True
    state = getattr(getattr(error, "orig", None), "sqlstate", "")
    return state is None or (isinstance(state, str) and state.startswith(_EVERYBODYS))


def database_problem(error: SQLAlchemyError, folder: Path | None) -> str:
    """Say what is wrong with the database and what to do; *folder* is where its file lies, if it is one."""
    name = getattr(getattr(error, "orig", None), "sqlite_errorname", None) or sqlstate_of(error) or type(error).__name__
    if folder is None:
        return _server_problem(error, name)
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return say(_DAMAGED, name=name)
    if name.startswith(read_only.SQLITE) or read_only.disk_is_read_only(folder):
        return say(_READ_ONLY, name=name)
    if name.startswith(_FULL):
        room = no_room(folder, NEEDED_BYTES)
        return say("there is no room for the hub's database ({name}): {room}", name=name, room=room)
    return say(
        "the hub's database cannot be used ({name}); see who has it open, its mode, and the room on its disk", name=name
    )


def _server_problem(error: SQLAlchemyError, name: str) -> str:
    if isinstance(error, NoConnectionLeft):
        return say(_BUSY, name=name)
    state = sqlstate_of(error)
    if not state and isinstance(error, DBAPIError):
        return say(_GONE, name=name)
    words = next((words for starts, words in _WORDS if state.startswith(starts)), None)
    return say(words or _OTHER, name=name)
