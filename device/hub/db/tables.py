"""Tables of the hub's database (SQLAlchemy Core), in types that SQLite and PostgreSQL share.

A check-in's name is (ledger, seq); a ledger is (device, epoch) and carries the cursor. ``arrival`` numbers
rows as they came in, for reading on from where one stopped.

What is kept of a check-in for ever is narrow: what it shares with its neighbours (boot, place, key) lies once in
``contexts``, what is sealed in ``bodies``, which go with their key. How the tables came about, and what PostgreSQL has
besides (partitions), is in `device.hub.db.migrations`; a test holds that both say the same.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
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
    Column("checkins", BigInteger, nullable=False),  # rows apart among them
    Column("stored", BigInteger),  # without those; NULL: by version 1, `ledgers` counts them as expired
)

# One row: the day of the last maintenance (`device.hub.maintenance`), so that a clock that leaps is noticed.
upkeep = Table(
    "upkeep",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("seen_day", String(10), nullable=False),
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
    # Its last stored row, for the time of the next one; NULL before the first.
    Column("last_boot_id", String(32)),
    Column("last_monotonic_ms", BigInteger),
    Column("last_earliest_ms", BigInteger),
    Column("last_latest_ms", BigInteger),
    # Sums of its check-ins: of all, of those that count, of those whose key was gone when they came.
    Column("stored", BigInteger, nullable=False, server_default="0"),
    Column("counted", BigInteger, nullable=False, server_default="0"),
    Column("expired", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("device_id", "epoch"),
)

places = Table(
    "places",
    metadata,
    Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
    Column("place_id", String(16), primary_key=True),
    Column("document", Text, nullable=False),  # JSON
)


# What neighbouring rows of a ledger share.
contexts = Table(
    "contexts",
    metadata,
    Column("ledger_id", Integer, primary_key=True, autoincrement=False),
    Column("context_no", Integer, primary_key=True, autoincrement=False),
    Column("boot_id", String(32), nullable=False),
    Column("place_id", String(16), nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("sealing_day", Integer, nullable=False),  # of the key, see `bodies`
    UniqueConstraint("ledger_id", "key_id", "boot_id", "place_id", name="contexts_named"),
    sqlite_with_rowid=False,
)

checkins = Table(
    "checkins",
    metadata,
    Column("arrival", _Arrival, primary_key=True),
    Column("arrived_ms", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("monotonic_ms", BigInteger, nullable=False),
    Column("wall_ms", BigInteger, nullable=False),
    # When it truly was, by the hub's own clock, as far as its boot told when it came; `true_times` adds the rest.
    Column("earliest_ms", BigInteger, nullable=False),
    Column("latest_ms", BigInteger, nullable=False),
    Column("ledger_id", Integer, nullable=False),
    Column("context_no", Integer, nullable=False),
    Column("direction", SmallInteger, nullable=False),  # numbers: `device.hub.db.rows`
    Column("clock_state", SmallInteger, nullable=False),
    Column("counted", Boolean, nullable=False),
    Column("link", LargeBinary(32), nullable=False),
    Index("checkins_name", "ledger_id", "seq", unique=True),
)

# What is sealed, of check-ins and of rows apart, by the day of its key: to forget a day, nothing else is touched.
bodies = Table(
    "bodies",
    metadata,
    Column("sealing_day", Integer, primary_key=True, autoincrement=False),  # since 1970; 0: a key of nobody here
    Column("ledger_id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("apart", BigInteger, primary_key=True, autoincrement=False),  # its arrival in quarantine; 0: a check-in
    Column("sealed", LargeBinary, nullable=False),
)

# Sums of check-ins by the hour in which the middle of what is stored of their time lies (`device.hub.db.hours`).
gate_hours = Table(
    "gate_hours",
    metadata,
    Column("ledger_id", Integer, primary_key=True, autoincrement=False),
    Column("hour", Integer, primary_key=True, autoincrement=False),  # since 1970, UTC
    Column("place_id", String(16), primary_key=True),
    Column("ins", Integer, nullable=False),
    Column("outs", Integer, nullable=False),
    Column("others", Integer, nullable=False),  # counted, of a gate that leads both ways
    Column("repeats", Integer, nullable=False),  # not counted
    Column("uncertain", Integer, nullable=False),  # counted or not, at some time of that day
    sqlite_with_rowid=False,
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("arrival", _Arrival, primary_key=True),
    Column("arrived_ms", BigInteger, nullable=False),
    Column("ledger_id", Integer, ForeignKey("ledgers.ledger_id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("boot_id", String(32), nullable=False),
    Column("monotonic_ms", BigInteger, nullable=False),
    Column("wall_ms", BigInteger, nullable=False),
    Column("clock_state", SmallInteger, nullable=False),
    Column("direction", SmallInteger, nullable=False),
    Column("counted", Boolean, nullable=False),
    Column("place_id", String(16), nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("sealing_day", Integer, nullable=False),
    Column("link", LargeBinary(32), nullable=False),
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
