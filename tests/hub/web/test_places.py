"""The pages of places: who sees which, what is registered and changed, and what is told of a mistake."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

import pytest
from sqlalchemy import insert

from device.clock import utc_day
from device.hub.accounts.audit import page as audit_page
from device.hub.accounts.roles import AccountRole
from device.hub.db.place_pages import PAGE
from device.hub.db.registry import assign_gate
from device.hub.db.tables import places as named_places
from device.hub.registry.place import RegisteredPlace
from device.hub.registry.units import replace_communes
from device.model import Place
from device.wire.places import place_document
from tests.hub.web.desk_thread import DeskThread
from tests.support.browser import Browser
from tests.support.databases import both_databases
from tests.support.desk_places import all_registered, given, names_on, registered

pytestmark = both_databases
SCHOOL = RegisteredPlace("Trường Hoa Phượng", "Hải Phòng", kind="school", code="S1", commune="Hồng Bàng")
MARKET = RegisteredPlace("Chợ Mới", "Hà Nội", kind="market")
FIELDS = {
    "name": "Trường Hoa Phượng",
    "kind": "school",
    "province": "Hải Phòng",
    "commune": "Hồng Bàng",
    "address": "12 Đinh Tiên Hoàng",
    "responsible": "Nguyễn Văn Thử",
    "phone": "0912 345 678",
    "opening_hours": "T2-T6 7h-17h",
    "time_zone": "Asia/Ho_Chi_Minh",
    "legal_basis": "Quyết định số 12",
    "code": "S1",
}


def technician(desk: DeskThread) -> Browser:
    return desk.logged_in("Anh Thợ", AccountRole.TECHNICIAN)


def owner(desk: DeskThread, *places: RegisteredPlace) -> tuple[Browser, list[str]]:
    """Return the browser of an owner of places, and the ids of these."""
    account = desk.made("Lan Anh", AccountRole.OWNER)
    own = registered(desk.store, *places)
    given(desk.store, account.account_id, own)
    return desk.logged_in("Lan Anh", AccountRole.OWNER), [one.place_id for one in own]


def deeds(desk: DeskThread) -> list[str]:
    with desk.store.reading() as connection:
        return [one.what for one in audit_page(connection) if one.what.startswith(("place", "poster"))]


def test_a_place_is_registered_shown_changed_and_taken_out_of_use(desk: DeskThread) -> None:
    browser = technician(desk)
    assert "Chưa có địa điểm nào" in browser.get("/places").text
    done = browser.post("/places/new", FIELDS).location
    place = done.partition("?")[0]
    shown = browser.get(done).text
    assert "Đã đăng ký địa điểm." in shown
    for told in ("trường học", "T2-T6 07:00-17:00", "12 Đinh Tiên Hoàng", "Quyết định số 12", "0912 345 678"):
        assert told in shown
    form = browser.get(f"{place}/edit")
    changed = FIELDS | form.form_fields() | {"opening_hours": "T2-CN 8:00-12:00", "phone": ""}
    assert browser.post(f"{place}/edit", changed).location == f"{place}?done=changed"
    record = all_registered(desk.store)["Trường Hoa Phượng"]
    assert (record.place.opening_hours, record.place.phone, record.place.code) == ("mon-sun 08:00-12:00", "", "S1")
    assert browser.post(f"{place}/archive").location == f"{place}?done=archived"
    assert "Ngừng dùng từ" in browser.get(place).text
    assert (names_on(browser.get("/places").text), len(names_on(browser.get("/places?archived=1").text))) == ([], 1)
    assert browser.post(f"{place}/restore").location == f"{place}?done=restored"
    assert names_on(browser.get("/places").text) == ["Trường Hoa Phượng"]
    assert deeds(desk) == ["place-restored", "place-archived", "place-changed", "place-added"]


def test_what_cannot_be_meant_is_told_beside_its_field_and_nothing_is_saved(desk: DeskThread) -> None:
    browser = technician(desk)
    wrong = {"name": "", "province": "x" * 101, "kind": "castle", "phone": "call me", "time_zone": "Asia/Nowhere"}
    seen = browser.post("/places/new", FIELDS | wrong | {"opening_hours": "sometimes", "address": "a\u202eb"})
    assert seen.status == 422
    for name in ("name", "province", "kind", "phone", "time_zone", "opening_hours", "address"):
        assert f'id="{name}-error"' in seen.text
    assert "Múi giờ: không có múi giờ này" in seen.text
    assert 'value="12 Đinh' not in seen.text
    assert 'value="Nguyễn Văn Thử"' in seen.text
    assert all_registered(desk.store) == {}


def test_a_name_of_ten_thousand_letters_is_refused_in_a_sentence(desk: DeskThread) -> None:
    browser = technician(desk)
    seen = browser.post("/places/new", FIELDS | {"name": "x" * 10_000})
    assert (seen.status, "10000" in seen.text) == (422, True)
    assert browser.post("/places/new", FIELDS | {"name": "Ẫ" * 10_000}).status == 413
    assert all_registered(desk.store) == {}


def test_a_place_that_is_registered_already_is_named_instead_of_registered_twice(desk: DeskThread) -> None:
    browser = technician(desk)
    first = browser.post("/places/new", FIELDS).location.partition("?")[0]
    for twin in (FIELDS, FIELDS | {"name": "Another"}, FIELDS | {"name": "TRƯỜNG HOA PHƯỢNG"}):
        seen = browser.post("/places/new", twin)
        assert (seen.status, f'href="{first}"' in seen.text) == (422, True)
    other = browser.post("/places/new", FIELDS | {"code": "S2", "name": "Another"}).location.partition("?")[0]
    form = browser.get(f"{other}/edit").form_fields()
    seen = browser.post(f"{other}/edit", FIELDS | form | {"name": "Another"})  # with the code of the first
    assert (seen.status, f'href="{first}"' in seen.text) == (422, True)


def test_a_change_that_somebody_else_has_overtaken_is_not_saved_over_theirs(desk: DeskThread) -> None:
    browser = technician(desk)
    place = browser.post("/places/new", FIELDS).location.partition("?")[0]
    form = browser.get(f"{place}/edit").form_fields()
    assert browser.post(f"{place}/edit", FIELDS | form | {"phone": "0911 111 111"}).status == 303
    seen = browser.post(f"{place}/edit", FIELDS | form | {"phone": "0922 222 222"})
    assert (seen.status, "Đã có người sửa" in seen.text, 'value="0911 111 111"' in seen.text) == (409, True, True)
    assert browser.post(f"{place}/edit", FIELDS | seen.form_fields() | {"phone": "0922 222 222"}).status == 303
    assert all_registered(desk.store)["Trường Hoa Phượng"].place.phone == "0922 222 222"


def test_provinces_and_communes_are_suggested_and_another_text_is_taken(desk: DeskThread) -> None:
    rows = [{"code": "1", "name": "Hồng Bàng", "type": "Phường", "province": "Hải Phòng"}]
    with desk.store.begin() as connection:
        replace_communes(connection, rows, utc_day(desk.store.now_ms()))
    browser = technician(desk)
    page = browser.get("/places/new").text
    found = re.findall(r'<option value="([^"]+)"></option>', page)
    assert (len(found), found[0], found[-1]) == (34, "An Giang", "Vĩnh Long")
    looked = browser.post("/places/new", {"name": "x", "province": "TP. Hải Phòng", "look": "1"})
    assert (looked.status, '<option value="Hồng Bàng">' in looked.text, 'value="x"' in looked.text) == (200, True, True)
    assert browser.post("/places/new", FIELDS | {"province": "Hải Hưng", "commune": "Ái Quốc"}).status == 303


def test_places_stand_in_vietnamese_order_page_by_page(desk: DeskThread) -> None:
    names = [f"Trường {number}" for number in range(1, PAGE + 3)]
    registered(
        desk.store, *(RegisteredPlace(name, "Hà Nội") for name in [*reversed(names), "Đình", "Chợ", "Điếm", "Em"])
    )
    browser = technician(desk)
    first = browser.get("/places")
    assert names_on(first.text)[:5] == ["Chợ", "Điếm", "Đình", "Em", "Trường 1"]
    assert len(names_on(first.text)) == PAGE
    following = re.findall(r'href="(/places\?after=place-[0-9a-f]{12})"', first.text)
    second = browser.get(following[0])
    assert names_on(second.text) == names[PAGE - 4 :]
    assert 'href="/places"' in second.text
    assert f"{PAGE + 6} địa điểm" in first.text
    for odd in ("place-000000000000", "x", "%00", "place-00000000000A"):
        assert names_on(browser.get(f"/places?after={odd}").text) == names_on(first.text)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=hoa+phuong", ["Trường Hoa Phượng"]),
        (f"q=HOA+{quote('PHƯỢNG')}", ["Trường Hoa Phượng"]),
        ("q=s1", ["Trường Hoa Phượng"]),
        ("q=s", []),
        ("q=%25", []),
        ("q=%00", []),
        ("province=ha+noi", ["Chợ Mới"]),
        ("commune=hong&province=phong", ["Trường Hoa Phượng"]),
        ("kind=market", ["Chợ Mới"]),
        ("kind=castle", ["Chợ Mới", "Trường Hoa Phượng"]),
        ("archived=1", []),
    ],
)
def test_places_are_found_without_marks_and_by_what_they_are(desk: DeskThread, query: str, found: list[str]) -> None:
    registered(desk.store, SCHOOL, MARKET)
    assert names_on(technician(desk).get(f"/places?{query}").text) == found


def test_an_owner_sees_the_own_places_only_whatever_stands_in_the_address(desk: DeskThread) -> None:
    browser, (own,) = owner(desk, SCHOOL)
    (other,) = registered(desk.store, MARKET)
    assert names_on(browser.get("/places").text) == ["Trường Hoa Phượng"]
    assert names_on(browser.get(f"/places?after={other.place_id}").text) in ([], ["Trường Hoa Phượng"])
    assert browser.get(f"/places/{own}").status == 200
    for path in ("", "/edit", "/sign/a4.pdf", f"/posters/{'0' * 24}/a4"):
        assert browser.get(f"/places/{other.place_id}{path}").status == 404
    for path in ("/edit", "/posters"):
        assert browser.post(f"/places/{other.place_id}{path}", FIELDS | {"entrance": "x"}).status == 404
    for path in ("/archive", "/restore", "/owners"):
        assert browser.post(f"/places/{own}{path}").status == 403
    assert "Chợ Mới" not in browser.get("/places/export.csv").text


def test_an_owner_changes_contact_and_hours_and_nothing_else(desk: DeskThread) -> None:
    browser, (own,) = owner(desk, SCHOOL)
    form = browser.get(f"/places/{own}/edit")
    assert ('id="phone"' in form.text, 'id="name"' in form.text, 'id="legal_basis"' in form.text) == (
        True,
        False,
        False,
    )
    assert browser.post(f"/places/{own}/edit", FIELDS | form.form_fields() | {"name": "Mine"}).status == 303
    place = all_registered(desk.store)["Trường Hoa Phượng"].place
    assert (place.phone, place.opening_hours, place.address) == ("0912 345 678", "mon-fri 07:00-17:00", "")


def test_an_administrator_gives_a_place_to_an_owner_and_takes_it_back(desk: DeskThread) -> None:
    (place,) = registered(desk.store, SCHOOL)
    hers = desk.logged_in("Lan Anh", AccountRole.OWNER)
    desk.made("Anh Thợ")
    browser = desk.logged_in("Admin", AccountRole.ADMINISTRATOR)
    path = f"/places/{place.place_id}"
    assert '<option value="Lan Anh">' in browser.get(path).text
    for nobody in ("Anh Thợ", "Nobody", ""):
        assert browser.post(f"{path}/owners", {"name": nobody}).status == 422
    for _ in range(2):
        assert browser.post(f"{path}/owners", {"name": "lan anh"}).location == f"{path}?done=given"
    assert names_on(hers.get("/places").text) == ["Trường Hoa Phượng"]
    assert "Thu lại của Lan Anh" in browser.get(path).text
    assert browser.post(f"{path}/owners", {"name": "Lan Anh", "what": "take"}).location == f"{path}?done=taken"
    assert hers.get(path).status == 404
    assert deeds(desk) == ["place-taken", "place-given"]


def test_the_page_tells_its_gates_and_what_they_say_they_guard(desk: DeskThread) -> None:
    school, market = registered(desk.store, SCHOOL, MARKET)
    ours, theirs = (desk.folder.add_gate(name).device_id for name in ("Cổng A", "Cổng B"))
    with desk.store.begin() as connection:
        assign_gate(connection, ours, school.place_id, 1)
        for device, name, location in ((ours, "Nhà kho", ""), (theirs, "Trường", f"x/{school.place_id.upper()}")):
            document = place_document(Place(name, "school", "Hải Phòng", location_qr=location.lower()))
            connection.execute(insert(named_places).values(device_id=device, place_id="a" * 16, document=document))
    browser = technician(desk)
    page = browser.get(f"/places/{school.place_id}").text
    assert "1 máy quét phải trông" in page
    assert "chưa từng báo về" in page
    rows = re.findall(
        r"<tr>\s*<th scope=\"row\"><bdi>(Cổng .)</bdi></th>\s*<td><bdi>(.*?)</bdi></td>\s*<td>(.*?)</td>", page
    )
    assert [(gate, name, unescape(re.sub("<[^>]+>", "", matched))) for gate, name, matched in rows] == [
        ("Cổng A", "Nhà kho", "không khớp"),
        ("Cổng B", "Trường", "địa điểm này"),
    ]
    assert "<bdi>Cổng" not in browser.get(f"/places/{market.place_id}").text


def test_a_path_that_names_no_place_is_not_there(desk: DeskThread) -> None:
    browser = technician(desk)
    for path in ("place-000000000000", "place-", "x", "%00", "PLACE-000000000000", "place-" + "0" * 5_000):
        assert browser.get(f"/places/{path}").status == 404


HOSTILE = ("<script>alert(1)</script>", "\"'><img src=x onerror=y>", "{{ 7*7 }}", "=cmd|' /C calc'!A0")


@pytest.mark.parametrize("name", HOSTILE)
def test_what_somebody_has_called_a_place_stands_escaped_on_every_page(desk: DeskThread, name: str) -> None:
    browser = technician(desk)
    fields = dict.fromkeys(("name", "province", "commune", "address", "responsible", "legal_basis", "code"), name)
    place = browser.post("/places/new", FIELDS | fields).location.partition("?")[0]
    browser.post(f"{place}/posters", {"entrance": name})
    poster = re.findall(rf'href="({place}/posters/[0-9a-f]+/a4)"', browser.get(place).text)[0]
    for path in ("/places", place, f"{place}/edit", poster):
        text = browser.get(path).text
        assert "<script" not in text
        assert "<img" not in text
        assert name in unescape(text)
    assert browser.post("/places/new", FIELDS | fields).text.count("<img") == 0
