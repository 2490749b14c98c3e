"""The page of check-ins, whom it shows what, and opening seals: written down before anything is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from device.clock import ClockReading, ClockState
from device.hub.accounts.reach import give_place
from device.hub.accounts.roles import AccountRole
from device.hub.db.account_tables import audit
from device.hub.db.registry import add_places, assign_gate, new_place
from device.hub.db.supervision_tables import place_unsealings
from device.hub.db.tables import unsealings
from device.hub.maintenance import make_sealing_keys
from device.hub.registry.place import RegisteredPlace
from device.hub.web.unseal_pages import MOST_OPENED
from tests.hub.web.desk_thread import DeskThread
from tests.support.browser import Browser, Seen
from tests.support.databases import both_databases
from tests.support.fake_outbox import batch_of, rows_at

WHO = "Nguyễn Văn Thử"
INTERVAL = {"from": "2026-01-01T00:00", "until": "2026-01-02T00:00"}
"""FakeClock begins on 2026-01-01 at 7 o'clock in Vietnam."""
QUESTION = INTERVAL | {"reason": "ca F0", "ground": "Luật 91/2025"}


@dataclass
class Place:
    """A registered place with a gate that has sent check-ins."""

    place_id: str
    device_id: str


def place_with_rows(desk: DeskThread, name: str, rows: int = 3) -> Place:
    make_sealing_keys(desk.folder.keys, desk.store)
    gate = desk.folder.add_gate(f"Cổng {name}")
    record = new_place(RegisteredPlace(name, "Hà Nội"), 1)
    with desk.store.begin() as connection:
        add_places(connection, [record])
        assign_gate(connection, gate.device_id, record.place_id, desk.clock.wall_ms)
    key = desk.folder.keys.pairs()[0].key
    now = desk.clock.reading()
    readings = [
        ClockReading(now.boot_id, now.monotonic_ms + number, now.wall_ms + number, ClockState.SYNCHRONISED)
        for number in range(rows)
    ]
    desk.clock.advance(60_000)
    receipt = desk.store.ingest(batch_of(gate.device_id, rows_at(gate.device_id, key, readings)))
    assert receipt.cursor == rows
    return Place(record.place_id, gate.device_id)


def owner_of(desk: DeskThread, *places: Place) -> Browser:
    browser = desk.logged_in("Lan Anh", AccountRole.OWNER)
    account = desk.accounts.find("Lan Anh")
    assert account is not None
    with desk.store.begin() as connection:
        for place in places:
            give_place(connection, account.account_id, place.place_id)
    return browser


def rows_on(page: Seen) -> int:
    return len(re.findall(r'<tr id="row-\d+">', page.text))


@both_databases
def test_an_owner_sees_the_check_ins_of_their_places_and_never_who_it_was(desk: DeskThread) -> None:
    mine, other = place_with_rows(desk, "Chợ Mới", 3), place_with_rows(desk, "Chợ Cũ", 2)
    browser = owner_of(desk, mine)
    page = browser.get("/check-ins")
    assert (rows_on(page), "Chợ Cũ" in page.text, WHO in page.text) == (3, False, False)
    assert rows_on(browser.get(f"/check-ins?place={mine.place_id}&day=2026-01-01")) == 3
    assert rows_on(browser.get(f"/check-ins?gate={mine.device_id}")) == 3
    assert rows_on(browser.get("/check-ins?day=2026-01-05")) == 0
    assert rows_on(browser.get(f"/check-ins?gate={other.device_id}")) == 0
    assert browser.get(f"/check-ins?place={other.place_id}").status == 404


def test_what_a_gate_recorded_before_it_came_to_a_place_is_not_shown_to_its_owner(desk: DeskThread) -> None:
    place = place_with_rows(desk, "Chợ", 3)
    with desk.store.begin() as connection:
        assign_gate(connection, place.device_id, place.place_id, desk.clock.wall_ms + 3_600_000)
    assert rows_on(owner_of(desk, place).get("/check-ins")) == 0
    assert rows_on(desk.logged_in("Admin", AccountRole.ADMINISTRATOR).get("/check-ins")) == 3


@both_databases
def test_pages_go_back_without_a_gap_of_all_and_of_one_place(desk: DeskThread) -> None:
    place = place_with_rows(desk, "Chợ", 120)
    browser = desk.logged_in("Admin", AccountRole.ADMINISTRATOR)
    for query in ("", f"place={place.place_id}", f"gate={place.device_id}"):
        path, seen = f"/check-ins?{query}", []
        while path:
            text = browser.get(path).text
            seen += re.findall(r'<tr id="row-(\d+)">', text)
            older = re.findall(r'href="(/check-ins\?[^"]*before=\d+)"', text)
            path = older[0].replace("&amp;", "&") if older else ""
        assert len(seen) == len(set(seen)) == 120
        assert seen == sorted(seen, key=int, reverse=True)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("place=x", 404),
        ("place=place-000000000000", 404),
        ("gate=%3Cscript%3E", 404),
        ("gate=unknown", 200),
        ("day=2026-13-01", 404),
        ("day=9999-12-31&gate=unknown", 404),
        ("before=-1", 404),
        ("before=" + "9" * 30, 404),
        ("day=2026-01-01", 422),
    ],
)
def test_a_question_that_no_page_asks_is_refused(desk: DeskThread, query: str, status: int) -> None:
    assert desk.logged_in("Admin", AccountRole.ADMINISTRATOR).get(f"/check-ins?{query}").status == status


