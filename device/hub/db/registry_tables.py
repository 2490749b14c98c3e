"""Tables of the registry: places somebody has registered, their posters, the gates that guard them, communes.

`device.hub.db.tables.places` is something else: what gates say of themselves with each batch.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from device.hub.db.tables import metadata

_CURRENT: Final = text("replaced_ms IS NULL")

registered_places = Table(
    "registered_places",
    metadata,
    Column("place_id", String(18), primary_key=True),
    Column("likeness", String(64), nullable=False, unique=True),  # SHA-256 of what two places cannot share
    Column("code", Text, unique=True),  # what its owner or its authority calls it; NULL where it has none
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("province", Text, nullable=False),
    Column("commune", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("responsible", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("opening_hours", Text, nullable=False),  # as `device.hub.registry.opening_hours` writes them
    Column("time_zone", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("added_ms", BigInteger, nullable=False),
    Column("archived_ms", BigInteger),  # NULL while it is in use
)

# One an entrance; a new one replaces the one before, which stays so that it is known when somebody shows it.
posters = Table(
    "posters",
    metadata,
    Column("poster_id", String(24), primary_key=True),
    Column("place_id", String(18), ForeignKey("registered_places.place_id"), nullable=False),
    Column("entrance", Text, nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, 3… of the entrance
    Column("made_ms", BigInteger, nullable=False),
    Column("replaced_ms", BigInteger),
    UniqueConstraint("place_id", "entrance", "number"),
    Index(
        "posters_current",
        "place_id",
        "entrance",
        unique=True,
        sqlite_where=_CURRENT,
        postgresql_where=_CURRENT,
    ),
)

gate_assignments = Table(
    "gate_assignments",
    metadata,
    Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
    Column("place_id", String(18), ForeignKey("registered_places.place_id"), nullable=False, index=True),
    Column("since_ms", BigInteger, nullable=False),
)

# The places of an account with the role owner; other roles see all.
account_places = Table(
    "account_places",
    metadata,
    Column("account_id", Integer, ForeignKey("accounts.account_id"), primary_key=True),
    Column("place_id", String(18), ForeignKey("registered_places.place_id"), primary_key=True, index=True),
)

communes = Table(
    "communes",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("province", Text, nullable=False),
    Column("since", String(10), nullable=False),  # the day from which this holds
)
