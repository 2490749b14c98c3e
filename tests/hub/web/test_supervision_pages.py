"""The first page with its exports, and a place's own page of supervision: who sees what, and what it says."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from pathlib import Path

import pytest
from openpyxl import load_workbook

from device.hub.accounts.reach import give_place
from device.hub.accounts.roles import AccountRole
from device.hub.supervision.upkeep import refresh
from device.hub.web.supervision_pages import REFRESH_S
from device.model import HOUR_MS
from tests.hub.web.desk_thread import DeskThread
from tests.support.browser import Browser
from tests.support.databases import both_databases
from tests.support.supervised import Supervised

FORMULA = "=cmd|' /C calc'!A0"


@pytest.fixture
def hub(desk: DeskThread) -> Supervised:
    return Supervised(desk.store)


def owner(desk: DeskThread, *place_ids: str, name: str = "Lan Anh") -> Browser:
    browser = desk.logged_in(name, AccountRole.OWNER)
    account = desk.accounts.find(name)
    assert account is not None
    with desk.store.begin() as connection:
        for place_id in place_ids:
            give_place(connection, account.account_id, place_id)
    return browser


def listed(page: str) -> list[str]:
    return [unescape(name) for name in re.findall(r'<a id="link-[^"]+" href="[^"]+"><bdi>(.*?)</bdi>', page)]


@both_databases
def test_the_first_page_lists_places_to_look_at_and_counts_all(desk: DeskThread, hub: Supervised) -> None:
    good, stopped, _ = hub.place("Trường"), hub.place("Chợ"), hub.place("Xe", kind="vehicle", province="Huế")
    hub.scans(hub.gate(good), hub.now_hour, 5)
    hub.scans(hub.gate(stopped), hub.now_hour - 100, 5)
    refresh(desk.store)
    browser = desk.logged_in("Kỹ thuật", AccountRole.TECHNICIAN)
    page = browser.get("/").text
    assert listed(page) == ["Xe", "Chợ"]
    assert re.findall(r'<a id="count-\w+" href="[^"]+">(\d+)</a>', page) == ["1", "1", "0", "1"]
    assert listed(browser.get("/?standing=well").text) == ["Trường"]
    assert listed(browser.get("/?kind=vehicle").text) == ["Xe"]
    assert listed(browser.get("/?province=Hu%E1%BA%BF&commune=x").text) == []
    assert "Không có địa điểm nào cần xem." in browser.get("/?kind=market").text


def test_an_owner_sees_counts_list_and_exports_of_their_own_places_only(desk: DeskThread, hub: Supervised) -> None:
    mine, _ = hub.place("Của tôi"), hub.place("Của người khác", province="Huế")
    browser = owner(desk, mine)
    page = browser.get("/").text
    assert listed(page) == ["Của tôi"]
    assert "Huế" not in page  # nor among the filters
    assert re.findall(r'<a id="count-\w+" href="[^"]+">(\d+)</a>', page) == ["1", "0", "0", "0"]
    assert "Của người khác" not in browser.get("/supervision.csv").text
    sheet = load_workbook(io.BytesIO(browser.get("/supervision.xlsx").body)).active
    assert sheet is not None
    assert [row[1] for row in sheet.iter_rows(values_only=True)] == ["name", "Của tôi"]


def test_the_figures_of_gates_and_of_today_are_an_owners_own_too(desk: DeskThread, hub: Supervised) -> None:
    mine, other = hub.place("Của tôi"), hub.place("Của người khác")
    hub.scans(hub.gate(mine), hub.now_hour, 5)
    for _ in range(2):
        hub.scans(hub.gate(other), hub.now_hour, 70)
    figure = re.compile(r"<dt>(?:Máy quét|Lượt hôm nay)</dt><dd>([\d.,]+)</dd>")
    assert figure.findall(owner(desk, mine).get("/").text) == ["1", "5"]
    assert figure.findall(desk.logged_in("Kỹ thuật", AccountRole.TECHNICIAN).get("/").text) == ["3", "145"]


@pytest.mark.parametrize("role", AccountRole)
def test_a_place_that_is_not_ones_own_or_is_none_is_not_there(
    desk: DeskThread, hub: Supervised, role: AccountRole
) -> None:
    other = hub.place("Chợ Cũ")
    browser = desk.logged_in("Someone", role)
    assert browser.get(f"/places/{other}/supervision").status == (404 if role is AccountRole.OWNER else 200)
    for wrong in ("place-000000000000", "place-x", "1", "%27%20OR%201=1", "x" * 500):
        assert browser.get(f"/places/{wrong}/supervision").status == 404


def test_an_export_holds_no_formula_and_everybody_that_is_asked_for(desk: DeskThread, hub: Supervised) -> None:
    hub.place(FORMULA, commune="+1", province="@sum")
    hub.scans(hub.gate(hub.place("Chợ")), hub.now_hour, 5)
    refresh(desk.store)
    browser = desk.logged_in("Kỹ thuật", AccountRole.TECHNICIAN)
    seen = browser.get("/supervision.csv")
    assert seen.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="coverage-\d{4}-\d\d-\d\d\.csv"', seen.headers["Content-Disposition"])
    rows = list(csv.DictReader(io.StringIO(seen.body.decode("utf-8-sig"))))
    assert [(row["name"], row["standing"]) for row in rows] == [(f"'{FORMULA}", "never"), ("Chợ", "well")]
    assert (rows[0]["commune"], rows[0]["province"], rows[1]["scans_7_days"]) == ("'+1", "'@sum", "5")
    workbook = load_workbook(io.BytesIO(browser.get("/supervision.xlsx").body))
    sheet = workbook.active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert FORMULA in [cell.value for cell in cells]
    assert [row["name"] for row in csv.DictReader(io.StringIO(browser.get("/supervision.csv?standing=well").text))] == [
        "Chợ"
    ]


@pytest.mark.parametrize(
    "query", ["standing=king", "after=x", "after=9.1.place-0", "province=" + "x" * 300, "kind=%00", "after=1.1.1"]
)
def test_what_no_page_asks_for_is_not_there(desk: DeskThread, query: str) -> None:
    browser = desk.logged_in("Kỹ thuật", AccountRole.TECHNICIAN)
    assert browser.get(f"/?{query}").status == 404


def test_pages_follow_each_other_and_keep_the_filters(desk: DeskThread, hub: Supervised) -> None:
    for number in range(51):
        hub.place(f"Chợ {number}", kind="market")
    browser = desk.logged_in("Kỹ thuật", AccountRole.TECHNICIAN)
    first = browser.get("/?kind=market").text
    following = unescape(re.findall(r'href="(/\?[^"]*after=[^"]+)"', first)[0])
    second = browser.get(following).text
    assert (len(listed(first)), len(listed(second))) == (50, 1)
    assert len({*listed(first), *listed(second)}) == 51
    assert 'href="/?kind=market"' in second


def test_a_scan_is_on_the_page_when_it_asks_for_itself_and_else_it_gets_none(desk: DeskThread, hub: Supervised) -> None:
    gate = hub.gate(hub.place("Chợ"))
    browser = desk.logged_in("Kỹ thuật", AccountRole.TECHNICIAN)
    first = browser.get("/")
    assert f'data-refresh="{REFRESH_S}"' in first.text
    tag = first.headers["ETag"]
    again = {"If-None-Match": tag, "X-Desk-Refresh": "1"}
    same = browser.get("/", **again)
    assert (same.status, same.body, same.headers["ETag"]) == (304, b"", tag)
    hub.scans(gate, hub.now_hour, 7)
    changed = browser.get("/", **again)
    assert (changed.status, changed.headers["ETag"] != tag) == (200, True)
    assert "<dd>7</dd>" in changed.text
    assert browser.get("/", **{"If-None-Match": f'"x", {changed.headers["ETag"][2:]}'}).status == 304


def test_a_page_that_asks_for_itself_keeps_nobody_logged_in(desk: DeskThread) -> None:
    browser = desk.logged_in("Lan Anh", AccountRole.OWNER)
    for _ in range(12):
        desk.clock.advance(300_000)
        last = browser.get("/", **{"X-Desk-Refresh": "1"})
    assert (last.status, last.location) == (303, "/log-in")
    again = desk.logged_in("Lan Anh", AccountRole.OWNER)
    for _ in range(14):
        desk.clock.advance(300_000)
        assert again.get("/").status == 200


@both_databases
def test_a_places_page_says_its_figures_days_hours_and_gates(desk: DeskThread, hub: Supervised) -> None:
    place = hub.place("Trường Kim Liên")
    gate = hub.gate(place)
    hub.scans(gate, hub.now_hour - 1, 9)
    hub.counts(gate, hub.now_hour - 1, granted=9, passed=10)
    text = desk.logged_in("Kỹ thuật", AccountRole.TECHNICIAN).get(f"/places/{place}/supervision").text
    assert "Trường Kim Liên" in text
    assert ">90 %<" in text
    assert "9 trên 10" in text
    assert "1 trên 168" in text
    assert "hub chưa biết ai thuộc địa điểm này" in text
    assert text.count("<rect ") == 7 * 24
    assert re.search(r'<rect class="heat-4" [^>]*/><text [^>]*>9</text>', text)
    assert "Cổng 1" in text
    assert "chưa có máy quét" not in text.lower()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "\"'><img src=x onerror=y>", "{{ 7*7 }}"])
def test_names_stand_escaped_on_every_page_of_supervision(desk: DeskThread, hub: Supervised, name: str) -> None:
    place = hub.place(name, commune=name, province=name)
    hub.gate(place)
    browser = desk.logged_in("Kỹ thuật", AccountRole.TECHNICIAN)
    for path in ("/", f"/places/{place}/supervision", f"/?province={'x'}"):
        text = browser.get(path).text
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "49" not in re.findall(r"<h1>(.*?)</h1>", text)[0]


def test_a_day_that_could_not_be_exported_is_told_to_who_looks_after_the_hub(
    desk: DeskThread, hub: Supervised, tmp_path: Path
) -> None:
    folder = tmp_path / "exports"
    settings = desk.folder.path / "hub.yaml"
    text = settings.read_text().replace("# folder: /srv/coverage", f"folder: {folder}").replace("03:00", "00:00")
    settings.write_text(text)
    desk.folder.__dict__.pop("settings", None)  # read anew
    desk.clock.advance(12 * HOUR_MS)
    hub.place("Chợ")
    for role, told in ((AccountRole.TECHNICIAN, True), (AccountRole.OWNER, False), (AccountRole.AUTHORITY, False)):
        assert (str(folder) in desk.logged_in(str(role), role).get("/").text) is told
