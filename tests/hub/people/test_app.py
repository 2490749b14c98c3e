"""The page behind a poster's code: what it tells whom, what it never does, and how much of it one may ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from device.hub.db import registry
from device.hub.db.database import HubDatabase
from device.hub.db.posters import poster_in_use
from device.hub.people.app import KEPT_S, MOST_A_MINUTE, MOST_KEPT
from device.hub.people.pages import STYLE, TEMPLATES
from device.hub.registry.place import RegisteredPlace
from device.hub.settings.schema import NoticeSection
from device.hub.web.headers import POLICY
from tests.hub.people.people_thread import DAYS, PeopleThread
from tests.support.databases import both_databases

UNKNOWN = "/p/" + "f" * 24
SCHOOL = RegisteredPlace(
    name="Trường THPT Hoa Phượng",
    province="Hải Phòng",
    kind="school",
    commune="Phường Lê Chân",
    address="12 phố Đỗ Nhuận",
    responsible="Nguyễn Thị Lan",
    phone="0912 345 678",
    legal_basis="Nghị định 356/2025",
)


@pytest.fixture
def people(store: HubDatabase) -> Iterator[PeopleThread]:
    with PeopleThread(store) as running:
        yield running


@both_databases
def test_the_page_says_where_it_is_what_is_kept_why_how_long_and_whom_to_ask(people: PeopleThread) -> None:
    _, poster = people.poster(SCHOOL)
    page = people.get(f"/p/{poster.poster_id}")
    assert page.status == 200
    for told in (
        '<html lang="vi">',
        "<h1><bdi>Trường THPT Hoa Phượng</bdi></h1>",
        "12 phố Đỗ Nhuận, Phường Lê Chân, Hải Phòng",
        "Lối vào: <bdi>Cổng chính</bdi>",
        "Ở đây có máy quét mã.",
        "không lưu hình",
        f"{DAYS} ngày, sau đó khoá bị huỷ",
        "Nghị định 356/2025",
        "Nguyễn Thị Lan, 0912 345 678",
    ):
        assert told in page.text, told
    assert "áp phích cũ" not in page.text


def test_the_language_is_switched_by_a_link_and_no_cookie_is_set_or_looked_at(people: PeopleThread) -> None:
    _, poster = people.poster(SCHOOL)
    page = people.get(f"/p/{poster.poster_id}")
    (switch,) = re.findall(r'<a href="([^"]+)" lang="en"', page.text)
    english = people.get(f"/p/{poster.poster_id}{switch}", Cookie="__Host-language=vi; __Host-desk=x")
    assert '<html lang="en">' in english.text
    assert "A gate reads codes here." in english.text
    assert re.findall(r'<a href="([^"]+)" lang="vi"', english.text) == ["?language=vi"]
    assert [page.headers["Set-Cookie"], english.headers["Set-Cookie"]] == [None, None]
    assert '<html lang="vi">' in people.get(f"/p/{poster.poster_id}?language=%3Cscript%3E").text


@both_databases
def test_a_poster_that_was_replaced_says_so_and_leads_to_its_place_all_the_same(people: PeopleThread) -> None:
    record, poster = people.poster(SCHOOL)
    with people.store.begin() as connection:
        new = poster_in_use(connection, record.place_id, poster.entrance, 1_767_200_000_000, anew=True)
    old = people.get(f"/p/{poster.poster_id}").text
    assert "Đây là tấm áp phích cũ: từ ngày 2025-12-31 đã có tấm khác." in old
    assert "Trường THPT Hoa Phượng" in old
    assert "tấm áp phích cũ" not in people.get(f"/p/{new.poster_id}").text


def test_a_place_out_of_use_says_so_and_still_what_is_kept(people: PeopleThread) -> None:
    record, poster = people.poster(SCHOOL)
    with people.store.begin() as connection:
        registry.change_places(connection, [replace(record, archived_ms=5)])
    page = people.get(f"/p/{poster.poster_id}?language=en")
    assert page.status == 200
    assert "no longer in use" in page.text
    assert "A gate reads codes here." not in page.text
    assert f"{DAYS} days, then the key is destroyed" in page.text


@pytest.mark.parametrize(
    "path", [UNKNOWN, "/p/" + "F" * 24, "/p/x", "/p/%00", "/p/" + "a" * 3000, "/p/..%2f..%2fetc", "/p/%F0%9F%98%80"]
)
def test_an_id_that_no_poster_has_is_not_found_and_the_page_says_what_to_do(people: PeopleThread, path: str) -> None:
    people.poster(SCHOOL)
    page = people.get(path)
    assert (page.status, "Không có áp phích này" in page.text) == (404, True)
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/p/"),
        ("GET", "/log-in"),
        ("GET", "/accounts"),
        ("GET", "/healthz"),
        ("GET", "/metrics"),
        ("GET", "/v1/health"),
        ("GET", "/docs"),
        ("GET", "/static/style.css"),
        ("GET", UNKNOWN + "/"),
        ("POST", UNKNOWN),
        ("DELETE", UNKNOWN),
    ],
)
def test_nothing_else_is_there(people: PeopleThread, method: str, path: str) -> None:
    page = people.get(path, method)
    assert (page.status, page.headers["Location"]) == (404, None)
    assert "Không có áp phích này" in page.text


def test_the_notice_of_the_settings_goes_before_what_the_place_says(store: HubDatabase) -> None:
    said = NoticeSection.model_validate({"keeper": "Sở Y tế", "contact": "1900 9095", "purpose": "phòng dịch"})
    with PeopleThread(store, said) as people:
        _, poster = people.poster(SCHOOL)
        page = people.get(f"/p/{poster.poster_id}").text
    for told in ("Sở Y tế", "1900 9095", "phòng dịch"):
        assert f"<dd><bdi>{told}</bdi></dd>" in page
    assert "Nguyễn Thị Lan" not in page


def test_what_a_place_does_not_say_is_told_to_be_missing(people: PeopleThread) -> None:
    _, poster = people.poster(RegisteredPlace("Chợ Mới", "Huế"))
    page = people.get(f"/p/{poster.poster_id}?language=en").text
    assert "not told yet; ask the place" in page
    assert "the people at the door" in page


def test_names_are_letters_and_never_markup_and_turn_no_writing_round(people: PeopleThread) -> None:
    name = "<script>alert(1)</script> \u202egnoc {{ 7*7 }}"
    _, poster = people.poster(replace(SCHOOL, name=name, responsible='"><img src=x>', legal_basis="</dd>"))
    page = people.get(f"/p/{poster.poster_id}").text
    assert "<script" not in page
    assert "<img" not in page
    assert "\u202e" not in page
    assert "{{ 7*7 }}" in page
    assert "&lt;script&gt;" in page


def test_page_and_style_are_small_and_load_nothing_else(people: PeopleThread) -> None:
    texts = {"name": "Ặ" * 200, "address": "Ộ" * 300, "responsible": "Ậ" * 100, "legal_basis": "Ễ" * 500}
    _, poster = people.poster(replace(SCHOOL, **texts))
    page = people.get(f"/p/{poster.poster_id}")
    (style,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)
    assert re.findall(r'(?:src|href)="([^"]+)"', page.text) == [style, "?language=en"]
    looks = people.get(f"/p/{style}")
    assert (looks.status, looks.body) == (200, STYLE.read_bytes())
    assert "immutable" in looks.headers["Cache-Control"]
    assert len(page.body) + len(looks.body) <= 30_000
    assert b"url(" not in looks.body


def test_every_answer_has_the_strict_headers_and_asks_not_to_be_found(people: PeopleThread) -> None:
    _, poster = people.poster(SCHOOL)
    for path in (f"/p/{poster.poster_id}", UNKNOWN, "/", "/p/people.css"):
        page = people.get(path, Host="checkin.example.vn")
        assert page.headers["Content-Security-Policy"] == POLICY
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert page.headers["Set-Cookie"] is None
        assert "Server" not in page.headers
    assert 'name="robots" content="noindex, nofollow"' in people.get(f"/p/{poster.poster_id}").text


def test_head_has_the_headers_of_the_page_and_no_body(people: PeopleThread) -> None:
    _, poster = people.poster(SCHOOL)
    page, head = (people.get(f"/p/{poster.poster_id}", method) for method in ("GET", "HEAD"))
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(page.body))
    assert people.get(UNKNOWN, "HEAD").status == 404


def test_a_page_is_kept_for_a_minute_by_the_hub_and_by_browsers(people: PeopleThread) -> None:
    record, poster = people.poster(SCHOOL)
    path = f"/p/{poster.poster_id}"
    before = people.get(path)
    assert before.headers["Cache-Control"] == f"public, max-age={KEPT_S}"
    with people.store.begin() as connection:
        registry.change_places(connection, [record.changed(name="Trường mới")])
    assert people.get(path).body == before.body
    people.clock.advance(KEPT_S * 1000)
    assert "Trường mới" in people.get(path).text


def test_of_many_posters_as_many_pages_are_kept_as_is_said_and_all_are_answered(people: PeopleThread) -> None:
    record, _ = people.poster(SCHOOL)
    with people.store.begin() as connection:
        made = [poster_in_use(connection, record.place_id, f"Cổng {n}", 1) for n in range(MOST_KEPT + 20)]
    assert {people.get(f"/p/{poster.poster_id}").status for poster in made} == {200}
    assert f"Cổng {MOST_KEPT}" in people.get(f"/p/{made[MOST_KEPT].poster_id}").text


def test_one_network_asks_so_often_a_minute_and_another_is_answered_meanwhile(people: PeopleThread) -> None:
    _, poster = people.poster(SCHOOL)
    path = f"/p/{poster.poster_id}"
    school = {"X-Forwarded-For": "2001:db8:1:2::1"}
    assert {people.get(path, **school).status for _ in range(MOST_A_MINUTE)} == {200}
    refused = people.get(path, **{"X-Forwarded-For": "9.9.9.9, 2001:db8:1:2:ffff::9"})
    assert (refused.status, refused.headers["Retry-After"]) == (429, "60")
    assert "Có quá nhiều người cùng mở" in refused.text
    assert people.get(path, **{"X-Forwarded-For": "2001:db8:1:3::1"}).status == 200
    people.clock.advance(60_000)
    assert people.get(path, **school).status == 200


def test_nobody_but_the_proxy_is_answered(store: HubDatabase) -> None:
    with PeopleThread(store, proxy="127.0.0.2") as people:
        _, poster = people.poster(SCHOOL)
        page = people.get(f"/p/{poster.poster_id}", **{"X-Forwarded-For": "127.0.0.2"})
    assert (page.status, page.body) == (403, b"only for the proxy in front of it\n")


def test_an_address_with_a_path_is_answered_with_it_and_without(store: HubDatabase) -> None:
    with PeopleThread(store, prefix="/check-in/") as people:
        _, poster = people.poster(SCHOOL)
        seen = [people.get(f"{start}/p/{poster.poster_id}") for start in ("", "/check-in")]
        (style,) = set(re.findall(r'stylesheet" href="([^"]+)"', seen[1].text))
        assert [page.status for page in (*seen, people.get(f"/check-in/p/{style}"))] == [200] * 3
        assert people.get(f"/another/p/{poster.poster_id}").status == 404


def test_templates_are_dressed_by_the_style_alone() -> None:
    for path in TEMPLATES.glob("*.html"):
        assert re.findall(r"<script|<style|style=|\son\w+=|\|safe", path.read_text("utf-8")) == [], path.name
