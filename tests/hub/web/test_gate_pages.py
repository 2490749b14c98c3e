"""The pages of gates: what needs somebody first, one gate whole, and nobody sees what is not theirs."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from urllib.parse import quote

import pytest
from sqlalchemy import insert, update

from device.hub.accounts.reach import give_place
from device.hub.accounts.roles import AccountRole
from device.hub.db.gate_changes import put_into_group
from device.hub.db.gate_list import PAGE
from device.hub.db.registry import add_places, assign_gate, new_place
from device.hub.db.tables import gates, places
from device.hub.registry.place import RegisteredPlace
from device.model import HOUR_MS, HourCounts
from device.wire.bundle import BundleKind
from device.wire.places import place_document
from device.wire.state_records import BundleState, PolicyState, QueueState
from tests.hub.web.desk_thread import DeskThread
from tests.support.databases import both_databases
from tests.support.gate_states import QUIET
from tests.support.many_gates import add_gates, troubled
from tests.support.visitors import PLACE

OWNER, TECHNICIAN = AccountRole.OWNER, AccountRole.TECHNICIAN
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=y>",
    "a\u202eb\u2066c",
    "{{ 7*7 }}",
    "=cmd|' /C calc'!A0",
]


def names_on(text: str) -> list[str]:
    return [unescape(name) for name in re.findall(r'<th scope="row"><a href="/gates/[^"]+"><bdi>(.*?)</bdi>', text)]


def own_place(desk: DeskThread, name: str, device_id: str) -> str:
    """Register a place, let the gate guard it, and return its id."""
    place = new_place(RegisteredPlace(name, "Hà Nội"), 1)
    with desk.store.begin() as connection:
        add_places(connection, [place])
        assign_gate(connection, device_id, place.place_id, 1)
    return place.place_id


@both_databases
def test_the_list_shows_how_each_gate_stands_what_needs_somebody_first(desk: DeskThread) -> None:
    ids = add_gates(desk.store, "Cổng A", "Cổng B", "Cổng C")
    hour = desk.store.now_ms() // HOUR_MS
    desk.store.note_state(ids[0], QUIET, [HourCounts(hour, (1200, 30, 4, 9, 9, 9, 9))])
    desk.store.note_state(ids[1], replace(troubled("camera", "roster-old"), queue=QueueState(7, 0, 60)), [])
    text = desk.logged_in("Lan Anh", TECHNICIAN).get("/gates").text
    assert names_on(text) == ["Cổng B", "Cổng C", "Cổng A"]
    for told in ("mất camera", "15 hình/giây", "51 °C", "1.234", "theo máy chủ giờ", "chưa gọi", "0.1.0"):
        assert told in text
    assert [int(count) for count in re.findall(r"<dd>(\d+)</dd>", text)] == [3, 0, 1, 1, 1, 0]


@both_databases
def test_ten_thousand_letters_control_signs_and_unknown_words_filter_and_break_nothing(desk: DeskThread) -> None:
    add_gates(desk.store, "Cổng A", "Cổng B")
    browser = desk.logged_in("Lan Anh", TECHNICIAN)
    for query, found in (
        ("text=" + quote("cổng b"), ["Cổng B"]),
        ("text=cong+b", ["Cổng B"]),
        ("text=" + "x" * 9_000, []),
        ("text=%00", ["Cổng A", "Cổng B"]),
        ("text=%ff%fe", []),
        ("group=" + quote("không có"), []),
        ("state=king", ["Cổng A", "Cổng B"]),
        ("place=x", ["Cổng A", "Cổng B"]),
        ("behind=x", ["Cổng A", "Cổng B"]),
        ("behind=policy", ["Cổng A", "Cổng B"]),  # none is published
    ):
        seen = browser.get(f"/gates?{query}")
        assert (seen.status, names_on(seen.text)) == (200, found), query[:60]
    for wrong in ("x", "1", "-1.gate-0", "9.", "1." + "x" * 80, "1.a%00b", quote("１.gate")):
        assert browser.get(f"/gates?after={wrong}").status == 404


def test_many_gates_are_turned_page_by_page_with_the_filter_kept(desk: DeskThread) -> None:
    add_gates(desk.store, *(f"Cổng {number:03}" for number in range(PAGE + 5)), "Khác")
    browser = desk.logged_in("Lan Anh", TECHNICIAN)
    first = browser.get("/gates?text=" + quote("Cổng"))
    (following,) = re.findall(r'href="(/gates\?[^"]*after=[^"]+)"', first.text)
    second = browser.get(unescape(following))
    assert (len(names_on(first.text)), len(names_on(second.text))) == (PAGE, 5)
    assert set(names_on(first.text)) & set(names_on(second.text)) == set()
    assert "after=" not in second.text


@both_databases
def test_an_owner_sees_their_own_gates_and_a_foreign_one_is_like_one_that_is_not_there(desk: DeskThread) -> None:
    ours, theirs, nobodys = add_gates(desk.store, "Cổng A", "Cổng B", "Cổng C")
    mine, other = own_place(desk, "Chợ Mới", ours), own_place(desk, "Chợ Cũ", theirs)
    browser = desk.logged_in("Lan Anh", OWNER)
    account = desk.accounts.find("Lan Anh")
    assert account is not None
    assert names_on(browser.get("/gates").text) == []
    with desk.store.begin() as connection:
        give_place(connection, account.account_id, mine)
        put_into_group(connection, theirs, "Nhóm kín")
    text = browser.get("/gates").text
    assert names_on(text) == ["Cổng A"]
    assert "Nhóm kín" not in text
    assert "/gates/enrol" not in text
    assert names_on(browser.get(f"/gates?place={other}").text) == []
    assert names_on(browser.get("/gates?after=2." + theirs).text) in ([], ["Cổng A"])
    own = browser.get(f"/gates/{ours}").text
    assert '<form method="post" action="/gates/' not in own
    answers = {browser.get(f"/gates/{one}").text for one in (theirs, nobodys, "gate-nobody", "%00", "x" * 5_000)}
    assert len({re.sub(r'name="back" value="[^"]*"', "", text) for text in answers}) == 1
    assert {browser.get(f"/gates/{one}").status for one in (theirs, nobodys, "gate-nobody", "%00", "a%2Fb")} == {404}


@both_databases
def test_the_page_of_a_gate_tells_all_that_it_says_its_week_and_what_to_do(desk: DeskThread) -> None:
    (gate,) = add_gates(desk.store, "Cổng A")
    own_place(desk, "Trường Hoa Phượng", gate)
    taken = (
        BundleState(BundleKind.POLICY, 17, 60, old=True, refused=False),
        BundleState(BundleKind.ROSTER, None, None, old=False, refused=True),
    )
    said = replace(troubled("hot", "roster-refused"), bundles=taken, policy=PolicyState("chợ-1", 7200, refused=True))
    hour = desk.store.now_ms() // HOUR_MS
    desk.store.note_state(gate, said, [HourCounts(hour, (10, 2, 1, 4, 3, 0, 99))])
    with desk.store.begin() as connection:
        connection.execute(places.insert().values(device_id=gate, place_id="0" * 16, document=place_document(PLACE)))
    desk.clock.advance(3 * 3_600_000)
    browser = desk.logged_in("Lan Anh", TECHNICIAN)
    text = browser.get(f"/gates/{gate}").text
    for told in (
        "im lặng",
        "liên lạc cách đây 3 giờ",
        "Để máy thoáng khí và tránh nắng.",
        "chợ-1, đã 5 giờ; bản mới hơn bị từ chối",
        "picamera2",
        "đang dùng, đã cũ",
        "máy đã từ chối bản mới hơn",
        "Trường Hoa Phượng",
        f"{PLACE.name} (không khớp)",
        gate,
        ">99</td>",
    ):
        assert told in text, told
    assert text.count('<svg class="spark"') == 3
    browser.post("/language", {"language": "en", "back": "/"})
    english = browser.get(f"/gates/{gate}").text
    assert "Give it air, and take it out of the sun." in english
    assert "hour by hour of seven days: 13 in all" in english


def test_a_gate_that_never_said_anything_has_a_page_too(desk: DeskThread) -> None:
    (gate,) = add_gates(desk.store, "Cổng A")
    text = desk.logged_in("Lan Anh", TECHNICIAN).get(f"/gates/{gate}").text
    assert "Máy chưa báo tình trạng" in text
    assert "Đăng ký máy bằng mã của nó" in text


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_gates_groups_and_places_stand_escaped_on_every_page(desk: DeskThread, name: str) -> None:
    (gate,) = add_gates(desk.store, "Cổng A")
    place = own_place(desk, name, gate)
    said = replace(PLACE, name=name)
    with desk.store.begin() as connection:
        connection.execute(update(gates).values(name=name))
        put_into_group(connection, gate, name)
        connection.execute(insert(places).values(device_id=gate, place_id="0" * 16, document=place_document(said)))
    browser = desk.logged_in("Lan Anh", TECHNICIAN)
    shown = name.replace("\u202e", "\ufffd").replace("\u2066", "\ufffd")
    asked = f"/gates?text={quote(name)}&group={quote(name)}&place={place}"
    for path in ("/gates", f"/gates/{gate}", f"/gates/{gate}/revoke", asked):
        text = browser.get(path).text
        assert name not in text or name.startswith(("{", "=", "a"))
        assert "<script" not in text
        assert "<img" not in text
        assert not {"\u202e", "\u2066"} & set(text)
    assert shown in unescape(browser.get("/gates").text)
    typed = browser.post("/gates/enrol", {"name": name})
    assert "<script" not in typed.text
    assert "<img" not in typed.text
