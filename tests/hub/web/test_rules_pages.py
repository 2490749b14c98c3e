"""Rules and lists at the desk: what is published, in force where, and publishing after a look at what it changes."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select

from device.hub.accounts.roles import AccountRole
from device.hub.db.account_tables import audit
from device.hub.publishing.publish import content_of_people
from device.hub.web.kept_files import KEPT_S
from device.hub.web.publishing_pages import MOST_NUMBERS
from device.wire.bundle import BundleKind
from device.wire.people_list import PeopleList
from device.wire.state_records import BundleState
from tests.hub.web.desk_thread import DeskThread
from tests.support.browser import Browser, Seen
from tests.support.databases import both_databases
from tests.support.gate_states import QUIET
from tests.support.many_gates import add_gates

ADMINISTRATOR, TECHNICIAN = AccountRole.ADMINISTRATOR, AccountRole.TECHNICIAN
POLICY, ROSTER = BundleKind.POLICY, BundleKind.ROSTER
MARKET = b"version: market-1\nvalid_from: 2026-01-01\n"
GUESTS = (Path(__file__).parents[3] / "config" / "policy" / "expected-guests.yaml").read_bytes()


def people(*numbers: int) -> bytes:
    return "Số CCCD;Họ tên\n".encode() + b"".join(b"%012d;x\n" % number for number in numbers)


def look(browser: Browser, kind: BundleKind, content: bytes, name: str = "file.csv", **fields: str) -> Seen:
    return browser.send("/rules/preview", {"kind": str(kind), **fields}, {"file": (name, content)})


def figures(page: Seen) -> list[str]:
    return re.findall(r"<dd>(.*?)</dd>", page.text)


def errors_on(page: Seen) -> list[str]:
    (told,) = re.findall(r'role="alert" id="error">(.*?)</div>', page.text, re.DOTALL)
    return [unescape(one) for one in re.findall(r"<li>(.*?)</li>", told)]


def published(desk: DeskThread) -> list[str]:
    query = select(audit.c.about).where(audit.c.what == "published").order_by(audit.c.audit_id)
    with desk.store.reading() as connection:
        return list(connection.execute(query).scalars())


@both_databases
def test_a_policy_is_looked_at_then_published_and_kept_with_who_did_it(desk: DeskThread) -> None:
    browser = desk.logged_in("Quản trị", ADMINISTRATOR)
    assert "Chưa công bố gì." in browser.get("/rules").text
    page = look(browser, POLICY, MARKET, "policy.yaml")
    assert page.status == 200
    assert re.findall(r"<code>(.*?)</code>", page.text) == ["version", "valid_from"]
    assert desk.desk.bundles.content(POLICY) is None
    answer = browser.post("/rules/publish", page.form_fields())
    assert answer.location == "/rules?done"
    assert desk.desk.bundles.content(POLICY) == MARKET
    head = desk.desk.bundles.head(POLICY)
    assert head is not None
    text = browser.get("/rules?done").text
    for told in ("Đã công bố. Máy quét", "Quản trị", str(head.version), "ở 0 trên 0 máy", "market-1"):
        assert told in text
    assert published(desk) == [f"policy {head.version}"]
    assert browser.post("/rules/publish", page.form_fields()).status == 409  # the same again
    second = look(browser, POLICY, MARKET.replace(b"market-1", b"market-2"), "policy.yaml", days="30")
    cells = [unescape(cell) for cell in re.findall(r"<td><bdi>(.*?)</bdi></td>", second.text)]
    assert cells == ["market-1", "market-2"]
    assert browser.post("/rules/publish", second.form_fields()).status == 303
    newer = desk.desk.bundles.head(POLICY)
    assert newer is not None
    assert newer.valid_until_ms - newer.made_ms == 30 * 86_400_000
    assert "Không khoá nào khác" in look(browser, POLICY, MARKET.replace(b"market-1", b"market-2")).text


@both_databases
def test_a_list_is_told_in_numbers_before_and_after_and_no_number_of_a_person_is_kept(desk: DeskThread) -> None:
    browser = desk.logged_in("Quản trị", ADMINISTRATOR)
    first = look(browser, ROSTER, people(*range(10)), "khách.csv")
    assert figures(first) == ["–", "10", "–", "–"]
    assert "Họ tên" in first.text  # a column that was passed over
    assert "chưa công bố bộ quy tắc nào" in first.text
    (waiting,) = (desk.folder.path / "uploads").iterdir()
    assert b"000000000001" not in waiting.read_bytes()
    assert browser.post("/rules/publish", first.form_fields()).status == 303
    assert list((desk.folder.path / "uploads").iterdir()) == []
    second = look(browser, ROSTER, people(8, 9, 10))
    assert figures(second) == ["10", "3", "1", "8"]
    assert browser.post("/rules/publish", second.form_fields()).status == 303
    content = desk.desk.bundles.content(ROSTER)
    assert content is not None
    found = PeopleList(content)
    assert (len(found), found.holds(["citizen:000000000010"]), found.holds(["citizen:000000000001"])) == (
        3,
        True,
        False,
    )
    assert "3 số" in browser.get("/rules").text


def test_where_rules_are_in_force_and_where_not_yet_is_told_and_leads_to_the_gates(desk: DeskThread) -> None:
    ids = add_gates(desk.store, "mới", "cũ", "không lấy", "riêng", "thu hồi")
    bundles = desk.desk.bundles
    for_all = bundles.publish(ROSTER, content_of_people(["citizen:000000000001"]))
    own = bundles.publish(ROSTER, content_of_people([]), device_id=ids[3])
    desk.folder.revoke(desk.store, ids[4], (5).to_bytes(32, "big"))
    for device_id, version in zip(ids, (for_all.version, 3, None, own.version, 3), strict=True):
        taken = () if version is None else (BundleState(ROSTER, version, 5, old=False, refused=False),)
        desk.store.note_state(device_id, replace(QUIET, bundles=taken), [])
    browser = desk.logged_in("Kỹ thuật", TECHNICIAN)
    text = browser.get("/rules").text
    assert "ở 1 trên 2 máy" in text
    assert "lệnh trên hub" in text
    assert "riêng" in text
    assert 'href="/gates?behind=roster"' in text
    behind = browser.get("/gates?behind=roster").text
    assert re.findall(r'<th scope="row"><a href="[^"]+"><bdi>(.*?)</bdi>', behind) == ["cũ"]
    assert "enctype" not in text  # a technician looks


@pytest.mark.parametrize(
    ("kind", "name", "content", "told"),
    [
        (POLICY, "p.yaml", b"version: market-1\nvalid_from: tomorrow\n", "p.yaml:2:13: valid_from"),
        (POLICY, "p.yaml", b"PK\x03\x04xxxx", "p.yaml"),
        (POLICY, "<script>.yaml", b"\xff\xff", "<script>.yaml"),
        (ROSTER, "a.csv", b"CCCD\n123\n456\n", "a.csv:2: "),
        (ROSTER, "a.csv", b"CCCD\n", "không có ai"),
        (ROSTER, "a.csv", b"%PDF-1.7", "PDF"),
        (ROSTER, "a.csv", people(*range(MOST_NUMBERS + 1)), "10.000"),
        (BundleKind.TRUST, "t.json", b"[{}]", "t.json:1:"),
        (POLICY, "", b"", "không trống"),
        (BundleKind.SEALING_KEYS, "k", b"x", "loại tệp"),
    ],
    ids=["value", "zip", "script", "numbers", "nobody", "pdf", "many", "trust", "empty", "kind"],
)
def test_a_file_with_a_mistake_is_told_by_its_own_name_and_publishes_nothing(
    desk: DeskThread, kind: BundleKind, name: str, content: bytes, told: str
) -> None:
    browser = desk.logged_in("Quản trị", ADMINISTRATOR)
    page = look(browser, kind, content, name)
    assert page.status == 422
    assert told in " ".join(errors_on(page))
    assert "/tmp" not in page.text
    assert "<script" not in page.text
    assert not (desk.folder.path / "uploads").exists()
    assert published(desk) == []


@pytest.mark.parametrize("days", ["0", "3651", "x", "-1", "１", "99999"])
def test_days_that_cannot_be_meant_are_refused(desk: DeskThread, days: str) -> None:
    page = look(desk.logged_in("Quản trị", ADMINISTRATOR), POLICY, MARKET, days=days)
    assert (page.status, "3650" in errors_on(page)[0]) == (422, True)


def test_an_empty_list_is_published_when_that_is_meant(desk: DeskThread) -> None:
    browser = desk.logged_in("Quản trị", ADMINISTRATOR)
    page = look(browser, ROSTER, "Số CCCD\n".encode(), empty="1")
    assert figures(page) == ["–", "0", "–", "–"]
    assert browser.post("/rules/publish", page.form_fields()).status == 303


def test_what_was_looked_at_is_published_once_within_the_hour_and_after_nobody_elses(desk: DeskThread) -> None:
    browser = desk.logged_in("Quản trị", ADMINISTRATOR)
    asked = look(browser, POLICY, MARKET).form_fields()
    for spoilt in (
        {"file": "0" * 64},
        {"kind": "roster"},
        {"kind": "x"},
        {"before": "7"},
        {"days": "0"},
        {"file": ""},
    ):
        page = browser.post("/rules/publish", asked | spoilt)
        assert (page.status, len(errors_on(page))) == (409, 1), spoilt
    assert browser.post("/rules/publish", {}).status == 409
    desk.desk.bundles.publish(POLICY, MARKET)
    assert "Vừa có người công bố bản khác" in browser.post("/rules/publish", asked).text
    asked = look(browser, POLICY, GUESTS).form_fields()
    (waiting,) = (desk.folder.path / "uploads").iterdir()
    os.utime(waiting, (waiting.stat().st_mtime - KEPT_S - 60,) * 2)
    assert browser.post("/rules/publish", asked).status == 409
    assert desk.desk.bundles.content(POLICY) == MARKET
    assert published(desk) == []


def test_a_policy_that_asks_for_a_list_and_begins_later_warns_of_both(desk: DeskThread) -> None:
    browser = desk.logged_in("Quản trị", ADMINISTRATOR)
    later = re.sub(rb"valid_from: \S+", b"valid_from: 2030-01-01", GUESTS)
    text = look(browser, POLICY, later).text
    assert "Chưa có hiệu lực đến 2030-01-01" in text
    assert "chưa công bố bản nào cho mọi máy" in text


@pytest.mark.parametrize("role", [TECHNICIAN, AccountRole.OWNER, AccountRole.AUTHORITY])
def test_only_administrators_publish(desk: DeskThread, role: AccountRole) -> None:
    browser = desk.logged_in("Someone", role)
    assert look(browser, POLICY, MARKET).status == 403
    assert browser.post("/rules/publish", {"kind": "policy"}).status == 403
    assert browser.get("/rules").status == (200 if role is TECHNICIAN else 403)
