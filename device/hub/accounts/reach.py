"""Which places an account sees: an owner its own, every other role all. Part of each query, not a look afterwards."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, exists, insert, literal, select, true

from device.hub.accounts.roles import AccountRole
from device.hub.accounts.sessions import Session
from device.hub.db.account_tables import accounts
from device.hub.db.registry_tables import account_places, gate_assignments, registered_places


def sees_place(session: Session, place_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition under which whoever is logged in sees the place that the column *place_id* names."""
    return place_id.in_(_own(session)) if session.role is AccountRole.OWNER else true()


def sees_gate(session: Session, device_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition under which they see a gate: it guards a place that they see."""
    if session.role is not AccountRole.OWNER:
        return true()
    own = select(gate_assignments.c.device_id).where(gate_assignments.c.place_id.in_(_own(session)))
    return device_id.in_(own)


def _own(session: Session) -> Select[tuple[str]]:
    return select(account_places.c.place_id).where(account_places.c.account_id == session.account_id)


def places_of(connection: Connection, account_id: int) -> list[str]:
    """Return the ids of the places that are an account's own."""
    query = select(account_places.c.place_id).where(account_places.c.account_id == account_id)
    return list(connection.execute(query).scalars())


def owners_of(connection: Connection, place_id: str) -> list[tuple[int, str]]:
    """Return number and name of the accounts whose own a place is, by name."""
    query = (
        select(accounts.c.account_id, accounts.c.name)
        .join(account_places, account_places.c.account_id == accounts.c.account_id)
        .where(account_places.c.place_id == place_id, accounts.c.role == AccountRole.OWNER)
        .order_by(accounts.c.folded)
    )
    return [(row.account_id, row.name) for row in connection.execute(query)]


def give_place(connection: Connection, account_id: int, place_id: str) -> bool:
    """Let a place, which is registered, be an account's own too; return whether it was not yet."""
    query = insert(account_places).from_select(
        ["account_id", "place_id"],
        select(literal(account_id), registered_places.c.place_id).where(
            registered_places.c.place_id == place_id, ~exists().where(_is(account_id, place_id))
        ),
    )
    return connection.execute(query.returning(account_places.c.place_id)).first() is not None


def take_place(connection: Connection, account_id: int, place_id: str) -> bool:
    """Let a place be an account's own no longer; return whether it was."""
    return connection.execute(delete(account_places).where(_is(account_id, place_id))).rowcount == 1


def _is(account_id: int, place_id: str) -> ColumnElement[bool]:
    return and_(account_places.c.account_id == account_id, account_places.c.place_id == place_id)
