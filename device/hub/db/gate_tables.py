"""Tables of what people at the desk keep about gates: which belong together, and who published what for them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from device.hub.db.tables import metadata

# A gate is in one group at most, which is its name and nothing more: it is there while a gate is in it.
gate_groups = Table(
    "gate_groups",
    metadata,
    Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
    Column("name", Text, nullable=False, index=True),
)

# What was published at the desk. What a command published is in the folder (`device.hub.publishing.store`) alone.
publications = Table(
    "publications",
    metadata,
    Column("publication_id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", Text, nullable=False),  # the account's name as it was
    Column("bytes", BigInteger, nullable=False),  # of the content
    Index("publications_version", "kind", "version", unique=True),
)
