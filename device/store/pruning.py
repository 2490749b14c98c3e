"""Pruning: deleting delivered rows, in chunks short enough to do between two visitors.

A parked row that the hub keeps apart goes like any other: the hub has all of it. One that the hub could not take is
nowhere else, and stays until it was taken (`queue retry`) or a person gives it up (`queue drop`).
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Final

from device.clock import DAY_MS, ClockReading, ClockState
from device.store.delivery_state import DeliveryState, read_delivery, write_delivery
from device.store.rows import link_at
from device.store.schema import Meta
from device.wire.checkins import KEPT_APART

CHUNK_ROWS: Final = 256
_APART: Final = ", ".join("?" * len(KEPT_APART))


def prune(connection: sqlite3.Connection, meta: Meta, until: int, chunk: int = CHUNK_ROWS) -> int:
    """Delete the oldest delivered rows up to *until*, inside the caller's transaction.

    Returns how many rows this call has left behind, at most *chunk*; 0 when there are none to delete. Raises
    `LedgerDamaged`, `sqlite3.Error`.
    """
    delivery = read_delivery(connection, meta.root)
    until = min(delivery.cursor, until, delivery.pruned_seq + chunk)
    if until <= delivery.pruned_seq:
        return 0
    link = link_at(connection, until)
    connection.execute(f"DELETE FROM parked WHERE seq <= ? AND reason IN ({_APART})", [until, *KEPT_APART])  # noqa: S608
    connection.execute("DELETE FROM check_ins WHERE seq <= ? AND seq NOT IN (SELECT seq FROM parked)", [until])
    write_delivery(connection, meta.root, replace(delivery, pruned_seq=until, pruned_link=link))
    return until - delivery.pruned_seq


def old_until(connection: sqlite3.Connection, delivery: DeliveryState, keep_ms: int, at: ClockReading) -> int:
    """Return the last delivered row of the next chunk that was kept for long enough; 0 when there is none.

    A row's time is its wall clock's claim. One that lies more than a day ahead cannot be true and counts as old:
    the row is at the centre. While the gate's own clock is not synchronised, nothing is old.
    """
    if at.state is not ClockState.SYNCHRONISED:
        return 0
    oldest, newest = at.wall_ms - keep_ms, at.wall_ms + DAY_MS
    first = "SELECT wall_ms BETWEEN ? AND ? FROM check_ins WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT 1"
    (kept,) = connection.execute(first, [oldest, newest, delivery.pruned_seq, delivery.cursor]).fetchone() or (1,)
    if kept:
        return 0
    old = "SELECT max(seq) FROM check_ins WHERE seq > ? AND seq <= ? AND (wall_ms < ? OR wall_ms > ?)"
    until = min(delivery.cursor, delivery.pruned_seq + CHUNK_ROWS)
    (found,) = connection.execute(old, [delivery.pruned_seq, until, oldest, newest]).fetchone()
    return int(found or 0)


def rows_kept(connection: sqlite3.Connection, delivery: DeliveryState, newest: int) -> int:
    """Count the rows in the file without looking at each: those after the pruned ones, and parked ones before."""
    (parked,) = connection.execute("SELECT count(*) FROM parked WHERE seq <= ?", [delivery.pruned_seq]).fetchone()
    return newest - delivery.pruned_seq + int(parked)
