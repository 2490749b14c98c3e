"""Version 7: groups of gates, and who published what at the desk."""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import BigInteger, Column, Connection, ForeignKey, Integer, String, Text

from device.words import sentence

revision: Final = "0007"
down_revision: Final = "0006"
TOLD: Final = sentence("make room for groups of gates and for who published what")


def rows(_: Connection) -> int:
    """Return how many rows are moved: none."""
    return 0


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "gate_groups",
        Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
        Column("name", Text, nullable=False),
    )
    op.create_index("ix_gate_groups_name", "gate_groups", ["name"])
    op.create_table(
        "publications",
        Column("publication_id", Integer, primary_key=True),
        Column("kind", String(16), nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("at_ms", BigInteger, nullable=False),
        Column("who", Text, nullable=False),
        Column("bytes", BigInteger, nullable=False),
    )
    op.create_index("publications_version", "publications", ["kind", "version"], unique=True)
