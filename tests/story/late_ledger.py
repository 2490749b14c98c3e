"""A ledger that breaks its promise, to see that the kill benchmark notices."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from device.crypto.sealing import Sealer
from device.model import CheckIn
from device.store.ledger import SqliteLedger
from device.store.reading import read_back


class LateLedger:
    """Answers at once and commits when the next check-in comes."""

    def __init__(self, ledger: SqliteLedger, newest: int) -> None:
        self._ledger = ledger
        self._newest = newest
        self._waiting: CheckIn | None = None

    @classmethod
    def open(cls, folder: Path, device_id: str, sealer: Sealer) -> Self:
        ledger = SqliteLedger.open(folder, device_id, sealer)
        return cls(ledger, sum(1 for _ in read_back(folder)))

    def record(self, check_in: CheckIn) -> int:
        if self._waiting is not None:
            self._ledger.record(self._waiting)
        self._waiting = check_in
        self._newest += 1
        return self._newest
