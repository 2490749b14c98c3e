"""Version 2: narrow check-ins, what is sealed apart from them, and sums by the hour.

On PostgreSQL check-ins and bodies have partitions (`device.hub.db.partitions`): those of the old rows are made with the
tables, and numbers are given from behind the last one.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)

from device.clock import utc_day
from device.hub.db.partitions import make_with_tables, months_from
from device.words import sentence

revision: Final = "0002"
down_revision: Final = "0001"
TOLD: Final = sentence("make check-ins narrow, put what is sealed apart by the day of its key, count by the hour")
_AT_ONCE: Final = 100_000
_HOUR_MS: Final = 3_600_000

_PARTITIONED: Final = (
    "CREATE SEQUENCE checkins_arrival",
    """
    CREATE TABLE checkins (
        arrival BIGINT NOT NULL DEFAULT nextval('checkins_arrival'), arrived_ms BIGINT NOT NULL, seq BIGINT NOT NULL,
        monotonic_ms BIGINT NOT NULL, wall_ms BIGINT NOT NULL, earliest_ms BIGINT NOT NULL, latest_ms BIGINT NOT NULL,
        ledger_id INTEGER NOT NULL, context_no INTEGER NOT NULL, direction SMALLINT NOT NULL,
        clock_state SMALLINT NOT NULL, counted BOOLEAN NOT NULL, link BYTEA NOT NULL
    ) PARTITION BY RANGE (arrived_ms)
    """,
    """
    CREATE TABLE bodies (
        ledger_id INTEGER NOT NULL, sealing_day INTEGER NOT NULL, seq BIGINT NOT NULL, apart BIGINT NOT NULL,
        sealed BYTEA NOT NULL, PRIMARY KEY (sealing_day, ledger_id, seq, apart)
    ) PARTITION BY LIST (sealing_day)
    """,
    "ALTER TABLE bodies ALTER COLUMN sealed SET STORAGE EXTERNAL",
)


def rows(connection: Connection) -> int:
    """Return how many rows are moved."""
    counts = (connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in _MOVED)  # noqa: S608
    return sum(counts)


_MOVED: Final = ("checkins", "quarantine")


def upgrade() -> None:
    """Make the new tables and move what is in the old ones."""
    connection = op.get_bind()
    for name in ("checkins_name", "checkins_key"):
        op.drop_index(name, "checkins")
    op.drop_index("quarantine_name", "quarantine")
    for name in _MOVED:
        op.rename_table(name, f"{name}_1")
    _widen()
    _make(connection)
    _move(connection)
    for name in (*(f"{name}_1" for name in _MOVED), "key_days"):
        op.drop_table(name)


def _widen() -> None:
    op.add_column("destructions", Column("stored", BigInteger))
    op.add_column("ledgers", Column("last_boot_id", String(32)))
    for name in ("last_monotonic_ms", "last_earliest_ms", "last_latest_ms"):
        op.add_column("ledgers", Column(name, BigInteger))
    for name in ("stored", "counted", "expired"):
        op.add_column("ledgers", Column(name, BigInteger, nullable=False, server_default="0"))


def _make(connection: Connection) -> None:
    _make_shared()
    _make_quarantine()
    op.create_table("key_days", Column("key_id", String(64), primary_key=True), Column("sealing_day", Integer))
    if connection.dialect.name == "postgresql":
        for statement in _PARTITIONED:
            op.execute(statement)
    else:
        _make_of_one_file()


def _make_shared() -> None:
    """Make what check-ins share, and their sums."""
    op.create_table(
        "contexts",
        Column("ledger_id", Integer, primary_key=True, autoincrement=False),
        Column("context_no", Integer, primary_key=True, autoincrement=False),
        Column("boot_id", String(32), nullable=False),
        Column("place_id", String(16), nullable=False),
        Column("key_id", String(64), nullable=False),
        Column("sealing_day", Integer, nullable=False),
        UniqueConstraint("ledger_id", "key_id", "boot_id", "place_id", name="contexts_named"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "gate_hours",
        Column("ledger_id", Integer, primary_key=True, autoincrement=False),
        Column("hour", Integer, primary_key=True, autoincrement=False),
        Column("place_id", String(16), primary_key=True),
        *(Column(name, Integer, nullable=False) for name in ("ins", "outs", "others", "repeats", "uncertain")),
        sqlite_with_rowid=False,
    )


def _make_quarantine() -> None:
    op.create_table(
        "quarantine",
        Column("arrival", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
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
    )
    op.create_index("quarantine_name", "quarantine", ["ledger_id", "seq", "link"], unique=True)


def _make_of_one_file() -> None:
    """Make in SQLite what has partitions on PostgreSQL."""
    times = ("arrived_ms", "seq", "monotonic_ms", "wall_ms", "earliest_ms", "latest_ms")
    op.create_table(
        "checkins",
        Column("arrival", Integer, primary_key=True),
        *(Column(name, BigInteger, nullable=False) for name in times),
        *(Column(name, Integer, nullable=False) for name in ("ledger_id", "context_no")),
        *(Column(name, SmallInteger, nullable=False) for name in ("direction", "clock_state")),
        Column("counted", Boolean, nullable=False),
        Column("link", LargeBinary(32), nullable=False),
    )
    op.create_index("checkins_name", "checkins", ["ledger_id", "seq"], unique=True)
    op.create_table(
        "bodies",
        *(
            Column(name, kind, primary_key=True, autoincrement=False)
            for name, kind in (("sealing_day", Integer), ("ledger_id", Integer), ("seq", BigInteger))
        ),
        Column("apart", BigInteger, primary_key=True, autoincrement=False),
        Column("sealed", LargeBinary, nullable=False),
    )


_DIRECTION: Final = "CASE c.direction WHEN 'in' THEN 0 WHEN 'out' THEN 1 ELSE 2 END"
_STATE: Final = "CASE c.clock_state WHEN 'synchronised' THEN 1 ELSE 0 END"
_CONTEXTS: Final = """
    INSERT INTO contexts (ledger_id, context_no, boot_id, place_id, key_id, sealing_day)
    SELECT g.ledger_id, row_number() OVER (PARTITION BY g.ledger_id ORDER BY g.first), g.boot_id, g.place_id, g.key_id,
           coalesce(k.sealing_day, 0)
    FROM (SELECT ledger_id, boot_id, place_id, key_id, min(arrival) AS first FROM checkins_1
          GROUP BY ledger_id, boot_id, place_id, key_id) g
    LEFT JOIN key_days k ON k.key_id = g.key_id
