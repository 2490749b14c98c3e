"""Version 6: which accounts see which places."""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import Column, Connection, ForeignKey, Integer, String

from device.words import sentence

revision: Final = "0006"
down_revision: Final = "0005"
TOLD: Final = sentence("make room for whose places an account sees")


def rows(_: Connection) -> int:
    """Return how many rows are moved: none."""
    return 0


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "account_places",
        Column("account_id", Integer, ForeignKey("accounts.account_id"), primary_key=True),
        Column("place_id", String(18), ForeignKey("registered_places.place_id"), primary_key=True),
    )
    op.create_index("ix_account_places_place_id", "account_places", ["place_id"])
