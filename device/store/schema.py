"""SQLite schema of the ledger file (layout 1), how it is opened, and what is checked before it is trusted.

One SQLite file ``ledger.db`` in WAL mode with ``synchronous=FULL``. A check-in's name is (device, epoch,
seq). What repeats from row to row (boot, place, key) stands once in a table of its own; the delivery state
is apart from the rows, so that acknowledging any number of them changes one row.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from device.durable import no_room
from device.errors import LedgerDamaged, LedgerFull, LedgerUnavailable
from device.store.ballast import NEEDED_BYTES
from device.store.delivery_state import DeliveryState, read_delivery, write_delivery
from device.wire.hash_chain import genesis
from device.words import say, sentence

FILE_NAME: Final = "ledger.db"
LAYOUT: Final = 1

_TABLES: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE boots (ref INTEGER PRIMARY KEY, boot_id BLOB NOT NULL UNIQUE) STRICT;
CREATE TABLE places (ref INTEGER PRIMARY KEY, place_id TEXT NOT NULL UNIQUE, document TEXT NOT NULL) STRICT;
CREATE TABLE sealing_keys (ref INTEGER PRIMARY KEY, key_id TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE check_ins (
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    boot INTEGER NOT NULL REFERENCES boots,
    monotonic_ms INTEGER NOT NULL,
    wall_ms INTEGER NOT NULL,
    clock_state INTEGER NOT NULL,
    direction INTEGER NOT NULL,
    counted INTEGER NOT NULL CHECK (counted IN (0, 1)),
    place INTEGER NOT NULL REFERENCES places,
    sealing_key INTEGER NOT NULL REFERENCES sealing_keys,
    sealed BLOB NOT NULL,
    link BLOB NOT NULL CHECK (length(link) = 32)
) STRICT;
CREATE TABLE delivery (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    cursor INTEGER NOT NULL,
    pruned_seq INTEGER NOT NULL,
    pruned_link BLOB NOT NULL,
    proof BLOB
) STRICT;
CREATE TABLE parked (seq INTEGER PRIMARY KEY, reason TEXT NOT NULL) STRICT;
"""
_EPOCH_AGAIN: Final = "CREATE VIEW IF NOT EXISTS epoch_again AS SELECT '{}'"
"""Nobody asks the view: its text stands on the first page, for `device.store.salvage` when that of ``meta`` is lost."""
EPOCH: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_TABLE_NAMES: Final = {"meta", "boots", "places", "sealing_keys", "check_ins", "delivery", "parked"}

# A commit that passes this many pages of WAL also copies them into the file. Small, so that the visitor
# who meets it waits for tens of pages and not for a thousand.
_CHECKPOINT_PAGES: Final = 256
WAL_LIMIT_BYTES: Final = 2 << 20
# Our own statements, over our own tables, fail with the latter ones only where what lies in the file was changed.
_CORRUPT_CODES: Final = (
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_SCHEMA,
    sqlite3.SQLITE_TOOBIG,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
)
# What cannot be read is not here any more, whatever the reason.
_BAD_BLOCK_CODES: Final = (sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_CORRUPTFS)
# A card without room for the 32 KiB of the log's index is full too.
_FULL_CODES: Final = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
_ADVICE: Final = {
    sqlite3.SQLITE_READONLY: sentence(
        "it is read-only: check the card, and that its folder belongs to the service's user"
    ),
    sqlite3.SQLITE_CANTOPEN: sentence(
        "it cannot be opened: check that its folder exists and belongs to the service's user"
    ),
    sqlite3.SQLITE_IOERR: sentence("the card gives read or write errors: replace it"),
    sqlite3.SQLITE_BUSY: sentence("another program holds it: close what else has it open"),
}


@dataclass(frozen=True, slots=True)
class Meta:
    """What a ledger file says of itself.

    Attributes:
        device_id: whose it is.
        epoch: 32 hexadecimal digits made with the file.
        root: the link before the first row.
    """

    device_id: str
    epoch: str
    root: bytes


