"""What is done with gates at the desk: each deed is in the record, what is wrong is said, and changes nothing."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import select

from device.decoder import stream_reader
from device.enrolment.code import read_code
from device.hub.accounts.roles import AccountRole
from device.hub.db.account_tables import audit
from device.hub.db.enrolments import open_until
from device.hub.db.registry import add_places, change_places, new_place
from device.hub.db.registry_tables import gate_assignments
from device.hub.db.tables import gates
from device.hub.registry.place import RegisteredPlace
from tests.hub.web.desk_thread import DeskThread
from tests.support.databases import both_databases
from tests.support.many_gates import add_gates
from tests.support.qr_svg import seen

TECHNICIAN = AccountRole.TECHNICIAN


def noted(desk: DeskThread) -> list[tuple[str, str]]:
    """Return what the record says of gates, the oldest first."""
    query = select(audit.c.what, audit.c.about).where(audit.c.what.like("gate-%")).order_by(audit.c.audit_id)
    with desk.store.reading() as connection:
        return [(row.what, row.about) for row in connection.execute(query)]


def name_of(desk: DeskThread, device_id: str) -> str:
    with desk.store.reading() as connection:
        return str(connection.execute(select(gates.c.name).where(gates.c.device_id == device_id)).scalar_one())


@both_databases
def test_a_code_for_a_new_gate_is_shown_once_as_letters_and_as_a_code_that_is_read_back(desk: DeskThread) -> None:
    browser = desk.logged_in("Lan Anh", TECHNICIAN)
    assert "15 phút" in browser.get("/gates/enrol").text
    page = browser.post("/gates/enrol", {"name": "  Cổng   chính "})
    (letters,) = re.findall(r'<code class="link">([0-9A-Z-]+)</code>', page.text)
    assert read_code(letters).letters == letters
    read = stream_reader()
    plane = seen(page.text)
    assert any(letters.encode() in read(plane) for _ in range(4))
    assert f"gate-scanner enrol {letters}" in page.text
    assert "hub: {url: &#39;http" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert letters not in browser.get("/gates/enrol").text + browser.get("/gates").text
    assert noted(desk) == [("gate-code-made", "Cổng chính")]
    with desk.store.reading() as connection:
        assert open_until(connection, "Cổng chính", None, desk.store.now_ms()) is not None
    again = browser.post("/gates/enrol", {"name": "Cổng chính"})
    assert "Mã cũ" in again.text or "còn dùng được" in again.text


@both_databases
def test_a_name_that_is_none_or_is_taken_makes_no_code(desk: DeskThread) -> None:
    (gate,) = add_gates(desk.store, "Cổng A")
    browser = desk.logged_in("Lan Anh", TECHNICIAN)
    for name in ("", " ", "Cổng A", gate, "gate-0123456789ab", "x" * 101, "x" * 10_000, "a\u202eb"):
        page = browser.post("/gates/enrol", {"name": name})
        assert (page.status, 'role="alert"' in page.text) == (422, True), name[:20]
        assert '<code class="link">' not in page.text
    assert noted(desk) == []


def test_a_hub_whose_clock_is_in_doubt_says_so_and_makes_no_code(desk: DeskThread) -> None:
    (gate,) = add_gates(desk.store, "Cổng A")
    browser = desk.logged_in("Lan Anh", TECHNICIAN)
    desk.clock.wall_ms += 40 * 86_400_000
    browser = desk.logged_in("Lan Anh", TECHNICIAN)
    for path, fields in (("/gates/enrol", {"name": "Cổng B"}), (f"/gates/{gate}/code", {})):
        page = browser.post(path, fields)
        assert (page.status, "hub clock" in page.text) == (409, True)


@both_databases
def test_a_gate_is_enrolled_anew_renamed_moved_and_grouped_and_all_of_it_is_recorded(desk: DeskThread) -> None:
    gate, other = add_gates(desk.store, "Cổng A", "Cổng B")
    place = new_place(RegisteredPlace("Chợ Mới", "Hà Nội", code="CM-1"), 1)
    with desk.store.begin() as connection:
        add_places(connection, [place])
    browser = desk.logged_in("Lan Anh", TECHNICIAN)
    assert '<code class="link">' in browser.post(f"/gates/{gate}/code").text
    for what, fields, done in (
        ("name", {"name": "Cổng  chính"}, "Đã đổi tên máy."),
        ("place", {"place": "CM-1"}, "Đã ghi vào sổ đăng ký"),
        ("group", {"group": "Khối 10"}, "Đã xếp máy vào nhóm."),
        ("name", {"name": "Cổng chính"}, "Đã đổi tên máy."),  # the same again
    ):
        answer = browser.post(f"/gates/{gate}/{what}", fields)
        assert answer.location == f"/gates/{gate}?done={what}"
        assert done in browser.get(answer.location).text
    text = browser.get(f"/gates/{gate}").text
    assert [told in text for told in ("Cổng chính", "Chợ Mới", "Khối 10")] == [True] * 3
    assert browser.post(f"/gates/{gate}/place", {"place": ""}).status == 303
    with desk.store.reading() as connection:
        assert connection.execute(select(gate_assignments)).all() == []
    called = f"Cổng chính ({gate})"
    assert noted(desk) == [
        ("gate-code-made", f"Cổng A ({gate})"),
        ("gate-renamed", f"Cổng A ({gate}) → Cổng chính"),
        ("gate-moved", f"{called} → Chợ Mới ({place.place_id})"),
        ("gate-grouped", f"{called} → Khối 10"),
        ("gate-renamed", f"{called} → Cổng chính"),
        ("gate-moved", f"{called} → –"),
    ]
    assert name_of(desk, other) == "Cổng B"


@both_databases
def test_what_cannot_be_meant_is_said_on_the_page_and_changes_nothing(desk: DeskThread) -> None:
    gate, _ = add_gates(desk.store, "Cổng A", "Cổng B")
    twins = [new_place(RegisteredPlace("Chợ Mới", province), 1) for province in ("Hà Nội", "Huế")]
    old = new_place(RegisteredPlace("Chợ Cũ", "Hà Nội"), 1)
    with desk.store.begin() as connection:
        add_places(connection, [*twins, old])
        change_places(connection, [type(old)(old.place_id, old.place, 1, archived_ms=2)])
    browser = desk.logged_in("Lan Anh", TECHNICIAN)
    for what, value, told in (
        ("name", "", "trống"),
        ("name", "Cổng B", "Đã có máy khác tên Cổng B"),
        ("name", "x" * 10_000, "10"),
        ("name", "gate-0123456789ab", "mã"),
        ("place", "Chợ Nào", "không có địa điểm này"),
        ("place", "Chợ Mới", twins[0].place_id),
        ("place", "Chợ Cũ", "ngừng sử dụng"),
        ("place", "x" * 10_000, "không có địa điểm này"),
        ("group", "a\u202eb", "U+202E"),
        ("group", "x" * 101, "101"),
    ):
        page = browser.post(f"/gates/{gate}/{what}", {what: value})
        (alert,) = re.findall(r'<p class="notice bad" role="alert" id="error">(.*?)</p>', page.text)
        assert (page.status, told in unescape(alert)) == (422, True), (what, value[:20], alert)
    assert noted(desk) == []
    assert name_of(desk, gate) == "Cổng A"


@both_databases
def test_a_gate_is_revoked_after_a_question_and_only_once(desk: DeskThread) -> None:
    enrolled = desk.folder.add_gate("Cổng A")
    gate = enrolled.device_id
    browser = desk.logged_in("Lan Anh", TECHNICIAN)
    assert "Thu hồi Cổng A" in browser.get(f"/gates/{gate}/revoke").text
    key = desk.store.key_of(gate)
    assert key is not None
    assert key[1] is None
    assert browser.post(f"/gates/{gate}/revoke").location == f"/gates/{gate}?done=revoke"
    after = desk.store.key_of(gate)
    assert after is not None
    assert after[1] == desk.folder.revocation_of(gate, key[0])
    text = browser.get(f"/gates/{gate}?done=revoke").text
    assert ["Đã thu hồi máy" in text, "THU HỒI" in text, f"/gates/{gate}/revoke" in text] == [True, True, False]
    assert "đã bị thu hồi rồi" in browser.post(f"/gates/{gate}/revoke").text
    assert noted(desk) == [("gate-revoked", f"Cổng A ({gate})")]


@pytest.mark.parametrize("what", ["name", "place", "group", "code", "revoke"])
def test_a_gate_that_is_not_there_is_not_changed(desk: DeskThread, what: str) -> None:
    browser = desk.logged_in("Lan Anh", TECHNICIAN)
    for gate in ("gate-nobody", "%00", "x" * 5_000):
        assert browser.post(f"/gates/{gate}/{what}", {what: "x"}).status == 404
    assert browser.get("/gates/gate-nobody/revoke").status == 404
    assert noted(desk) == []


@pytest.mark.parametrize("role", [AccountRole.OWNER, AccountRole.SAFETY, AccountRole.AUTHORITY])
def test_who_only_looks_finds_no_form_and_cannot_send_one(desk: DeskThread, role: AccountRole) -> None:
    (gate,) = add_gates(desk.store, "Cổng A")
    browser = desk.logged_in("Someone", role)
    assert 'action="/gates/' not in browser.get(f"/gates/{gate}").text
    for what in ("name", "place", "group", "code", "revoke"):
        assert browser.post(f"/gates/{gate}/{what}", {what: "x"}).status == 403
    assert browser.post("/gates/enrol", {"name": "x"}).status == 403
    assert (noted(desk), name_of(desk, gate)) == ([], "Cổng A")