@both_databases
def test_the_authority_opens_seals_with_a_reason_and_all_of_it_is_written_down(desk: DeskThread) -> None:
    place, _ = place_with_rows(desk, "Chợ Mới", 3), place_with_rows(desk, "Chợ Cũ", 2)
    browser = desk.logged_in("Y tế", AccountRole.AUTHORITY)
    assert "Căn cứ pháp lý" in browser.get(f"/check-ins?place={place.place_id}").text
    seen = browser.post("/check-ins/unseal", {"place": place.place_id} | QUESTION)
    assert (seen.status, seen.text.count(WHO)) == (200, 3)
    assert seen.headers["Cache-Control"] == "no-store"
    with desk.store.reading() as connection:
        noted = connection.execute(select(audit).where(audit.c.what == "unsealed")).one()
        row = connection.execute(select(place_unsealings)).one()
        assert connection.execute(select(unsealings.c.who)).scalars().all() == ["Y tế"]
    assert (noted.who, place.place_id in noted.about, "ca F0" in noted.about) == ("Y tế", True, True)
    assert (row.place_id, row.who, row.reason, row.ground, row.checkins) == (
        place.place_id,
        "Y tế",
        "ca F0",
        "Luật 91/2025",
        3,
    )
    told = owner_of(desk, place).get(f"/places/{place.place_id}/supervision").text
    assert all(word in told for word in ("Y tế", "ca F0", "Luật 91/2025"))
    assert WHO not in told


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"reason": " "}, "lý do"),
        ({"ground": ""}, "căn cứ pháp lý"),
        ({"reason": "x" * 400}, "nhiều nhất 300"),
        ({"ground": "a\u202eb"}, "nhiều nhất 300"),
        ({"from": ""}, "cả hai thời điểm"),
        ({"until": "x"}, "cả hai thời điểm"),
        ({"until": "0001-01-01T00:00"}, "cả hai thời điểm"),
        ({"until": INTERVAL["from"]}, "không có khoảng thời gian"),
        ({"until": "2026-03-01T00:00"}, "nhiều nhất 31 ngày"),
    ],
)
def test_without_a_reason_a_ground_and_an_interval_nothing_is_opened(
    desk: DeskThread, changed: dict[str, str], why: str
) -> None:
    place = place_with_rows(desk, "Chợ", 1)
    browser = desk.logged_in("Y tế", AccountRole.AUTHORITY)
    seen = browser.post("/check-ins/unseal", {"place": place.place_id} | QUESTION | changed)
    assert (seen.status, why in seen.text, WHO in seen.text) == (422, True, False)
    with desk.store.reading() as connection:
        assert connection.execute(select(place_unsealings)).all() == []


def test_more_than_one_question_opens_is_refused_whole(desk: DeskThread) -> None:
    place = place_with_rows(desk, "Chợ", MOST_OPENED + 1)
    browser = desk.logged_in("Y tế", AccountRole.AUTHORITY)
    seen = browser.post("/check-ins/unseal", {"place": place.place_id} | QUESTION)
    assert (seen.status, f"Hơn {MOST_OPENED} lượt" in seen.text, WHO in seen.text) == (422, True, False)


def test_a_question_that_finds_nobody_is_written_down_too(desk: DeskThread) -> None:
    place = place_with_rows(desk, "Chợ", 1)
    browser = desk.logged_in("Y tế", AccountRole.AUTHORITY)
    later = {"from": "2026-01-05T00:00", "until": "2026-01-06T00:00"}
    assert browser.post("/check-ins/unseal", {"place": place.place_id} | QUESTION | later).status == 200
    with desk.store.reading() as connection:
        assert connection.execute(select(place_unsealings.c.checkins)).scalars().all() == [0]


@pytest.mark.parametrize("role", [role for role in AccountRole if role is not AccountRole.AUTHORITY])
def test_nobody_but_the_authority_opens_a_seal(desk: DeskThread, role: AccountRole) -> None:
    place = place_with_rows(desk, "Chợ", 1)
    browser = desk.logged_in("Someone", role)
    seen = browser.post("/check-ins/unseal", {"place": place.place_id} | QUESTION)
    assert (seen.status, WHO in seen.text) == (403, False)
    with desk.store.reading() as connection:
        assert connection.execute(select(place_unsealings)).all() == []


def test_a_place_that_is_not_there_is_not_asked_about(desk: DeskThread) -> None:
    browser = desk.logged_in("Y tế", AccountRole.AUTHORITY)
    for place in ("place-000000000000", "", "x" * 300):
        assert browser.post("/check-ins/unseal", {"place": place} | QUESTION).status == 404
