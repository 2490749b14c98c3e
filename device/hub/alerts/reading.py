"""What is wrong now and was lately, as somebody may see it; and noting that somebody has seen to it."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, true, update

from device.hub.accounts.reach import sees_gate, sees_place
from device.hub.accounts.roles import AccountRole
from device.hub.accounts.sessions import Session
from device.hub.db.alert_tables import alerts
from device.hub.db.registry_tables import registered_places
from device.hub.db.tables import gates

PAGE: Final = 50


class Alert(NamedTuple):
    """Something that is or was wrong.

    Attributes:
        alert_id: its number; later ones are higher.
        rule: a word of `device.hub.alerts.rules.Rule`.
        subject: a device id, a place's id, or a word of the hub's own.
        name: what people call it; empty: the hub.
        place_id: the registered place; ``None``: none.
        place: its name, empty where there is none.
        province: of it.
        began_ms: when it was noticed.
        since_ms: since when it is so.
        detail: words or a number of its rule.
        clear_ms: since when it seems to be over, which must hold; ``None``: it does not seem so.
        ended_ms: when it was over; ``None``: it is not.
        acknowledged_ms: when somebody said that they see to it; ``None``: nobody has.
        acknowledged_by: who.
    """

    alert_id: int
    rule: str
    subject: str
    name: str
    place_id: str | None
    place: str
    province: str
    began_ms: int
    since_ms: int
    detail: str
    clear_ms: int | None
    ended_ms: int | None
    acknowledged_ms: int | None
    acknowledged_by: str | None


def seen_by(session: Session | None) -> ColumnElement[bool]:
    """Return the condition under which an alert is seen: an owner sees those of its places; ``None``: whoever is here.

    What a gate did while it guarded another place is that one's; where it guarded none it goes by where it is now.
    """
    if session is None or session.role is not AccountRole.OWNER:
        return true()
    of_no_place = and_(alerts.c.place_id.is_(None), sees_gate(session, alerts.c.device_id))
    return or_(of_no_place, sees_place(session, alerts.c.place_id))


def now_wrong(
    connection: Connection, session: Session | None, before: int | None = None, most: int = PAGE
) -> list[Alert]:
    """Return what is wrong now, what began last first.

    Args:
        connection: to the database.
        session: who looks.
        before: only those with a lower number.
        most: at most so many.
    """
    return _page(connection, _query(session).where(alerts.c.ended_ms.is_(None)), before, most)


def lately_wrong(
    connection: Connection, session: Session | None, before: int | None = None, most: int = PAGE
) -> list[Alert]:
    """Return what is over, what began last first; arguments as for `now_wrong`."""
    return _page(connection, _query(session).where(alerts.c.ended_ms.is_not(None)), before, most)


def count_now(connection: Connection, session: Session | None) -> int:
    """Return how much is wrong now."""
    query = select(func.count()).select_from(alerts).where(alerts.c.ended_ms.is_(None), seen_by(session))
    return int(connection.execute(query).scalar_one())


def acknowledge(connection: Connection, session: Session, alert_id: int, now_ms: int) -> Alert | None:
    """Note that who is logged in sees to what is wrong; return it.

    ``None``: it is not there or over, or somebody sees to it already.
    """
    is_new = and_(alerts.c.alert_id == alert_id, alerts.c.acknowledged_ms.is_(None), alerts.c.ended_ms.is_(None))
    values = {"acknowledged_ms": now_ms, "acknowledged_by": session.name}
    if not connection.execute(update(alerts).where(is_new, seen_by(session)).values(values)).rowcount:
        return None
    row = connection.execute(_query(session).where(alerts.c.alert_id == alert_id)).one()
    return Alert(*row)


def _query(session: Session | None) -> Select[Any]:
    return (
        select(
            alerts.c.alert_id,
            alerts.c.rule,
            alerts.c.subject,
            func.coalesce(gates.c.name, registered_places.c.name, ""),
            alerts.c.place_id,
            func.coalesce(registered_places.c.name, ""),
            func.coalesce(registered_places.c.province, ""),
            alerts.c.began_ms,
            alerts.c.since_ms,
            alerts.c.detail,
            alerts.c.clear_ms,
            alerts.c.ended_ms,
            alerts.c.acknowledged_ms,
            alerts.c.acknowledged_by,
        )
        .select_from(alerts)
        .outerjoin(gates, gates.c.device_id == alerts.c.device_id)
        .outerjoin(registered_places, registered_places.c.place_id == alerts.c.place_id)
        .where(seen_by(session))
    )


def _page(connection: Connection, query: Select[Any], before: int | None, most: int) -> list[Alert]:
    if before is not None:
        query = query.where(alerts.c.alert_id < before)
    return [Alert(*row) for row in connection.execute(query.order_by(alerts.c.alert_id.desc()).limit(most))]
