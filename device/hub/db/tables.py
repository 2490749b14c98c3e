"""Tables of the hub's database (SQLAlchemy Core), in types that SQLite and PostgreSQL share.

A check-in's name is (ledger, seq); a ledger is (device, epoch) and carries the cursor. ``arrival`` numbers
rows as they came in, for reading on from where one stopped.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
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

metadata = MetaData()

# SQLite numbers rows by itself only for a column of exactly this type.
_Arrival = BigInteger().with_variant(Integer, "sqlite")

gates = Table(
    "gates",
    metadata,
    Column("device_id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("public_key", LargeBinary(32), nullable=False, unique=True),
    Column("revocation", LargeBinary(64)),  # the root's signature that ends this key; NULL while it is good
    Column("added_ms", BigInteger, nullable=False),
    Column("began_ms", BigInteger, nullable=False),  # nothing of it was recorded before; 0 when that is not known
    Column("contact_ms", BigInteger, nullable=False),  # when it was last heard, rows or not
    Column("sealing_day", String(10), nullable=False),  # nothing more comes that is sealed to the key of an earlier day
)

sealing_days = Table(
    "sealing_days",
    metadata,
    Column("key_id", String(64), primary_key=True),
    Column("day", String(10), nullable=False, unique=True),
    Column("destroyed_ms", BigInteger),  # when that was decided
    Column("gone", Boolean, nullable=False),  # and done: neither the file nor a body sealed to it is left
)

# Keys of days far off that were made when the hub's clock had leapt, and the day on which that was noticed.
stray_keys = Table(
    "stray_keys",
    metadata,
    Column("key_id", String(64), ForeignKey("sealing_days.key_id"), primary_key=True),
    Column("noticed_day", String(10), nullable=False),
)

# What was destroyed, by whom, and what went with it; nothing is ever taken out of here.
destructions = Table(
    "destructions",
    metadata,
    Column("destruction_id", Integer, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("day", String(10), nullable=False),
    Column("last_day", String(10), nullable=False),  # the last day on which something may have been sealed to it
    Column("checkins", BigInteger, nullable=False),
)

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

# One row: the day of the last maintenance (`device.hub.maintenance`), so that a clock that leaps is noticed.
upkeep = Table(
    "upkeep",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("seen_day", String(10), nullable=False),
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

codes = Table(
    "codes",
    metadata,
    Column("code_id", String(4), primary_key=True),
    Column("proof_key", LargeBinary(32)),  # gone as soon as the code is used; with its row when it has expired
    Column("name", Text, nullable=False),
    Column("device_id", String(64), ForeignKey("gates.device_id")),  # for which gate, or which one it became
    Column("expires_ms", BigInteger, nullable=False),
    Column("asked", LargeBinary(32)),  # SHA-256 of the request that used it, which may come again
    Column("granted", Text),  # the answer to it, which is no secret
    Column("granted_proof", LargeBinary(32)),
)

ledgers = Table(
    "ledgers",
    metadata,
    Column("ledger_id", Integer, primary_key=True),
    Column("device_id", String(64), ForeignKey("gates.device_id"), nullable=False),
    Column("epoch", String(32), nullable=False),
    Column("head_seq", BigInteger, nullable=False),  # the last row of the proved chain
    Column("head_link", LargeBinary(32), nullable=False),
    Column("settled_seq", BigInteger, nullable=False),  # the last row answered for; beyond the head after a fork
    Column("heard_ms", BigInteger, nullable=False),
    Column(
        "known_earliest_ms", BigInteger
    ),  # when the head was, by nobody's clock but the hub's; NULL before the first
    Column("known_latest_ms", BigInteger),
    UniqueConstraint("device_id", "epoch"),
)

places = Table(
    "places",
    metadata,
    Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
    Column("place_id", String(16), primary_key=True),
    Column("document", Text, nullable=False),  # JSON
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


checkins = Table(
    "checkins",
    metadata,
    *_row_columns(),
    # When it truly was, by the hub's own clock, as far as its boot told when it came; `true_times` adds the rest.
    Column("earliest_ms", BigInteger, nullable=False),
    Column("latest_ms", BigInteger, nullable=False),
    Index("checkins_name", "ledger_id", "seq", unique=True),
    Index("checkins_key", "key_id"),
)

quarantine = Table(
    "quarantine",
    metadata,
    *_row_columns(),
    Column("reason", String(40), nullable=False),
    Index("quarantine_name", "ledger_id", "seq", "link", unique=True),
)

alarms = Table(
    "alarms",
    metadata,
    Column("alarm_id", Integer, primary_key=True),
    Column("raised_ms", BigInteger, nullable=False),
    Column("ledger_id", Integer, ForeignKey("ledgers.ledger_id"), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("seq", BigInteger, nullable=False),
    UniqueConstraint("ledger_id", "kind", "seq"),
)

# What gates have signed about their chains: the newest of each ledger, and all that a fork was found at.
signed_heads = Table(
    "signed_heads",
    metadata,
    Column("ledger_id", Integer, ForeignKey("ledgers.ledger_id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("link", LargeBinary(32), primary_key=True),
    Column("signature", LargeBinary(64), nullable=False),
    Column("disputed", Boolean, nullable=False),
)

# What gates may ask about a person. The digest is keyed with a secret that lies beside the database, not in it.
statuses = Table(
    "statuses",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("declared", Boolean),
    Column("health", String(8)),
    Column("movement_declared", Boolean),
    Column("doses", Integer),
)

unsealings = Table(
    "unsealings",
    metadata,
    Column("unsealing_id", Integer, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("first_arrival", BigInteger, nullable=False),
    Column("last_arrival", BigInteger, nullable=False),
)
