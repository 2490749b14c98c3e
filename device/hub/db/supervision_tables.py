"""Tables of supervision: how the scanning at each place stands, what was exported, and who opened seals of a place.

What stands in `place_standings` is worked out of sums by the hour (`device.hub.supervision.upkeep`) and can be thrown
away at any time; `last_hour` alone is older than these sums may be.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, SmallInteger, String, Table, Text

from device.hub.db.tables import metadata

place_standings = Table(
    "place_standings",
    metadata,
    Column("place_id", String(18), ForeignKey("registered_places.place_id"), primary_key=True),
    Column("standing", SmallInteger, nullable=False),  # `device.hub.supervision.standing.PlaceStanding`
    Column("last_hour", Integer, nullable=False),  # in which somebody was scanned, since 1970; 0: nobody ever was
    Column("week", Integer, nullable=False),  # scans in seven days
    # The figures of `device.hub.supervision.coverage`; of one that is not known the whole is NULL.
    Column("hours_part", Integer, nullable=False),
    Column("hours_whole", Integer),
    Column("usual_part", Integer, nullable=False),
    Column("usual_whole", Integer),
    Column("through_part", Integer, nullable=False),
    Column("through_whole", Integer),
    Column("gates", Integer, nullable=False),  # that guard it
    Column("opening", Text, nullable=False),  # opening hours and time zone with which it was worked out
    Column("seen_hour", Integer, nullable=False),  # the hour, and the moment, at which
    Column("seen_ms", BigInteger, nullable=False),
    Index("place_standings_order", "standing", "last_hour", "place_id"),
)

# The id that stands in the location code of a place that a gate has named: of a registered place, or of a poster.
reported_ids = Table(
    "reported_ids",
    metadata,
    Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
    Column("place_id", String(16), primary_key=True),  # as in `places`
    Column("said_id", String(24), nullable=False, index=True),  # empty: none
)

# Days whose coverage was written into the folder of exports.
day_exports = Table(
    "day_exports",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
)

# Who opened seals of a place at the desk, for those who are responsible for it; nothing is ever taken out of here.
place_unsealings = Table(
    "place_unsealings",
    metadata,
    Column("unsealing_id", Integer, primary_key=True),
    Column("place_id", String(18), ForeignKey("registered_places.place_id"), nullable=False, index=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ground", Text, nullable=False),  # in law
    Column("from_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("checkins", Integer, nullable=False),  # that were opened
)
