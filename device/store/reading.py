"""Reading a ledger back, each row verified by the hash chain: for the command line, benchmarks, the demo and tests."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from device.model import Place, SealedRow
from device.store.closing import Closing
from device.store.delivery_state import read_delivery
from device.store.rows import proved, read_places, rows_after
from device.store.schema import FILE_NAME, LedgerConnection, read_meta, unavailable


class LedgerReader(Closing):
    """A ledger open for reading only, beside the gate that writes it. Used on one thread.

    Attributes:
        device_id: whose ledger.
        epoch: 32 hexadecimal digits.
        cursor: everything up to and including this row is settled at the centre.
        parked: rows the centre refused, with its reason.
    """

    def __init__(self, folder: Path) -> None:
        """Open the ledger in *folder*; raises `LedgerUnavailable` when there is none to read."""
        self._path = folder / FILE_NAME
        try:
            self._connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, factory=LedgerConnection
            )
            try:
                meta = read_meta(self._connection, self._path)
                # One state from here to the end, whatever the gate writes meanwhile.
                self._connection.execute("BEGIN")
                self._delivery = read_delivery(self._connection, meta.root)
                self.parked: tuple[tuple[int, str], ...] = tuple(
                    self._connection.execute("SELECT seq, reason FROM parked ORDER BY seq")
                )
            except BaseException:
                self._connection.close()
                raise
        except sqlite3.Error as error:
            raise unavailable(error, self._path) from error
        self.device_id, self.epoch, self.cursor = meta.device_id, meta.epoch, self._delivery.cursor

    def rows(self, after: SealedRow | None = None) -> Iterator[SealedRow]:
        """Yield the rows in order, each proved by the chain.

        Args:
            after: a row already proved, to go on from; ``None`` starts where the file starts, which is row 1
                until rows are pruned. Parked rows left behind by pruning are not among them.

        Raises:
            LedgerUnavailable: a row is missing, changed or unreadable; the message names it.
        """
        seq, link = (after.seq, after.link) if after else (self._delivery.pruned_seq, self._delivery.pruned_link)
        try:
            yield from proved(rows_after(self._connection, seq), seq, link)
        except sqlite3.Error as error:
            raise unavailable(error, self._path) from error

    def count_since(self, wall_ms: int) -> int:
        """Count check-ins from the newest back to the first one written before this wall time.

        Raises:
            LedgerUnavailable: it cannot be read.
        """
        count = 0
        try:
            for (at_ms,) in self._connection.execute("SELECT wall_ms FROM check_ins ORDER BY seq DESC"):
                if at_ms < wall_ms:
                    break
                count += 1
        except sqlite3.Error as error:
            raise unavailable(error, self._path) from error
        return count

    def places(self) -> dict[str, Place]:
        """Return the documents behind the rows' place ids. Raises `LedgerUnavailable`."""
        try:
            place_ids = [place_id for (place_id,) in self._connection.execute("SELECT place_id FROM places")]
            return dict(read_places(self._connection, place_ids))
        except sqlite3.Error as error:
            raise unavailable(error, self._path) from error

    def close(self) -> None:
        """Close; may be called twice."""
        self._connection.close()


def read_back(folder: Path) -> Iterator[SealedRow]:
    """Yield every row of the ledger in *folder*, proved; see `LedgerReader.rows`."""
    with LedgerReader(folder) as reader:
        yield from reader.rows()
