"""Whose places an account sees, as a part of the query."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from device.hub.accounts.audit import Actor
from device.hub.accounts.passwords import Passwords
from device.hub.accounts.reach import give_place, places_of, sees_gate, sees_place, take_place
from device.hub.accounts.roles import AccountRole
from device.hub.accounts.sessions import Session
from device.hub.accounts.store import Accounts
from device.hub.db.database import HubDatabase
from device.hub.db.registry import add_places, assign_gate, new_place
from device.hub.db.registry_tables import registered_places
from device.hub.db.tables import gates
from device.hub.folder import HubFolder
from device.hub.registry.place import RegisteredPlace
from tests.support.databases import both_databases

pytestmark = both_databases


@pytest.mark.parametrize(("role", "seen"), [(AccountRole.OWNER, 1), (AccountRole.TECHNICIAN, 2)])
def test_an_owner_sees_its_own_places_and_their_gates_and_others_all(
    folder: HubFolder, store: HubDatabase, role: AccountRole, seen: int
) -> None:
    Accounts(store, Passwords()).add("Lan", role, Actor("here"))
    mine, other = (new_place(RegisteredPlace(name, "Hà Nội"), 1) for name in ("Chợ Mới", "Chợ Cũ"))
    session = Session(b"", 1, "Lan", role, whole=True, used_ms=1)
    ours, theirs = (folder.add_gate(name).device_id for name in ("Cổng A", "Cổng B"))
    with store.begin() as connection:
        add_places(connection, [mine, other])
        assert [give_place(connection, 1, mine.place_id) for _ in range(2)] == [True, False]
        assert give_place(connection, 1, other.place_id)
        assert not give_place(connection, 1, "place-of-nobody")
        assert [take_place(connection, 1, other.place_id) for _ in range(2)] == [True, False]
        assign_gate(connection, ours, mine.place_id, 1)
        assign_gate(connection, theirs, other.place_id, 1)
    with store.reading() as connection:
        place_id, device_id = registered_places.c.place_id, gates.c.device_id
        found = connection.execute(select(place_id).where(sees_place(session, place_id))).scalars().all()
        guards = connection.execute(select(device_id).where(sees_gate(session, device_id))).scalars().all()
        assert (len(found), mine.place_id in found) == (seen, True)
        assert (len(guards), ours in guards) == (seen, True)
        assert places_of(connection, 1) == [mine.place_id]
