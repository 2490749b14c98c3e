"""Version 3: how each gate stands, and what it counted by hour."""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import BigInteger, Column, Connection, ForeignKey, Integer, String, Text

from device.words import sentence

revision: Final = "0003"
down_revision: Final = "0002"
TOLD: Final = sentence("make room for what gates say of themselves")
_COUNTS: Final = ("granted", "referred", "denied", "not_ours", "unreadable", "several", "passed")


def rows(_: Connection) -> int:
    """Return how many rows are moved: none."""
    return 0


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "gate_state",
        Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
        Column("heard_ms", BigInteger, nullable=False),
        Column("version", String(32), nullable=False),
        Column("troubles", Text, nullable=False),
        Column("waiting", BigInteger),
        Column("day", String(10), nullable=False),
        Column("scans", BigInteger, nullable=False),
        Column("document", Text, nullable=False),
    )
    op.create_table(
        "gate_counters",
        Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
        Column("hour", Integer, primary_key=True, autoincrement=False),
        Column("series", String(16), primary_key=True),
        *(Column(name, Integer, nullable=False) for name in _COUNTS),
        sqlite_with_rowid=False,
    )
