"""What the rules look at: every gate with its place in one statement, and when something was scanned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from device.hub.db.gate_state import SILENT_WITHOUT_REPORTS_S, gate_counters, gate_state
from device.hub.db.registry_tables import gate_assignments, registered_places
from device.hub.db.tables import gate_hours, gates, ledgers

_AT_ONCE: Final = 500
_ANSWERED: Final = gate_counters.c.granted + gate_counters.c.referred + gate_counters.c.denied


class Watched(NamedTuple):
    """A gate, as the rules see it; a tuple, for there are many.

    Attributes:
        device_id: which gate.
        name: what people call it.
        heard_ms: when it was last heard, with whatever; ``None``: never since it was added.
        reports: whether it says how it stands, every five minutes.
        troubles: what it says is wrong, as words of `device.monitor.alerts`.
        place_id: the registered place that it guards; ``None``: none.
        place: its name; empty like the next three where there is none.
        province: of it.
        opening_hours: of it; empty also where nobody has said any.
        time_zone: of these.
        assigned_ms: since when it guards it; 0 where it guards none.
    """

    device_id: str
    name: str
    heard_ms: int | None
    reports: bool
    troubles: tuple[str, ...]
    place_id: str | None = None
    place: str = ""
    province: str = ""
    opening_hours: str = ""
    time_zone: str = ""
    assigned_ms: int = 0

    def silent_after_ms(self, limit_ms: int) -> int:
        """Return for how long it may not be heard: one that does not report is heard when somebody comes."""
        return limit_ms if self.reports else max(limit_ms, SILENT_WITHOUT_REPORTS_S * 1000)


_WATCHED: Final = (
    select(
        gates.c.device_id,
        gates.c.name,
        gates.c.added_ms,
        gates.c.contact_ms,
        gate_state.c.heard_ms,
        gate_state.c.troubles,
        gate_assignments.c.place_id,
        gate_assignments.c.since_ms,
        registered_places.c.name,
        registered_places.c.province,
        registered_places.c.opening_hours,
        registered_places.c.time_zone,
    )
    .select_from(gates)
    .outerjoin(gate_state, gate_state.c.device_id == gates.c.device_id)
    .outerjoin(gate_assignments, gate_assignments.c.device_id == gates.c.device_id)
    .outerjoin(registered_places, registered_places.c.place_id == gate_assignments.c.place_id)
    .where(gates.c.revocation.is_(None), registered_places.c.archived_ms.is_(None))
)
# By gate: of each only the last hours are looked at, whatever lies before.
_LAST: Final = select(
    gates.c.device_id,
    select(func.max(gate_counters.c.hour))
    .where(gate_counters.c.device_id == gates.c.device_id, gate_counters.c.hour >= bindparam("since"), _ANSWERED > 0)
    .scalar_subquery()
    .label("answered"),
    select(func.max(gate_hours.c.hour))
    .select_from(ledgers)
    .join(gate_hours, gate_hours.c.ledger_id == ledgers.c.ledger_id)
    .where(ledgers.c.device_id == gates.c.device_id, gate_hours.c.hour >= bindparam("since"))
    .scalar_subquery()
    .label("stored"),
).where(gates.c.revocation.is_(None))


def watched(connection: Connection) -> list[Watched]:
    """Return every gate that is watched: its key is good, and its place is in use."""
    return [
        Watched(
            device_id,
            name,
            max(contact_ms, heard_ms or 0) if heard_ms or contact_ms > added_ms else None,
            heard_ms is not None,
            tuple(troubles.split()) if troubles else (),
            place_id,
            place or "",
            province or "",
            opening_hours or "",
            time_zone or "",
            assigned_ms or 0,
        )
        for (
            device_id,
            name,
            added_ms,
            contact_ms,
            heard_ms,
            troubles,
            place_id,
            assigned_ms,
            place,
            province,
            opening_hours,
            time_zone,
        ) in connection.execute(_WATCHED)
    ]


def last_scans(connection: Connection, since_hour: int) -> dict[str, int]:
    """Return the last hour (since 1970, UTC) in which each gate scanned somebody, where that was since *since_hour*."""
    found = connection.execute(_LAST, {"since": since_hour})
    return {device_id: max(answered or 0, stored or 0) for device_id, answered, stored in found if answered or stored}


def scanned_hours(
    connection: Connection, device_ids: Sequence[str], from_hour: int, until_hour: int
) -> dict[str, set[int]]:
    """Return in which hours from one to before another each of some gates scanned somebody."""
    hours: dict[str, set[int]] = defaultdict(set)
    for first in range(0, len(device_ids), _AT_ONCE):
        some = device_ids[first : first + _AT_ONCE]
        answered = select(gate_counters.c.device_id, gate_counters.c.hour).where(
            gate_counters.c.device_id.in_(some), *_between(gate_counters.c.hour, from_hour, until_hour), _ANSWERED > 0
        )
        stored = (
            select(ledgers.c.device_id, gate_hours.c.hour)
            .join(gate_hours, gate_hours.c.ledger_id == ledgers.c.ledger_id)
            .where(ledgers.c.device_id.in_(some), *_between(gate_hours.c.hour, from_hour, until_hour))
        )
        for query in (answered, stored):
            for device_id, hour in connection.execute(query):
                hours[device_id].add(hour)
    return hours


def _between(column: ColumnElement[int], first: int, end: int) -> Iterable[ColumnElement[bool]]:
    return column >= first, column < end
