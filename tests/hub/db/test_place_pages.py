"""The gates of a place, and pages of places, on both databases."""

from __future__ import annotations

from sqlalchemy import true, update

from device.hub.db.database import HubDatabase
from device.hub.db.gate_state import SILENT_WITHOUT_REPORTS_S
from device.hub.db.place_pages import Filters, GateAt, every_place, gates_of, page_of
from device.hub.db.posters import poster_in_use
from device.hub.db.registry import assign_gate
from device.hub.db.tables import gates
from device.hub.folder import HubFolder
from device.hub.registry.place import RegisteredPlace
from tests.support.databases import both_databases
from tests.support.desk_places import registered

pytestmark = both_databases
SILENT_MS = SILENT_WITHOUT_REPORTS_S * 1000


def test_the_gates_of_a_place_say_how_they_stand(folder: HubFolder, store: HubDatabase) -> None:
    place, other = registered(store, RegisteredPlace("Chợ", "Huế"), RegisteredPlace("Em", "Huế"))
    names = ("Cổng 10", "Cổng 2", "Cổng 1", "Đừng")
    never, well, silent, elsewhere = (folder.add_gate(name).device_id for name in names)
    now_ms = store.now_ms() + 10 * SILENT_MS
    with store.begin() as connection:
        for device_id in (never, well, silent):
            assign_gate(connection, device_id, place.place_id, 1)
        assign_gate(connection, elsewhere, other.place_id, 1)
        for device_id, contact_ms in ((well, now_ms), (silent, now_ms - SILENT_MS - 1)):
            connection.execute(update(gates).where(gates.c.device_id == device_id).values(contact_ms=contact_ms))
    with store.reading() as connection:
        assert gates_of(connection, place.place_id, now_ms) == [
            GateAt(silent, "Cổng 1", "silent", now_ms - SILENT_MS - 1, None),
            GateAt(well, "Cổng 2", "well", now_ms, None),
            GateAt(never, "Cổng 10", "never", None, None),
        ]


def test_a_page_counts_the_gates_and_entrances_of_its_places(folder: HubFolder, store: HubDatabase) -> None:
    market, _ = registered(store, RegisteredPlace("Chợ", "Huế"), RegisteredPlace("Em", "Huế"))
    gate = folder.add_gate("Cổng").device_id
    with store.begin() as connection:
        assign_gate(connection, gate, market.place_id, 1)
        for _ in range(2):
            poster_in_use(connection, market.place_id, "Cổng chính", 1, anew=True)
        poster_in_use(connection, market.place_id, "Cổng sau", 1)
        found, count, behind = page_of(connection, true(), Filters())
        assert [(one.record.place.name, one.gates, one.posters) for one in found] == [("Chợ", 1, 2), ("Em", 0, 0)]
        assert (count, behind) == (2, "")
        assert [one.place.name for one in every_place(connection, true(), Filters(province="hue"))] == ["Chợ", "Em"]
        assert every_place(connection, true(), Filters(text="x")) == []
