"""A ledger's files, as tests look at them and damage them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from device.store.reading import read_back


def seqs(folder: Path) -> list[int]:
    return [row.seq for row in read_back(folder)]


def damaged_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("ledger.db.damaged-*"))


def change(folder: Path, statement: str, *values: object) -> None:
    """Do to the file what only a fault or a thief would."""
    connection = sqlite3.connect(folder / "ledger.db")
    with connection:
        connection.execute(statement, values)
    connection.close()
