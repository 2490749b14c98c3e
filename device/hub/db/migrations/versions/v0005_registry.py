"""Version 5: the registry of places, its posters, which gate guards which place, and communes."""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import BigInteger, Column, Connection, ForeignKey, Integer, String, Text, UniqueConstraint, text

from device.words import sentence

revision: Final = "0005"
down_revision: Final = "0004"
TOLD: Final = sentence("make room for registered places and their posters")
_WORDS: Final = (
    *("province", "commune", "address", "responsible", "phone"),
    *("opening_hours", "time_zone", "legal_basis"),
)


def rows(_: Connection) -> int:
    """Return how many rows are moved: none."""
    return 0


def upgrade() -> None:
    """Make the four tables."""
    op.create_table(
        "registered_places",
        Column("place_id", String(18), primary_key=True),
        Column("likeness", String(64), nullable=False, unique=True),
        Column("code", Text, unique=True),
        Column("name", Text, nullable=False),
        Column("kind", String(16), nullable=False),
        *(Column(name, Text, nullable=False) for name in _WORDS),
        Column("added_ms", BigInteger, nullable=False),
        Column("archived_ms", BigInteger),
    )
    op.create_table(
        "posters",
        Column("poster_id", String(24), primary_key=True),
        Column("place_id", String(18), ForeignKey("registered_places.place_id"), nullable=False),
        Column("entrance", Text, nullable=False),
        Column("number", Integer, nullable=False),
        Column("made_ms", BigInteger, nullable=False),
        Column("replaced_ms", BigInteger),
        UniqueConstraint("place_id", "entrance", "number"),
    )
    current = text("replaced_ms IS NULL")
    op.create_index(
        "posters_current",
        "posters",
        ["place_id", "entrance"],
        unique=True,
        sqlite_where=current,
        postgresql_where=current,
    )
    op.create_table(
        "gate_assignments",
        Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
        Column("place_id", String(18), ForeignKey("registered_places.place_id"), nullable=False),
        Column("since_ms", BigInteger, nullable=False),
    )
    op.create_index("ix_gate_assignments_place_id", "gate_assignments", ["place_id"])
    op.create_table(
        "communes",
        Column("code", String(16), primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("name", "type", "province")),
        Column("since", String(10), nullable=False),
    )
