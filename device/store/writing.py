"""Inserting rows into the ledger file, durably."""

from __future__ import annotations

import sqlite3
from typing import Final

from device.model import SealedRow
from device.wire.hash_chain import CLOCK_STATE_CODES, DIRECTION_CODES

# What repeats from row to row: find its number, else give it one.
_REFERENCES: Final = (
    ("SELECT ref FROM boots WHERE boot_id = ?", "INSERT INTO boots (boot_id) VALUES (?)"),
    ("SELECT ref FROM places WHERE place_id = ?", "INSERT INTO places (place_id, document) VALUES (?, ?)"),
    ("SELECT ref FROM sealing_keys WHERE key_id = ?", "INSERT INTO sealing_keys (key_id) VALUES (?)"),
)


def write_row(connection: sqlite3.Connection, row: SealedRow, document: str) -> None:
    """Insert and commit; the commit returns after fsync. Raises `sqlite3.Error`."""
    connection.execute("BEGIN IMMEDIATE")
    insert_row(connection, row, document)
    connection.execute("COMMIT")


def insert_row(connection: sqlite3.Connection, row: SealedRow, document: str) -> None:
    """Insert inside the caller's transaction. Raises `sqlite3.Error`."""
    repeated = ((bytes.fromhex(row.at.boot_id),), (row.place_id, document), (row.key_id,))
    boot, place, key = (
        _reference(connection, find, add, values) for (find, add), values in zip(_REFERENCES, repeated, strict=True)
    )
    connection.execute(
        "INSERT INTO check_ins VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row.seq,
            boot,
            row.at.monotonic_ms,
            row.at.wall_ms,
            CLOCK_STATE_CODES[row.at.state],
            DIRECTION_CODES[row.direction],
            int(row.counted),
            place,
            key,
            row.sealed,
            row.link,
        ),
    )


def _reference(connection: sqlite3.Connection, find: str, add: str, values: tuple[object, ...]) -> int:
    found = connection.execute(find, values[:1]).fetchone()
    ref = connection.execute(add, values).lastrowid if found is None else found[0]
    assert isinstance(ref, int)
    return ref