"""
_CHECKINS: Final = f"""
    INSERT INTO checkins (arrival, arrived_ms, seq, monotonic_ms, wall_ms, earliest_ms, latest_ms, ledger_id,
                          context_no, direction, clock_state, counted, link)
    SELECT c.arrival, c.arrived_ms, c.seq, c.monotonic_ms, c.wall_ms, c.earliest_ms, c.latest_ms, c.ledger_id,
           x.context_no, {_DIRECTION}, {_STATE}, c.counted, c.link
    FROM checkins_1 c
    JOIN contexts x ON x.ledger_id = c.ledger_id AND x.key_id = c.key_id AND x.boot_id = c.boot_id
                   AND x.place_id = c.place_id
    WHERE c.arrival > :after AND c.arrival <= :until ORDER BY c.arrival
"""  # noqa: S608 - nothing of it comes from outside
_BODIES: Final = """
    INSERT INTO bodies (sealing_day, ledger_id, seq, apart, sealed)
    SELECT coalesce(k.sealing_day, 0), c.ledger_id, c.seq, {apart}, c.sealed
    FROM {table} c LEFT JOIN key_days k ON k.key_id = c.key_id
    WHERE length(c.sealed) > 0 AND c.arrival > :after AND c.arrival <= :until
"""
_QUARANTINE: Final = f"""
    INSERT INTO quarantine (arrival, arrived_ms, ledger_id, seq, boot_id, monotonic_ms, wall_ms, clock_state, direction,
                            counted, place_id, key_id, sealing_day, link, reason)
    SELECT c.arrival, c.arrived_ms, c.ledger_id, c.seq, c.boot_id, c.monotonic_ms, c.wall_ms, {_STATE}, {_DIRECTION},
           c.counted, c.place_id, c.key_id, coalesce(k.sealing_day, 0), c.link, c.reason
    FROM quarantine_1 c LEFT JOIN key_days k ON k.key_id = c.key_id
    WHERE c.arrival > :after AND c.arrival <= :until
