"""Version 9: what is wrong, and what must be told to whom."""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import BigInteger, Column, Connection, ForeignKey, Integer, String, Text, text

from device.words import sentence

revision: Final = "0009"
down_revision: Final = "0008"
TOLD: Final = sentence("make room for alerts and their messages")


def rows(_: Connection) -> int:
    """Return how many rows are moved: none."""
    return 0


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "alerts",
        Column("alert_id", Integer, primary_key=True),
        Column("rule", String(24), nullable=False),
        Column("subject", String(64), nullable=False),
        Column("device_id", String(64), ForeignKey("gates.device_id")),
        Column("place_id", String(18), ForeignKey("registered_places.place_id")),
        Column("began_ms", BigInteger, nullable=False),
        Column("since_ms", BigInteger, nullable=False),
        Column("detail", Text, nullable=False),
        Column("again", Integer, nullable=False),
        Column("clear_ms", BigInteger),
        Column("ended_ms", BigInteger),
        Column("acknowledged_ms", BigInteger),
        Column("acknowledged_by", Text),
    )
    is_open = text("ended_ms IS NULL")
    op.create_index(
        "alerts_open", "alerts", ["rule", "subject"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index("alerts_ended", "alerts", ["ended_ms"])
    op.create_table(
        "deliveries",
        Column("delivery_id", Integer, primary_key=True),
        Column("sink", String(16), nullable=False),
        Column("made_ms", BigInteger, nullable=False),
        Column("document", Text, nullable=False),
        Column("tries", Integer, nullable=False),
        Column("due_ms", BigInteger, nullable=False),
        Column("error", String(40), nullable=False),
        Column("told_ms", BigInteger),
    )
    waits = text("told_ms IS NULL")
    op.create_index(
        "deliveries_waiting", "deliveries", ["sink", "delivery_id"], sqlite_where=waits, postgresql_where=waits
    )
    op.create_table(
        "alert_looks",
        Column("one", Integer, primary_key=True),
        Column("looked_ms", BigInteger, nullable=False),
        Column("hearing_ms", BigInteger, nullable=False),
    )
