"""Context manager base of the ledger, its reader and the outbox: leaving the block closes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self


class Closing(ABC):
    """What is open until `close`."""

    @abstractmethod
    def close(self) -> None:
        """Close it; any number of times."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
