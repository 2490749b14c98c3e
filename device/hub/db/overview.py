"""What the first page of the desk says, in four statements that look at no check-in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, Integer, and_, case, cast, func, or_, select

from device.hub.accounts.reach import sees_gate
from device.hub.accounts.sessions import Session
from device.hub.db.gate_state import SILENT_S, SILENT_WITHOUT_REPORTS_S, gate_state
from device.hub.db.retention import live_days
from device.hub.db.tables import gate_hours, gates, ledgers
from device.model import HOUR_MS

_SUM: Final = gate_hours.c.ins + gate_hours.c.outs + gate_hours.c.others + gate_hours.c.repeats + gate_hours.c.uncertain


class Overview(NamedTuple):
    """How the hub is.

    Attributes:
        gates: how many it knows whose key is good.
        never: of those, which were never heard.
        silent: which were, and not for so long that a person should look.
        today: check-ins of this day, where the hub stands.
        oldest: the oldest day whose key is there; ``None``: no key is.
    """

    gates: int
    never: int
    silent: int
    today: int
    oldest: date | None


def overview_of(connection: Connection, now_ms: int, session: Session) -> Overview:
    """Look at it at a time, Unix milliseconds, as who is logged in sees it: an owner its own gates."""
    midnight = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone().replace(hour=0, minute=0, second=0)
    first_hour = int(midnight.timestamp()) * 1000 // HOUR_MS
    # By ledger, so that the sums of all other days are not looked at.
    counted = (
        select(func.coalesce(func.sum(_SUM), 0))
        .select_from(ledgers)
        .join(gate_hours, and_(gate_hours.c.ledger_id == ledgers.c.ledger_id, gate_hours.c.hour >= first_hour))
        .where(sees_gate(session, ledgers.c.device_id))
    )
    never = gates.c.contact_ms <= gates.c.added_ms
    silent = or_(
        and_(gate_state.c.heard_ms.is_(None), gates.c.contact_ms < now_ms - SILENT_WITHOUT_REPORTS_S * 1000),
        and_(gate_state.c.heard_ms.is_not(None), gates.c.contact_ms < now_ms - SILENT_S * 1000),
    )
    known = (
        select(
            func.count(),
            func.coalesce(func.sum(case((never, 1), else_=0)), 0),
            func.coalesce(func.sum(case((and_(~never, silent), 1), else_=0)), 0),
        )
        .select_from(gates)
        .outerjoin(gate_state, gate_state.c.device_id == gates.c.device_id)
        .where(gates.c.revocation.is_(None), sees_gate(session, gates.c.device_id))
    )
    row = connection.execute(known).one()
    today = int(connection.execute(select(cast(counted.scalar_subquery(), Integer))).scalar_one())
    return Overview(int(row[0]), int(row[1]), int(row[2]), today, min(live_days(connection), default=None))
