"""Tables of alerts: what is wrong now and was lately, and what must be told to whom (`device.hub.alerts`).

`device.hub.db.tables.alarms` is something else: what does not fit together in a gate's ledger, which a person settles.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, text

from device.hub.db.tables import metadata

_OPEN: Final = text("ended_ms IS NULL")
_WAITING: Final = text("told_ms IS NULL")

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", Integer, primary_key=True),
    Column("rule", String(24), nullable=False),  # `device.hub.alerts.rules.Rule`
    Column("subject", String(64), nullable=False),  # a device id, a place's id, or a word of the hub's own
    Column("device_id", String(64), ForeignKey("gates.device_id")),  # NULL: it is about no single gate
    Column("place_id", String(18), ForeignKey("registered_places.place_id")),  # NULL: no registered place
    Column("began_ms", BigInteger, nullable=False),  # when it was noticed
    Column("since_ms", BigInteger, nullable=False),  # since when it is so
    Column("detail", Text, nullable=False),  # words or a number of its rule
    Column("again", Integer, nullable=False),  # how often it had begun within a day before
    Column("clear_ms", BigInteger),  # since when it is so no more, while that must hold; NULL: it is so
    Column("ended_ms", BigInteger),  # NULL: it is not over
    Column("acknowledged_ms", BigInteger),
    Column("acknowledged_by", Text),  # the account's name as it was
    # Whatever happens: nothing is wrong twice at once.
    Index("alerts_open", "rule", "subject", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("alerts_ended", "ended_ms"),
)

# Messages, one after the other to each sink. One that was never tried may take in what comes later.
deliveries = Table(
    "deliveries",
    metadata,
    Column("delivery_id", Integer, primary_key=True),
    Column("sink", String(16), nullable=False),  # webhook, mail
    Column("made_ms", BigInteger, nullable=False),
    Column("document", Text, nullable=False),  # JSON, bounded (`device.hub.alerts.message`)
    Column("tries", Integer, nullable=False),
    Column("due_ms", BigInteger, nullable=False),  # not to be tried before
    Column("error", String(40), nullable=False),  # a word for why the last try failed; empty: none did
    Column("told_ms", BigInteger),  # NULL: not yet
    Index("deliveries_waiting", "sink", "delivery_id", sqlite_where=_WAITING, postgresql_where=_WAITING),
)

# One row: when somebody last looked, and since when the hub has been there to hear gates without a gap.
alert_looks = Table(
    "alert_looks",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("looked_ms", BigInteger, nullable=False),
    Column("hearing_ms", BigInteger, nullable=False),
)
