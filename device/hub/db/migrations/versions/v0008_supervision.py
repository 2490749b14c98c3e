"""Version 8: how the scanning at each place stands, what was exported, and who opened seals of a place."""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import BigInteger, Column, Connection, ForeignKey, Integer, SmallInteger, String, Text

from device.words import sentence

revision: Final = "0008"
down_revision: Final = "0007"
TOLD: Final = sentence("make room for how the scanning at each place stands")


def rows(_: Connection) -> int:
    """Return how many rows are moved: none."""
    return 0


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "place_standings",
        Column("place_id", String(18), ForeignKey("registered_places.place_id"), primary_key=True),
        Column("standing", SmallInteger, nullable=False),
        Column("last_hour", Integer, nullable=False),
        Column("week", Integer, nullable=False),
        Column("hours_part", Integer, nullable=False),
        Column("hours_whole", Integer),
        Column("usual_part", Integer, nullable=False),
        Column("usual_whole", Integer),
        Column("through_part", Integer, nullable=False),
        Column("through_whole", Integer),
        Column("gates", Integer, nullable=False),
        Column("opening", Text, nullable=False),
        Column("seen_hour", Integer, nullable=False),
        Column("seen_ms", BigInteger, nullable=False),
    )
    op.create_index("place_standings_order", "place_standings", ["standing", "last_hour", "place_id"])
    op.create_table(
        "reported_ids",
        Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
        Column("place_id", String(16), primary_key=True),
        Column("said_id", String(24), nullable=False),
    )
    op.create_index("ix_reported_ids_said_id", "reported_ids", ["said_id"])
    op.create_table(
        "day_exports", Column("day", String(10), primary_key=True), Column("at_ms", BigInteger, nullable=False)
    )
    op.create_table(
        "place_unsealings",
        Column("unsealing_id", Integer, primary_key=True),
        Column("place_id", String(18), ForeignKey("registered_places.place_id"), nullable=False),
        Column("at_ms", BigInteger, nullable=False),
        Column("who", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("ground", Text, nullable=False),
        Column("from_ms", BigInteger, nullable=False),
        Column("until_ms", BigInteger, nullable=False),
        Column("checkins", Integer, nullable=False),
    )
    op.create_index("ix_place_unsealings_place_id", "place_unsealings", ["place_id"])
