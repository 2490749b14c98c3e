"""What a hub has that has been used: places of usual and of awkward names, and a gate that a visitor came to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from device.clock import SystemClock
from device.enrolment import document as enrolment
from device.hub.accounts.reach import give_place
from device.hub.accounts.roles import AccountRole
from device.hub.db import registry
from device.hub.db.posters import poster_in_use
from device.hub.registry.place import RegisteredPlace
from device.words import Language, say, speaking
from tests.browser.real_hub import RealHub
from tests.support.running_gate import MOST_S, Running, running

SCHOOL: Final = RegisteredPlace(
    "Trường THPT Hoa Phượng",
    "Hải Phòng",
    "school",
    commune="Phường Lê Chân",
    address="12 phố Đỗ Nhuận",
    responsible="Nguyễn Thị Minh",
    phone="0912 345 678",
    opening_hours="mon-fri 07:00-11:30, 13:00-17:00",
    legal_basis="Quyết định 1234/QĐ-UBND",
)
MARKET: Final = RegisteredPlace("Chợ" + "W" * 100, "Quảng Ngãi", "market", responsible="M" * 80)
"""Letters without a blank: a page must break them."""
HOSPITAL: Final = RegisteredPlace("Bệnh viện Việt Tiệp", "Hải Phòng", "hospital", opening_hours="mon-sun 00:00-24:00")
GATE: Final = "Cổng chính"


def furnish(hub: RealHub, folder: Path, *, awkward: bool = True) -> None:
    """Fill a hub that runs; a gate comes, and goes again. Without what is *awkward* it is one for a picture."""
    if awkward:
        hub.account("W" * 100, AccountRole.SAFETY)
        hub.folder.add_gate("G" * 60)
    owner = hub.account(f"Lan {AccountRole.OWNER}", AccountRole.OWNER)
    with gate_of(hub, folder, GATE) as (gate, device_id):
        with hub.store() as store, store.begin() as connection:
            now_ms = store.now_ms()
            places = [registry.new_place(place, now_ms) for place in (SCHOOL, MARKET if awkward else HOSPITAL)]
            registry.add_places(connection, places)
            registry.assign_gate(connection, device_id, places[0].place_id, now_ms)
            poster_in_use(connection, places[0].place_id, "Cổng sau", now_ms)
            for place in places:
                give_place(connection, owner.account_id, place.place_id)
        assert gate.answered.wait(MOST_S)
        assert arrived(hub, 1)


def in_vietnamese(sentence: str) -> str:
    """Return what a page says for an English sentence of the code."""
    with speaking(Language.VIETNAMESE):
        return say(sentence)


@contextmanager
def gate_of(hub: RealHub, folder: Path, name: str) -> Iterator[tuple[Running, str]]:
    """Let a gate of this hub run on replay; its site file has no more than it must."""
    enrolled = hub.folder.add_gate(name)
    (folder / "store").mkdir()
    enrolment.write(folder / "store" / enrolment.FILE_NAME, enrolled)
    with running(folder, f'hub: {{url: "{hub.url}"}}', enrolled=False) as gate:
        yield gate, enrolled.device_id


def arrived(hub: RealHub, least: int) -> bool:
    """Wait until so many check-ins are at the hub."""
    clock = SystemClock()
    give_up_s = clock.monotonic_s() + MOST_S
    with hub.store() as store:
        while store.count()["checkins"] < least:
            if clock.monotonic_s() > give_up_s:
                return False
            clock.wait(threading.Event(), 0.1)
    return True
