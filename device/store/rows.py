"""Reading rows and places from the ledger's tables; a row is verified by the hash chain."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, cast

from device.clock import ClockReading
from device.errors import LedgerDamaged, WireError
from device.model import Place, SealedRow
from device.wire.hash_chain import CLOCK_STATES, DIRECTIONS, link_of
from device.wire.places import place_named

_ROWS: Final = """
SELECT seq, boots.boot_id, monotonic_ms, wall_ms, clock_state, direction, counted, places.place_id,
       sealing_keys.key_id, sealed, link
FROM check_ins
JOIN boots ON boots.ref = boot
JOIN places ON places.ref = place
JOIN sealing_keys ON sealing_keys.ref = sealing_key
"""
_SELECT: Final = _ROWS + "WHERE seq > ? ORDER BY seq LIMIT ?"
_SELECT_ONE: Final = _ROWS + "WHERE seq = ?"
_CLEAR_BYTES: Final = 320

_Columns = tuple[int, bytes, int, int, int, int, int, str, str, bytes, bytes]
_TYPES: Final = (int, bytes, int, int, int, int, int, str, str, bytes, bytes)


def rows_after(connection: sqlite3.Connection, seq: int, limit: int = -1) -> Iterator[SealedRow]:
    """Yield rows with a higher sequence number than *seq* in order; at most *limit*, all when negative.

    Raises `LedgerDamaged` for a row whose codes mean nothing, `sqlite3.Error` when it cannot be read.
    """
    columns: _Columns
    for columns in connection.execute(_SELECT, [seq, limit]):
        yield _row(columns)


def row_at(connection: sqlite3.Connection, seq: int) -> SealedRow | None:
    """Return one row; ``None`` when it is not there. Raises as `rows_after`."""
    columns = connection.execute(_SELECT_ONE, [seq]).fetchone()
    return None if columns is None else _row(columns)


def link_at(connection: sqlite3.Connection, seq: int) -> bytes:
    """Return the link of one row, as it stands there. Raises `LedgerDamaged`, `sqlite3.Error`."""
    (link,) = connection.execute("SELECT link FROM check_ins WHERE seq = ?", [seq]).fetchone() or (None,)
    if not isinstance(link, bytes):
        raise LedgerDamaged(f"row {seq} of the ledger is missing, or has no link")
    return link


def first_batch(rows: Iterable[SealedRow], most_rows: int, most_bytes: int) -> tuple[SealedRow, ...]:
    """Take rows from the start as one batch: within both limits (but at least one) and without a gap.

    Args:
        rows: in order.
        most_rows: at most so many.
        most_bytes: of JSON before compression, roughly: the sealed bytes in base64 and `_CLEAR_BYTES`.
    """
    batch: list[SealedRow] = []
    weight = 0
    for row in rows:
        weight += -(-len(row.sealed) // 3) * 4 + _CLEAR_BYTES
        # A gap means damage. Rows after it go in a batch of their own, where the centre can see it.
        if batch and (weight > most_bytes or row.seq != batch[-1].seq + 1):
            break
        batch.append(row)
        if len(batch) >= most_rows:
            break
    return tuple(batch)


def read_places(connection: sqlite3.Connection, place_ids: Iterable[str]) -> tuple[tuple[str, Place], ...]:
    """Read the documents behind *place_ids*, each once, in order. Raises `LedgerDamaged`, `sqlite3.Error`."""
    places = []
    for place_id in sorted(set(place_ids)):
        found = connection.execute("SELECT document FROM places WHERE place_id = ?", [place_id]).fetchone()
        try:
            places.append((place_id, place_named(place_id, *(found or ("",)))))
        except WireError as error:
            raise LedgerDamaged(f"the ledger's document of place {place_id} is damaged") from error
    return tuple(places)


def proved(rows: Iterable[SealedRow], seq: int, link: bytes) -> Iterator[SealedRow]:
    """Yield *rows* as long as each follows from the one before, the first from *seq* and *link*.

    Raises `LedgerDamaged` at the first that does not.
    """
    for row in rows:
        if row.seq != seq + 1:
            raise LedgerDamaged(f"row {seq + 1} of the ledger is missing")
        try:
            expected = link_of(link, row)
        except (ValueError, struct.error) as error:
            raise LedgerDamaged(f"row {row.seq} of the ledger has a field that does not fit") from error
        if row.link != expected:
            raise LedgerDamaged(f"row {row.seq} of the ledger does not follow from the one before")
        seq, link = row.seq, row.link
        yield row


def _row(columns: _Columns) -> SealedRow:
    row = row_of(columns)
    if row is None:
        raise LedgerDamaged(f"row {columns[0]} of the ledger has a field that does not fit")
    return row


def row_of(columns: Sequence[object]) -> SealedRow | None:
    """Make a row of what stands in its columns; ``None`` when one has a type or a code that no row has."""
    if tuple(map(type, columns)) != _TYPES:
        return None
    seq, boot_id, monotonic_ms, wall_ms, clock_state, direction, counted, place_id, key_id, sealed, link = cast(
        "_Columns", columns
    )
    if clock_state not in CLOCK_STATES or direction not in DIRECTIONS or counted not in (0, 1):
        return None
    at = ClockReading(boot_id.hex(), monotonic_ms, wall_ms, CLOCK_STATES[clock_state])
    return SealedRow(seq, at, DIRECTIONS[direction], bool(counted), place_id, key_id, sealed, link)
