"""Tables of what is known of when check-ins were; with the others' `metadata` (`device.hub.db.tables`)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table

from device.hub.db.tables import metadata

# Check-ins that arrived while the hub's own clock was in doubt (`device.hub.believed_clock`).
clock_doubts = Table(
    "clock_doubts",
    metadata,
    Column("doubt_id", Integer, primary_key=True),
    Column("began_ms", BigInteger, nullable=False),
    Column("off_ms", BigInteger, nullable=False),
    Column("first_arrival", BigInteger, nullable=False),
    Column("last_arrival", BigInteger, nullable=False),
)

# When a boot's monotonic time was heard first and last, by the hub's own clock.
anchors = Table(
    "anchors",
    metadata,
    Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
    Column("boot_id", String(32), primary_key=True),
    Column("first_monotonic_ms", BigInteger, nullable=False),
    Column("first_arrived_ms", BigInteger, nullable=False),
    Column("last_monotonic_ms", BigInteger, nullable=False),
    Column("last_arrived_ms", BigInteger, nullable=False),
)

# Boots whose wall clock has contradicted itself or another boot's: nothing it claims counts.
liars = Table(
    "liars",
    metadata,
    Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
    Column("boot_id", String(32), primary_key=True),
)

# Runs of neighbouring rows of one boot, and what is known of when they were (`device.hub.db.stretches`).
stretches = Table(
    "stretches",
    metadata,
    Column("ledger_id", Integer, ForeignKey("ledgers.ledger_id"), primary_key=True),
    Column("first_seq", BigInteger, primary_key=True),
    Column("boot_id", String(32), nullable=False),
    Column("first_monotonic_ms", BigInteger, nullable=False),
    Column("last_monotonic_ms", BigInteger, nullable=False),
    *(
        Column(f"{sort}_{end}_{at}", BigInteger)  # NULL: they contradict each other; nothing is claimed
        for sort in ("known", "claimed")
        for end in ("earliest", "latest")
        for at in ("at", "ms")
    ),
)
