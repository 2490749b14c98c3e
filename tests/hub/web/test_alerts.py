"""The page of alerts: who sees what, who sees to it, whether messages arrive, and a test message."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import insert, select

from device.hub.accounts.reach import give_place
from device.hub.accounts.roles import AccountRole
from device.hub.accounts.sessions import Session
from device.hub.alerts import waiting
from device.hub.alerts.message import Kind, decoded
from device.hub.alerts.reading import PAGE
from device.hub.alerts.rules import Rule
from device.hub.db.account_tables import audit
from device.hub.db.alert_tables import alerts, deliveries
from device.hub.db.registry import add_places, assign_gate, new_place
from device.hub.registry.place import RegisteredPlace
from device.hub.web.alert_pages import alerts_now
from device.hub.web.asking import Ask
from device.hub.web.rendering import environment
from device.words import Language, speaking_here
from tests.hub.web.desk_thread import DeskThread
from tests.support.databases import both_databases

HOSTILE = "<script>alert(1)</script>\u202e"


def place(desk: DeskThread, name: str) -> str:
    record = new_place(RegisteredPlace(name, "Hà Nội"), 1)
    with desk.store.begin() as connection:
        add_places(connection, [record])
    return record.place_id


def gate(desk: DeskThread, name: str, place_id: str) -> str:
    device_id = desk.folder.add_gate(name).device_id
    with desk.store.begin() as connection:
        assign_gate(connection, device_id, place_id, 1)
    return device_id


def alert(
    desk: DeskThread,
    rule: Rule,
    subject: str,
    device_id: str | None = None,
    place_id: str | None = None,
    *,
    ended_ms: int | None = None,
) -> None:
    at = {"began_ms": desk.clock.wall_ms, "since_ms": desk.clock.wall_ms - 60_000, "ended_ms": ended_ms}
    about = {"rule": str(rule), "subject": subject, "device_id": device_id, "place_id": place_id}
    with desk.store.begin() as connection:
        connection.execute(insert(alerts).values(**about, **at, detail="", again=0))


@both_databases
def test_an_owner_sees_what_is_wrong_at_its_places_and_nothing_else(desk: DeskThread) -> None:
    mine, other = place(desk, "Chợ Mới"), place(desk, "Chợ Cũ")
    ours, theirs = gate(desk, "Cổng A", mine), gate(desk, "Cổng B", other)
    alert(desk, Rule.SILENT, ours, ours, mine)
    alert(desk, Rule.SILENT, theirs, theirs, other)
    alert(desk, Rule.COVERAGE, other, None, other)
    alert(desk, Rule.NOTHING_SCANNED, mine, None, mine, ended_ms=5)
    alert(desk, Rule.NOTHING_SCANNED, other, None, other, ended_ms=5)
    alert(desk, Rule.HUB, "backup")
    account = desk.made("Lan", AccountRole.OWNER)
    with desk.store.begin() as connection:
        give_place(connection, account.account_id, mine)
    seen = desk.logged_in("Lan", AccountRole.OWNER).get("/alerts").text
    assert "Đang có sự cố (1)" in seen
    assert seen.count("Chợ Mới") == 2
    for hidden in ("Chợ Cũ", "Cổng B", "sao lưu", "Tin báo"):
        assert hidden not in seen
    every = desk.logged_in("Tú", AccountRole.TECHNICIAN).get("/alerts").text
    assert "Đang có sự cố (4)" in every
    assert every.count("Chợ Cũ") >= 3
    assert "bản sao lưu cuối đã quá cũ" in every


@both_databases
def test_what_a_gate_did_at_another_place_is_not_seen_by_the_owner_of_where_it_is_now(desk: DeskThread) -> None:
    mine, other = place(desk, "Chợ Mới"), place(desk, "Chợ Cũ")
    moved = gate(desk, "Cổng A", mine)
    alert(desk, Rule.SILENT, moved, moved, other, ended_ms=5)
    alert(desk, Rule.SILENT, moved, moved, mine, ended_ms=6)
    account = desk.made("Lan", AccountRole.OWNER)
    with desk.store.begin() as connection:
        give_place(connection, account.account_id, mine)
    seen = desk.logged_in("Lan", AccountRole.OWNER).get("/alerts").text
    assert (seen.count("Chợ Mới"), "Chợ Cũ" in seen) == (1, False)


@both_databases
def test_who_sees_to_it_is_written_down_once_and_an_owner_cannot(desk: DeskThread) -> None:
    mine = place(desk, "Chợ Mới")
    ours = gate(desk, "Cổng A", mine)
    alert(desk, Rule.SILENT, ours, ours, mine)
    owner = desk.logged_in("Lan", AccountRole.OWNER)
    assert owner.post("/alerts/1/acknowledge").status == 403
    browser = desk.logged_in("Tú", AccountRole.TECHNICIAN)
    assert browser.post("/alerts/1/acknowledge").location == "/alerts"
    assert "<bdi>Tú</bdi>" in browser.get("/alerts").text.partition("<main")[2]
    for number in ("1", "2", "0", str(2**31), str(2**70), "9" * 5000):
        assert browser.post(f"/alerts/{number}/acknowledge").status == 404
    with desk.store.reading() as connection:
        row = connection.execute(select(audit).where(audit.c.what == "alert-acknowledged")).one()
    assert (row.who, row.about) == ("Tú", "silent Cổng A")


@both_databases
def test_a_test_message_waits_for_each_sink_and_the_page_says_how_sinks_stand(desk: DeskThread) -> None:
    admin = desk.logged_in("Admin", AccountRole.ADMINISTRATOR)
    assert "Không báo cho ai" in admin.get("/alerts").text
    assert admin.post("/alerts/test").status == 404
    desk.desk.alert_sinks = ("webhook", "mail")
    assert admin.post("/alerts/test").location == "/alerts?tested"
    seen = admin.get("/alerts?tested").text
    assert "Tin thử đang được gửi" in seen
    assert seen.count("đang gửi") >= 2
    with desk.store.reading() as connection:
        rows = connection.execute(select(deliveries)).all()
    assert [(row.sink, decoded(row.document).kind) for row in rows] == [("webhook", Kind.TEST), ("mail", Kind.TEST)]
    with desk.store.begin() as connection:
        first = waiting.claim(connection, "webhook", desk.clock.wall_ms, 1)
        assert first is not None
        waiting.note_failure(connection, first, "status-500", desk.clock.wall_ms)
        mail = waiting.claim(connection, "mail", desk.clock.wall_ms, 1)
        assert mail is not None
        waiting.note_told(connection, mail, desk.clock.wall_ms)
    seen = admin.get("/alerts").text
    assert "1 lần gửi không được: máy chủ trả lời 500" in seen
    technician = desk.logged_in("Tú", AccountRole.TECHNICIAN)
    assert "Gửi tin thử" not in technician.get("/alerts").text
    assert technician.post("/alerts/test").status == 403


def test_names_are_text_and_a_rule_of_a_newer_version_is_shown_as_it_is(desk: DeskThread) -> None:
    mine = place(desk, HOSTILE)
    ours = gate(desk, HOSTILE[:40], mine)
    alert(desk, Rule.SILENT, ours, ours, mine)
    with desk.store.begin() as connection:
        values = {"rule": "<b>new", "subject": "x", "began_ms": 1, "since_ms": 1, "detail": "", "again": 0}
        connection.execute(insert(alerts).values(values))
    seen = desk.logged_in("Tú", AccountRole.TECHNICIAN).get("/alerts").text
    assert "<script>" not in seen
    assert "\u202e" not in seen
    assert "&lt;b&gt;new" in seen


def test_more_than_a_page_is_reached_by_links_and_a_wrong_number_is_no_page(desk: DeskThread) -> None:
    mine = place(desk, "Chợ Mới")
    values = [
        {"rule": "coverage", "subject": f"place-{number}", "place_id": mine, "began_ms": number, "since_ms": 1}
        | {"detail": "9", "again": 0, "ended_ms": None if number % 2 else 5}
        for number in range(1, 2 * PAGE + 21)
    ]
    with desk.store.begin() as connection:
        connection.execute(insert(alerts), values)
    browser = desk.logged_in("Tú", AccountRole.TECHNICIAN)
    first = browser.get("/alerts").text
    assert (first.count("/acknowledge"), f"({PAGE + 10})" in first) == (PAGE, True)
    older = first.partition('href="/alerts?before=')[2].partition('"')[0]
    assert browser.get(f"/alerts?before={older}").text.count("/acknowledge") == 10
    over = first.partition('href="/alerts?over=')[2].partition('"')[0]
    assert browser.get(f"/alerts?over={over}").status == 200
    for wrong in ("x", "-1", "0", "9" * 30, "٣"):
        assert browser.get(f"/alerts?before={quote(wrong)}").status == 404


def test_the_first_pages_part_shows_the_number_and_the_first_few(desk: DeskThread) -> None:
    places = [place(desk, f"Chợ {number}") for number in range(7)]
    for one in places:
        alert(desk, Rule.COVERAGE, one, None, one)
    session = Session(b"", 1, "Tú", AccountRole.TECHNICIAN, whole=True, used_ms=1)
    with desk.store.reading() as connection:
        ask = Ask(desk.desk, "/", "/", "", "", Language.VIETNAMESE, session=session)
        found = alerts_now(ask, connection)
    with speaking_here(Language.VIETNAMESE):
        shown = environment().get_template("alerts_now.html").render(alerts_now=found)
    assert (found.total, len(found.rows)) == (7, 5)
    assert "(7)" in shown
    assert "còn 2 cảnh báo nữa" in shown


@pytest.mark.parametrize("role", AccountRole)
def test_every_role_opens_the_page(desk: DeskThread, role: AccountRole) -> None:
    assert desk.logged_in("Someone", role).get("/alerts").status == 200
