"""Logging in at the desk over HTTPS, on both databases: what lets in, what does not, and what ends it."""

from __future__ import annotations

import re

from device.hub.accounts.audit import page as audit_page
from device.hub.accounts.roles import AccountRole
from device.hub.accounts.sessions import IDLE_MS
from device.hub.accounts.store import LINK_MS
from device.hub.web.limits import OF_AN_ACCOUNT, OF_AN_ADDRESS
from tests.hub.web.desk_thread import HERE, PASSWORD, DeskThread, secret_on
from tests.support.databases import both_databases

pytestmark = both_databases
NEW = "năm con bò về chuồng"
WRONG = "Sai tên hoặc mật khẩu."


def test_whoever_has_name_and_password_gets_the_first_page_and_loses_it_by_logging_out(desk: DeskThread) -> None:
    desk.made()
    browser = desk.browser()
    assert browser.get("/").location == "/log-in"
    assert "<h1>Đăng nhập</h1>" in browser.get("/log-in").text
    seen = browser.post("/log-in", {"name": "lan anh", "password": PASSWORD})
    assert (seen.status, seen.location) == (303, "/")
    assert "<h1>Tổng quan</h1>" in browser.get("/").text
    kept = dict(browser.cookies)
    assert browser.post("/log-out").location == "/log-in"
    assert "__Host-desk" not in browser.cookies
    browser.cookies.update(kept)
    assert browser.get("/").location == "/log-in"


def test_a_wrong_name_and_a_wrong_password_are_answered_with_the_same_page(desk: DeskThread) -> None:
    desk.made()
    browser = desk.browser()
    answers = [
        browser.post("/log-in", {"name": name, "password": password})
        for name, password in [("Lan Anh", PASSWORD + "!"), ("Nobody", PASSWORD), ("Lan Anh", ""), ("Nobody", "")]
    ]
    assert {seen.status for seen in answers} == {403}
    assert {seen.text.replace("Nobody", "Lan Anh") for seen in answers} == {answers[0].text}
    assert WRONG in answers[0].text
    assert browser.cookies == {}
    with desk.store.reading() as connection:
        assert [one.about for one in audit_page(connection) if one.what == "log-in-failed"] == ["", "Lan Anh"] * 2


def test_tries_of_an_account_are_limited_for_a_minute_also_where_there_is_none(desk: DeskThread) -> None:
    desk.made()
    browser = desk.browser()
    for name in ("Lan Anh", "Nobody"):
        for _ in range(OF_AN_ACCOUNT):
            assert browser.post("/log-in", {"name": name, "password": "x"}).status == 403
        seen = browser.post("/log-in", {"name": name.upper(), "password": PASSWORD})
        assert (seen.status, int(seen.headers["Retry-After"])) == (429, 60)
    desk.clock.advance(60_000)
    assert browser.post("/log-in", {"name": "Lan Anh", "password": PASSWORD}).status == 303


def test_tries_of_an_address_are_limited_whatever_names_it_tries(desk: DeskThread) -> None:
    desk.made()
    browser = desk.browser()
    statuses = [browser.post("/log-in", {"name": f"n{n}", "password": "x"}).status for n in range(OF_AN_ADDRESS)]
    assert statuses == [403] * OF_AN_ADDRESS
    assert browser.post("/log-in", {"name": "Lan Anh", "password": PASSWORD}).status == 429


def test_a_one_time_link_sets_the_password_once(desk: DeskThread) -> None:
    link = f"/link/{desk.accounts.add('Lan Anh', AccountRole.OWNER, HERE)}"
    browser = desk.browser()
    assert "Lan Anh" in browser.get(link).text
    assert "không giống nhau" in browser.post(link, {"password": NEW, "again": PASSWORD}).text
    assert "ít hơn 12" in browser.post(link, {"password": "short", "again": "short"}).text
    assert browser.post(link, {"password": NEW, "again": NEW}).location == "/log-in?set"
    assert "Đã đặt mật khẩu" in browser.get("/log-in?set").text
    for seen in (browser.get(link), browser.post(link, {"password": PASSWORD, "again": PASSWORD})):
        assert (seen.status, "không còn hiệu lực" in seen.text) == (404, True)
    assert browser.post("/log-in", {"name": "Lan Anh", "password": NEW}).status == 303