def unavailable(error: sqlite3.Error, path: Path) -> LedgerUnavailable:
    """Turn SQLite's error into ours, saying what to do."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    # Python's own complaint that text in the file is not UTF-8 comes without a code.
    if (
        primary in _CORRUPT_CODES
        or code in _BAD_BLOCK_CODES
        or (code is None and isinstance(error, sqlite3.OperationalError))
    ):
        return LedgerDamaged(f"the ledger {path} is damaged; it is set aside when the gate opens it anew")
    if code in _FULL_CODES:
        return LedgerFull(
            say(
                "the ledger {path} cannot be used: the card is full: {room}",
                path=path,
                room=no_room(path.parent, NEEDED_BYTES),
            )
        )
    advice = say(_ADVICE[primary]) if primary in _ADVICE else None
    return LedgerUnavailable(say("the ledger {path} cannot be used: {why}", path=path, why=advice or error))


class LedgerConnection(sqlite3.Connection):
    """A connection whose every failure is an `sqlite3.Error`.

    Where damage has made a schema that is not UTF-8, Python cannot read SQLite's complaint, and raises another error.
    """

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:  # noqa: ANN401 - as the library has it
        """Execute one statement; raises `sqlite3.Error`."""
        try:
            return super().execute(sql, parameters)
        except UnicodeDecodeError as error:
            raise sqlite3.OperationalError("what SQLite says of it is no text") from error


def connect(
    path: Path, *, create: bool = False, busy_s: float = 2.0, page_cap: int | None = None
) -> sqlite3.Connection:
    """Open a connection that may write, with every setting read back. May be used on any one thread at a time.

    Args:
        path: the file.
        create: make it when there is none.
        busy_s: how long to wait for another connection's transaction.
        page_cap: most pages of 4 KiB the file may grow to; ``None`` leaves SQLite's own limit.

    Raises:
        sqlite3.Error: it cannot be opened.
        LedgerUnavailable: the file system cannot do what durability needs.
    """
    uri = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, timeout=busy_s, factory=LedgerConnection
    )
    try:
        _make_durable(connection, path)
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT_BYTES}")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA foreign_keys = ON")
        if page_cap is not None:
            connection.execute(f"PRAGMA max_page_count = {page_cap:d}")
    except BaseException:
        connection.close()
        raise
    return connection


def _make_durable(connection: sqlite3.Connection, path: Path) -> None:
    """Set WAL and FULL, and believe only what is read back."""
    (journal,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = FULL")
    (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
    if (journal, synchronous) != ("wal", 2):
        raise LedgerUnavailable(
            say(
                "the ledger {path} cannot be kept durably (journal {journal}, synchronous {synchronous}): put its "
                "folder on the card's own file system",
                path=path,
                journal=journal,
                synchronous=synchronous,
            )
        )


def is_blank(connection: sqlite3.Connection) -> bool:
    """Return whether nothing was ever made in the file (new, or a power cut while it was being made)."""
    (count,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return bool(count == 0)


def create(connection: sqlite3.Connection, device_id: str, epoch: str | None = None) -> None:
    """Make the tables, all or nothing, and a new epoch when none is given."""
    epoch = epoch or secrets.token_hex(16)
    connection.execute("BEGIN IMMEDIATE")
    for statement in _TABLES.split(";"):
        connection.execute(statement)
    connection.executemany(
        "INSERT INTO meta VALUES (?, ?)", [("layout", str(LAYOUT)), ("device_id", device_id), ("epoch", epoch)]
    )
    root = genesis(device_id, epoch)
    write_delivery(connection, root, DeliveryState(0, 0, root))
    connection.execute(_EPOCH_AGAIN.format(epoch))
    connection.execute("COMMIT")


def complete(connection: sqlite3.Connection) -> None:
    """Add what a ledger of an earlier state of this layout lacks: the delivery state's proof, the epoch once more."""
    columns = "SELECT count(*) FROM pragma_table_info('delivery') WHERE name = 'proof'"
    if connection.execute(columns).fetchone() == (0,):
        connection.execute("ALTER TABLE delivery ADD COLUMN proof BLOB")
    (epoch,) = connection.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone() or ("",)
    if EPOCH.fullmatch(epoch):
        connection.execute(_EPOCH_AGAIN.format(epoch))


def read_meta(connection: sqlite3.Connection, path: Path) -> Meta:
    """Read what the file says of itself.

    Raises:
        LedgerDamaged: it says nothing that makes sense.
        LedgerUnavailable: a newer version of the gate has written it.
        sqlite3.Error: it cannot be read.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not tables >= _TABLE_NAMES:
        raise LedgerDamaged(f"the ledger {path} lacks tables")
    said = dict(connection.execute("SELECT name, value FROM meta").fetchall())
    try:
        layout, device_id, epoch = int(said["layout"]), said["device_id"], said["epoch"]
        root = genesis(device_id, epoch)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise LedgerDamaged(f"the ledger {path} does not say whose it is") from error
    if layout != LAYOUT:
        if (layout ^ LAYOUT).bit_count() == 1 and _is_proved(connection, root):
            raise LedgerDamaged(f"the ledger {path} says that its layout is {layout}")
        raise LedgerUnavailable(
            say(
                "the ledger {path} has layout {layout}: install the version of the gate that wrote it",
                path=path,
                layout=layout,
            )
        )
    return Meta(device_id, epoch, root)


def _is_proved(connection: sqlite3.Connection, root: bytes) -> bool:
    try:
        read_delivery(connection, root)
    except (sqlite3.Error, LedgerDamaged):
        return False
    return True
