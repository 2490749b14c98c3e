"""Queries of the hub's database: stored check-ins in the order of arrival, those kept apart, and alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select

from device.hub.db.clock_doubts import arrived_in_doubt
from device.hub.db.intervals import Interval
from device.hub.db.rows import apart_query, sealed_row, stored_query
from device.hub.db.tables import checkins, contexts, gates, ledgers, places, quarantine, sealing_days
from device.model import Place, SealedRow
from device.wire.places import place_from


@dataclass(frozen=True, slots=True)
class Arrived:
    """One stored row.

    Attributes:
        arrival: its number in the order of arrival.
        arrived_ms: wall time of the hub then.
        device_id: whose ledger.
        epoch: which ledger.
        row: as it came; with nothing under its seal when it is expired.
        place: where; ``None`` when the document is missing.
        earliest_ms: when it truly was, by the hub's clock: not before.
        latest_ms: and not after.
        key_day: day of the key it is sealed to; ``None`` for a key this hub never made.
        in_doubt: it arrived while the hub's own clock was in doubt.
    """

    arrival: int
    arrived_ms: int
    device_id: str
    epoch: str
    row: SealedRow
    place: Place | None
    earliest_ms: int
    latest_ms: int
    key_day: str | None
    in_doubt: bool

    @property
    def expired(self) -> bool:
        """Whether its key is destroyed: it counts, and nobody can read it."""
        return not self.row.sealed


def arrived_document(arrived: Arrived) -> dict[str, Any]:
    """Lay out one stored row as the hub tells it: without what is sealed in it, times in Unix milliseconds."""
    row = arrived.row
    return {
        "arrival": arrived.arrival,
        "arrived": arrived.arrived_ms,
        "arrived_in_doubt": arrived.in_doubt,
        "device": arrived.device_id,
        "epoch": arrived.epoch,
        "seq": row.seq,
        "boot": row.at.boot_id,
        "monotonic": row.at.monotonic_ms,
        "wall": row.at.wall_ms,
        "clock": row.at.state.value,
        "direction": row.direction.value,
        "counted": row.counted,
        "place": row.place_id,
        "place_name": None if arrived.place is None else arrived.place.name,
        "key": row.key_id,
        "key_day": arrived.key_day,
        "earliest": arrived.earliest_ms,
        "latest": arrived.latest_ms,
        "expired": arrived.expired,
        "sealed_bytes": len(row.sealed),
    }


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One row that is kept apart.

    Attributes:
        arrival: its number in the order of arrival, among those kept apart.
        arrived_ms: wall time of the hub then.
        device_id: whose ledger.
        gate: what people call it.
        epoch: which ledger.
        row: as it came; with nothing under its seal when it is expired.
        reason: ``fork`` or ``chain-broken``.
    """

    arrival: int
    arrived_ms: int
    device_id: str
    gate: str
    epoch: str
    row: SealedRow
    reason: str


def quarantined_document(apart: Quarantined) -> dict[str, Any]:
    """Lay out one row that is kept apart, without what is sealed in it, times in Unix milliseconds."""
    row = apart.row
    return {
        "quarantined": apart.arrival,
        "arrived": apart.arrived_ms,
        "gate": apart.gate,
        "device": apart.device_id,
        "epoch": apart.epoch,
        "seq": row.seq,
        "reason": apart.reason,
        "at": row.at.wall_ms,
        "clock": row.at.state.value,
        "direction": row.direction.value,
        "counted": row.counted,
        "expired": not row.sealed,
        "sealed_bytes": len(row.sealed),
    }


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something a person must look at.

    Attributes:
        device_id: whose ledger.
        epoch: which ledger.
        kind: ``gap``, ``fork``, ``chain-broken`` or ``unknown-key``.
        seq: the first row it concerns.
        raised_ms: wall time of the hub.
    """

    device_id: str
    epoch: str
    kind: str
    seq: int
    raised_ms: int


def arrived_query() -> Select[Any]:
    """Return the query for all rows, the first to arrive first."""
    named = (ledgers.c.device_id, ledgers.c.epoch, places.c.document, sealing_days.c.day)
    return (
        stored_query(*named, arrived_in_doubt().label("in_doubt"))
        .join(ledgers, ledgers.c.ledger_id == checkins.c.ledger_id)
        .outerjoin(sealing_days, sealing_days.c.key_id == contexts.c.key_id)
        .outerjoin(places, (places.c.device_id == ledgers.c.device_id) & (places.c.place_id == contexts.c.place_id))
        .order_by(checkins.c.arrival)
    )


def places_known(connection: Connection) -> dict[str, str]:
    """Return the ids of all places that rows came from, each with its name, or without one where none is known."""
    used = select(contexts.c.place_id).union(select(quarantine.c.place_id))
    named = connection.execute(select(places.c.place_id, places.c.document)).all()
    found = {str(row.place_id): "" for row in connection.execute(used)}
    return found | {row.place_id: place_from(row.document).name for row in named if row.place_id in found}


def quarantined_query() -> Select[Any]:
    """Return the query for all rows kept apart, the first to arrive first."""
    return (
        apart_query(ledgers.c.device_id, ledgers.c.epoch, gates.c.name)
        .join(ledgers, ledgers.c.ledger_id == quarantine.c.ledger_id)
        .join(gates, gates.c.device_id == ledgers.c.device_id)
        .order_by(quarantine.c.arrival)
    )


def quarantined_of(columns: RowMapping) -> Quarantined:
    """Return one row of `quarantined_query`."""
    return Quarantined(
        columns["arrival"],
        columns["arrived_ms"],
        columns["device_id"],
        columns["name"],
        columns["epoch"],
        sealed_row(columns),
        columns["reason"],
    )


def arrived_of(columns: RowMapping, when: Interval) -> Arrived:
    """Return one row of `arrived_query` that truly was *when* `device.hub.db.true_times` says."""
    place = None if columns["document"] is None else place_from(columns["document"])
    return Arrived(
        columns["arrival"],
        columns["arrived_ms"],
        columns["device_id"],
        columns["epoch"],
        sealed_row(columns),
        place,
        when.earliest_ms,
        when.latest_ms,
        None if columns["day"] == columns["key_id"][:10] else columns["day"],  # a destroyed stray key has none
        bool(columns["in_doubt"]),
    )