def test_a_link_that_has_expired_or_never_was_says_so(desk: DeskThread) -> None:
    token = desk.accounts.add("Lan Anh", AccountRole.OWNER, HERE)
    desk.clock.advance(LINK_MS)
    for given in (token, "x", "%00", "%F0%9F%98%80"):
        assert desk.browser().get(f"/link/{given}").status == 404


def test_an_administrator_sets_up_the_second_factor_first_and_shows_it_each_time(desk: DeskThread) -> None:
    desk.made("Admin", AccountRole.ADMINISTRATOR)
    browser = desk.browser()
    browser.post("/log-in", {"name": "Admin", "password": PASSWORD})
    half = browser.cookies["__Host-desk"]
    assert browser.get("/").location == "/second-factor"
    shown = browser.get("/second-factor").text
    assert re.search(r"<svg [^>]*>.*<path ", shown, re.DOTALL)
    secret = secret_on(shown)
    assert browser.post("/second-factor", {"code": "000"}).status == 403
    code = desk.code(secret)
    assert browser.post("/second-factor", {"code": code}).location == "/"
    assert browser.cookies["__Host-desk"] != half
    assert browser.get("/accounts").status == 200
    again = desk.browser()
    again.post("/log-in", {"name": "Admin", "password": PASSWORD})
    assert secret not in again.get("/second-factor").text.replace(" ", "")
    assert again.post("/second-factor", {"code": code}).status == 403
    desk.clock.advance(30_000)
    assert again.post("/second-factor", {"code": desk.code(secret)}).location == "/"


def test_tries_of_codes_are_limited(desk: DeskThread) -> None:
    desk.made("Admin", AccountRole.ADMINISTRATOR)
    browser = desk.browser()
    browser.post("/log-in", {"name": "Admin", "password": PASSWORD})
    secret = secret_on(browser.get("/second-factor").text)
    statuses = [browser.post("/second-factor", {"code": "x"}).status for _ in range(OF_AN_ACCOUNT)]
    assert browser.post("/second-factor", {"code": desk.code(secret)}).status == 429
    assert statuses == [403] * OF_AN_ACCOUNT


def test_a_session_ends_without_use_and_with_its_account(desk: DeskThread) -> None:
    account = desk.made()
    idle, used = (desk.logged_in("Lan Anh", AccountRole.TECHNICIAN) for _ in range(2))
    desk.clock.advance(IDLE_MS - 1)
    assert used.get("/").status == 200
    desk.clock.advance(1)
    assert [one.get("/").status for one in (idle, used)] == [303, 200]
    desk.accounts.disable(account, HERE)
    assert used.get("/").location == "/log-in"


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_browser_in(desk: DeskThread) -> None:
    here, there = (desk.logged_in("Lan Anh", AccountRole.TECHNICIAN) for _ in range(2))
    fields = {"old": "wrong", "password": NEW, "again": NEW}
    assert "hiện tại không đúng" in here.post("/account/password", fields).text
    assert here.post("/account/password", fields | {"old": PASSWORD}).location == "/account?done=password"
    assert "Đã đổi mật khẩu" in here.get("/account?done=password").text
    assert there.get("/").location == "/log-in"


def test_ending_other_sessions_leaves_this_one(desk: DeskThread) -> None:
    here, there = (desk.logged_in("Lan Anh", AccountRole.TECHNICIAN) for _ in range(2))
    assert "1 nơi khác" in here.get("/account").text
    here.post("/account/sessions")
    assert "0 nơi khác" in here.get("/account").text
    assert there.get("/").location == "/log-in"


def test_the_language_is_vietnamese_until_it_is_switched_and_the_page_comes_back(desk: DeskThread) -> None:
    browser, other = desk.browser(), desk.browser()
    page = browser.get("/log-in")
    assert '<html lang="vi">' in page.text
    assert browser.post("/language", page.form_fields()).location == "/log-in"
    page = browser.get("/log-in")
    assert '<html lang="en">' in page.text
    assert "<h1>Log in</h1>" in page.text
    assert "<h1>Đăng nhập</h1>" in other.get("/log-in").text
    for foreign in ("//evil.vn", "https://evil.vn", "/\\evil.vn", "javascript:x", "/a\r\nSet-Cookie: a=b"):
        assert browser.post("/language", {"language": "vi", "back": foreign}).location == "/"
