"""Version 1: the tables of before there were migrations.

A hub's database without a version is one of these, or one of before some of them were there: what is missing is made.
"""

from __future__ import annotations

from typing import Any, Final

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from device.words import sentence

revision: Final = "0001"
down_revision: Final = None
TOLD: Final = sentence("make the tables that are missing")

metadata = MetaData()

_Arrival = BigInteger().with_variant(Integer, "sqlite")

Table(
    "gates",
    metadata,
    Column("device_id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("public_key", LargeBinary(32), nullable=False, unique=True),
    Column("revocation", LargeBinary(64)),
    Column("added_ms", BigInteger, nullable=False),
    Column("began_ms", BigInteger, nullable=False),
    Column("contact_ms", BigInteger, nullable=False),
    Column("sealing_day", String(10), nullable=False),
)

Table(
    "sealing_days",
    metadata,
    Column("key_id", String(64), primary_key=True),
    Column("day", String(10), nullable=False, unique=True),
    Column("destroyed_ms", BigInteger),
    Column("gone", Boolean, nullable=False),
)

Table(
    "stray_keys",
    metadata,
    Column("key_id", String(64), ForeignKey("sealing_days.key_id"), primary_key=True),
    Column("noticed_day", String(10), nullable=False),
)

Table(
    "destructions",
    metadata,
    Column("destruction_id", Integer, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("day", String(10), nullable=False),
    Column("last_day", String(10), nullable=False),
    Column("checkins", BigInteger, nullable=False),
)

Table(
    "clock_doubts",
    metadata,
    Column("doubt_id", Integer, primary_key=True),
    Column("began_ms", BigInteger, nullable=False),
    Column("off_ms", BigInteger, nullable=False),
    Column("first_arrival", BigInteger, nullable=False),
    Column("last_arrival", BigInteger, nullable=False),
)

Table(
    "upkeep",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("seen_day", String(10), nullable=False),
)

Table(
    "anchors",
    metadata,
    Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
    Column("boot_id", String(32), primary_key=True),
    Column("first_monotonic_ms", BigInteger, nullable=False),
    Column("first_arrived_ms", BigInteger, nullable=False),
    Column("last_monotonic_ms", BigInteger, nullable=False),
    Column("last_arrived_ms", BigInteger, nullable=False),
)

Table(
    "liars",
    metadata,
    Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
    Column("boot_id", String(32), primary_key=True),
)

Table(
    "stretches",
    metadata,
    Column("ledger_id", Integer, ForeignKey("ledgers.ledger_id"), primary_key=True),
    Column("first_seq", BigInteger, primary_key=True),
    Column("boot_id", String(32), nullable=False),
    Column("first_monotonic_ms", BigInteger, nullable=False),
    Column("last_monotonic_ms", BigInteger, nullable=False),
    *(
        Column(f"{sort}_{end}_{at}", BigInteger)
        for sort in ("known", "claimed")
        for end in ("earliest", "latest")
        for at in ("at", "ms")
    ),
)

Table(
    "codes",
    metadata,
    Column("code_id", String(4), primary_key=True),
    Column("proof_key", LargeBinary(32)),
    Column("name", Text, nullable=False),
    Column("device_id", String(64), ForeignKey("gates.device_id")),
    Column("expires_ms", BigInteger, nullable=False),
    Column("asked", LargeBinary(32)),
    Column("granted", Text),
    Column("granted_proof", LargeBinary(32)),
)

Table(
    "ledgers",
    metadata,
    Column("ledger_id", Integer, primary_key=True),
    Column("device_id", String(64), ForeignKey("gates.device_id"), nullable=False),
    Column("epoch", String(32), nullable=False),
    Column("head_seq", BigInteger, nullable=False),
    Column("head_link", LargeBinary(32), nullable=False),
    Column("settled_seq", BigInteger, nullable=False),
    Column("heard_ms", BigInteger, nullable=False),
    Column("known_earliest_ms", BigInteger),
    Column("known_latest_ms", BigInteger),
    UniqueConstraint("device_id", "epoch"),
)

Table(
    "places",
    metadata,
    Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
    Column("place_id", String(16), primary_key=True),
    Column("document", Text, nullable=False),
)


def _row_columns() -> list[Column[Any]]:
    return [
        Column("arrival", _Arrival, primary_key=True),
        Column("arrived_ms", BigInteger, nullable=False),
        Column("ledger_id", Integer, ForeignKey("ledgers.ledger_id"), nullable=False),
        Column("seq", BigInteger, nullable=False),
        Column("boot_id", String(32), nullable=False),
        Column("monotonic_ms", BigInteger, nullable=False),
        Column("wall_ms", BigInteger, nullable=False),
        Column("clock_state", String(16), nullable=False),
        Column("direction", String(8), nullable=False),
        Column("counted", Boolean, nullable=False),
        Column("place_id", String(16), nullable=False),
        Column("key_id", String(64), nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("link", LargeBinary(32), nullable=False),
    ]


Table(
    "checkins",
    metadata,
    *_row_columns(),
    Column("earliest_ms", BigInteger, nullable=False),
    Column("latest_ms", BigInteger, nullable=False),
    Index("checkins_name", "ledger_id", "seq", unique=True),
    Index("checkins_key", "key_id"),
)

Table(
    "quarantine",
    metadata,
    *_row_columns(),
    Column("reason", String(40), nullable=False),
    Index("quarantine_name", "ledger_id", "seq", "link", unique=True),
)

Table(
    "alarms",
    metadata,
    Column("alarm_id", Integer, primary_key=True),
    Column("raised_ms", BigInteger, nullable=False),
    Column("ledger_id", Integer, ForeignKey("ledgers.ledger_id"), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("seq", BigInteger, nullable=False),
    UniqueConstraint("ledger_id", "kind", "seq"),
)

Table(
    "signed_heads",
    metadata,
    Column("ledger_id", Integer, ForeignKey("ledgers.ledger_id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("link", LargeBinary(32), primary_key=True),
    Column("signature", LargeBinary(64), nullable=False),
    Column("disputed", Boolean, nullable=False),
)

Table(
    "statuses",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("declared", Boolean),
    Column("health", String(8)),
    Column("movement_declared", Boolean),
    Column("doses", Integer),
)

Table(
    "unsealings",
    metadata,
    Column("unsealing_id", Integer, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("first_arrival", BigInteger, nullable=False),
    Column("last_arrival", BigInteger, nullable=False),
)


def rows(_: Connection) -> int:
    """Return how many rows are moved."""
    return 0


def upgrade() -> None:
    """Make what is not there."""
    metadata.create_all(op.get_bind())
