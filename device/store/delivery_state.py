"""The delivery state in the ledger file: how far the rows are delivered and where the file begins, under a proof.

One wrong bit in the cursor would pass over rows for ever. So the state is written together with a hash over itself
and the ledger's root, which stands for the device and the epoch.
"""

from __future__ import annotations

import hashlib
import sqlite3
import struct
from dataclasses import dataclass
from typing import Final

from device.errors import LedgerDamaged

_NUMBERS: Final = struct.Struct(">QQ")


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """How far the rows are delivered, and where the file begins.

    Attributes:
        cursor: everything up to and including this row is settled at the centre.
        pruned_seq: everything up to and including this row is gone from the file (rows that the hub has not kept
            stay); 0 at first.
        pruned_link: that row's link; the ledger's root at first.
    """

    cursor: int
    pruned_seq: int
    pruned_link: bytes

    def proof(self, root: bytes) -> bytes:
        """Return the hash that stands beside it, 32 bytes; raises `struct.error` for what no state can be."""
        said = b"gate/1 delivery\0" + root + _NUMBERS.pack(self.cursor, self.pruned_seq) + self.pruned_link
        return hashlib.sha256(said).digest()


def read_delivery(connection: sqlite3.Connection, root: bytes) -> DeliveryState:
    """Read the delivery state of the ledger with this root.

    Raises:
        LedgerDamaged: it is none of this ledger's, or was changed.
        sqlite3.Error: it cannot be read.
    """
    found = connection.execute("SELECT * FROM delivery").fetchone()
    if found is None:
        raise LedgerDamaged("the ledger has lost its delivery state")
    said, proof = found[1:4], (*found[4:], None)[0]
    if tuple(map(type, said)) != (int, int, bytes) or not 0 <= said[1] <= said[0]:
        raise LedgerDamaged("the ledger's delivery state makes no sense")
    state = DeliveryState(*said)
    if state.pruned_seq == 0 and state.pruned_link != root:
        raise LedgerDamaged("row 1 of the ledger belongs to another device or epoch")
    if proof is not None and proof != state.proof(root):  # there is none where an earlier version wrote it
        raise LedgerDamaged("the ledger's delivery state was changed, or its name")
    return state


def write_delivery(connection: sqlite3.Connection, root: bytes, state: DeliveryState) -> None:
    """Write the delivery state inside the caller's transaction. Raises `sqlite3.Error`."""
    values = [state.cursor, state.pruned_seq, state.pruned_link, state.proof(root)]
    connection.execute("INSERT OR REPLACE INTO delivery VALUES (1, ?, ?, ?, ?)", values)