"""  # noqa: S608 - the same
_NARROW: Final = f"c.latest_ms - c.earliest_ms <= {_HOUR_MS}"
_HOURS: Final = f"""
    INSERT INTO gate_hours (ledger_id, hour, place_id, ins, outs, others, repeats, uncertain)
    SELECT c.ledger_id, (c.earliest_ms + c.latest_ms) / 2 / {_HOUR_MS} AS hour, x.place_id,
           sum(CASE WHEN {_NARROW} AND c.counted AND c.direction = 0 THEN 1 ELSE 0 END),
           sum(CASE WHEN {_NARROW} AND c.counted AND c.direction = 1 THEN 1 ELSE 0 END),
           sum(CASE WHEN {_NARROW} AND c.counted AND c.direction = 2 THEN 1 ELSE 0 END),
           sum(CASE WHEN {_NARROW} AND NOT c.counted THEN 1 ELSE 0 END),
           sum(CASE WHEN {_NARROW} THEN 0 ELSE 1 END)
    FROM checkins c JOIN contexts x ON x.ledger_id = c.ledger_id AND x.context_no = c.context_no
    GROUP BY c.ledger_id, hour, x.place_id
"""  # noqa: S608 - the same
_SUMS: Final = """
    UPDATE ledgers SET (stored, counted, expired) = (
        SELECT count(*), coalesce(sum(CASE WHEN c.counted THEN 1 ELSE 0 END), 0),
               coalesce(sum(CASE WHEN length(c.sealed) = 0 THEN 1 ELSE 0 END), 0)
        FROM checkins_1 c WHERE c.ledger_id = ledgers.ledger_id)
"""
_LASTS: Final = """
    UPDATE ledgers SET (last_boot_id, last_monotonic_ms, last_earliest_ms, last_latest_ms) = (
        SELECT x.boot_id, c.monotonic_ms, c.earliest_ms, c.latest_ms
        FROM checkins c JOIN contexts x ON x.ledger_id = c.ledger_id AND x.context_no = c.context_no
        WHERE c.ledger_id = ledgers.ledger_id ORDER BY c.seq DESC LIMIT 1)
"""


_SEALED_DAYS: Final = """
    SELECT sealing_day FROM key_days WHERE key_id IN (
        SELECT key_id FROM checkins_1 WHERE length(sealed) > 0
        UNION SELECT key_id FROM quarantine_1 WHERE length(sealed) > 0)
"""


def _make_room(connection: Connection) -> None:
    """Make the partitions of what is moved, and let the next arrivals be numbered behind it (PostgreSQL)."""
    first, last = connection.execute(text("SELECT min(arrived_ms), max(arrived_ms) FROM checkins_1")).one()
    months = [] if first is None else months_from(utc_day(first), utc_day(last))
    make_with_tables(connection, months, connection.execute(text(_SEALED_DAYS)).scalars().all())
    connection.execute(text("SELECT setval('checkins_arrival', max(arrival)) FROM checkins_1"))  # of nothing: no change
    quarantine = "pg_get_serial_sequence('quarantine', 'arrival')"
    connection.execute(text(f"SELECT setval({quarantine}, max(arrival)) FROM quarantine_1"))  # noqa: S608 - the same


def _move(connection: Connection) -> None:
    """Move all rows, some at a time, so that it needs no more memory for more of them."""
    for key_id, day in connection.execute(text("SELECT key_id, day FROM sealing_days")).all():
        if len(day) == 10 and day[4] == "-":  # a stray key that is gone has no day any more
            number = date.fromisoformat(day).toordinal() - date(1970, 1, 1).toordinal()
            values = {"key_id": key_id, "number": number}
            connection.execute(text("INSERT INTO key_days VALUES (:key_id, :number)"), values)
    connection.execute(text(_CONTEXTS))
    if connection.dialect.name == "postgresql":
        _make_room(connection)
    for table, moved in (("checkins_1", _CHECKINS), ("quarantine_1", _QUARANTINE)):
        apart = "0" if table == "checkins_1" else "c.arrival"
        body, after = _BODIES.format(table=table, apart=apart), 0
        last: int = connection.execute(text(f"SELECT coalesce(max(arrival), 0) FROM {table}")).scalar_one()  # noqa: S608
        while after < last:
            for statement in (moved, body):
                connection.execute(text(statement), {"after": after, "until": after + _AT_ONCE})
            after += _AT_ONCE
    connection.execute(text(_SUMS))
    connection.execute(text(_LASTS))
    connection.execute(text(_HOURS))
