"""What the desk lets in: rights of every route, where a form comes from, hostile bodies and names."""

from __future__ import annotations

import re
import socket
from html import unescape
from urllib.parse import quote

import pytest
import requests
from sqlalchemy import insert, update

from device.hub.accounts.roles import AccountRole
from device.hub.db.account_tables import accounts, audit
from device.hub.web.forms import MOST_BYTES
from device.hub.web.headers import POLICY, has_name
from device.hub.web.rendering import environment
from device.hub.web.rights import RIGHTS, Anybody
from tests.hub.web.desk_thread import LOOPBACK, PASSWORD, DeskThread
from tests.support.browser import FROM_HERE, Browser

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ADMINISTRATOR = AccountRole.ADMINISTRATOR


FILLED = {
    "{number:number}": "9999",
    "{token}": "x",
    "{name}": "style.css",
    "{place_id}": "place-0123456789ab",
    "{poster_id}": "0123456789ab0123456789ab",
    "{paper}": "a4",
    "{sheet}": "sign",
    "{kind}": "csv",
}


def filled(path: str) -> str:
    for name, value in FILLED.items():
        path = path.replace(name, value)
    return re.sub(r"\{[^}]+\}", "x", path)


def opens(browser: Browser, method: str, path: str) -> int | str:
    """Return where a browser is sent, or the status."""
    seen = browser.get(filled(path)) if method == "GET" else browser.post(filled(path))
    return seen.location or seen.status


def test_every_route_is_closed_to_who_is_not_logged_in_unless_its_right_says_so(desk: DeskThread) -> None:
    for (method, path), who in RIGHTS.items():
        found = opens(desk.browser(), method, path)
        assert (found == "/log-in") is (who is not Anybody.EVERYBODY), (method, path, found)


def test_every_route_is_closed_to_who_has_not_shown_the_second_factor_unless_its_right_says_so(
    desk: DeskThread,
) -> None:
    desk.made("Admin", ADMINISTRATOR)
    for (method, path), who in RIGHTS.items():
        browser = desk.browser()
        desk.clock.advance(60_000)
        browser.post("/log-in", {"name": "Admin", "password": PASSWORD})
        found = opens(browser, method, path)
        assert (found == "/second-factor") is not isinstance(who, Anybody), (method, path, found)


@pytest.mark.parametrize("role", AccountRole)
def test_every_route_opens_for_the_roles_of_its_right_and_no_other(desk: DeskThread, role: AccountRole) -> None:
    browser = desk.logged_in("Someone", role)
    for (method, path), who in RIGHTS.items():
        if not isinstance(who, Anybody) and not path.startswith("/account/"):
            found = opens(browser, method, path)
            assert (found == 403) is (role not in who), (method, path, found)
    assert browser.get("/").status == 200  # and nothing of that ended it


@pytest.mark.parametrize("role", AccountRole)
def test_the_menu_has_what_the_role_may_open(desk: DeskThread, role: AccountRole) -> None:
    browser = desk.logged_in("Someone", role)
    linked = set(re.findall(r'<li><a href="([^"]+)"', browser.get("/").text))
    assert {browser.get(path).status for path in linked} == {200}
    assert ("/accounts" in linked) is (role is ADMINISTRATOR)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.vn"},
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.vn"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "own"},
    ],
    ids=str,
)
def test_a_form_that_comes_from_elsewhere_changes_nothing(desk: DeskThread, headers: dict[str, str]) -> None:
    browser = desk.logged_in("Lan Anh", AccountRole.OWNER)
    own = f"https://{LOOPBACK}:{desk.port}"
    sent = {name: own if value == "own" else value for name, value in headers.items()}
    seen = browser.ask("POST", "/log-out", b"", FORM | sent)
    assert (seen.status, "không đến từ một trang của hub" in seen.text) == (403, True)
    assert browser.get("/").status == 200


def test_a_browser_that_only_names_the_origin_is_let_in_from_the_hubs_own_page(desk: DeskThread) -> None:
    browser = desk.logged_in("Lan Anh", AccountRole.OWNER)
    seen = browser.ask("POST", "/log-out", b"", FORM | {"Origin": f"https://{LOOPBACK}:{desk.port}"})
    assert seen.location == "/log-in"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"name=" + b"x" * MOST_BYTES, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a%d=1" % number for number in range(50)), "application/x-www-form-urlencoded", 400),
        (b"name=a&name=b", "application/x-www-form-urlencoded", 400),
        (b"name=%00", "application/x-www-form-urlencoded", 400),
        (b"name=%ff%fe", "application/x-www-form-urlencoded", 400),
        (b"name=\xff", "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"--x--", "multipart/form-data; boundary=x", 415),
        (b"", "", 415),
    ],
    ids=["large", "many", "twice", "nul", "no-utf8", "no-ascii", "json", "multipart", "none"],
)
def test_a_body_that_is_no_form_of_the_desk_is_refused(desk: DeskThread, body: bytes, kind: str, status: int) -> None:
    seen = desk.browser().ask("POST", "/log-in", body, FROM_HERE | {"Content-Type": kind})
    assert (seen.status, "<h1>Chưa thực hiện được</h1>" in seen.text) == (status, True)


def test_a_body_that_says_it_is_longer_than_a_form_is_refused_before_it_has_come(desk: DeskThread) -> None:
    browser = desk.browser()
    said = FORM | FROM_HERE | {"Transfer-Encoding": "chunked"}
    assert browser.ask("POST", "/log-in", b"0\r\n\r\n", said).status == 411


@pytest.mark.parametrize("path", ["/nothing", "/static/app.py", "/static/..%2fapp.py", "/v1/health", "/accounts/x"])
def test_what_is_not_in_the_table_of_rights_is_not_there(desk: DeskThread, path: str) -> None:
    seen = desk.logged_in("Admin", ADMINISTRATOR).get(path)
    assert (seen.status, "Không có trang này." in seen.text) == (404, True)


@pytest.mark.parametrize("number", ["0", str(2**31), str(2**70)])
def test_an_account_that_is_not_there_or_is_ones_own_is_neither_reset_nor_disabled(
    desk: DeskThread, number: str
) -> None:
    browser = desk.logged_in("Admin", ADMINISTRATOR)
    own = desk.accounts.find("Admin")
    assert own is not None
    for which in (number, str(own.account_id)):
        for what in ("reset", "disable"):
            assert browser.post(f"/accounts/{which}/{what}").status == 404
    assert browser.get("/").status == 200


def test_nothing_of_the_desk_is_on_the_gates_listener_nor_the_other_way_round(desk: DeskThread) -> None:
    gates = f"http://{LOOPBACK}:{desk.gates_port}"
    close = {"Connection": "close"}
    assert requests.get(f"{gates}/v1/health", headers=close, timeout=20).status_code == 200
    paths = {filled(path) for _, path in RIGHTS}
    assert {requests.get(gates + path, headers=close, timeout=20).status_code for path in paths} == {404}
    assert desk.browser().get("/v1/health").status == 404


def test_the_desk_speaks_nothing_but_tls(desk: DeskThread) -> None:
    with socket.create_connection((LOOPBACK, desk.port), timeout=20) as connection:
        connection.sendall(b"GET /log-in HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert not connection.recv(100).startswith(b"HTTP/")


def test_every_answer_has_the_strict_headers_and_pages_are_not_kept(desk: DeskThread) -> None:
    browser = desk.logged_in("Admin", ADMINISTRATOR)
    style = re.findall(r'href="(/static/style[^"]+)"', browser.get("/").text)[0]
    for seen in (browser.get("/"), browser.get("/nothing"), browser.get(style), browser.post("/accounts")):
        assert seen.headers["Content-Security-Policy"] == POLICY
        assert seen.headers["X-Content-Type-Options"] == "nosniff"
        assert seen.headers["Referrer-Policy"] == "no-referrer"
        assert "Server" not in seen.headers
        assert "Strict-Transport-Security" not in seen.headers
    assert browser.get("/").headers["Cache-Control"] == "no-store"
    assert "immutable" in browser.get(style).headers["Cache-Control"]
    named = browser.ask("GET", "/log-in", None, {"Host": "hub.example.vn:8443"})
    assert named.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(
    ("host", "named"),
    [("hub.vn", True), ("hub.vn:8443", True), ("127.0.0.1:1", False), ("[::1]:1", False), ("localhost", False)],
)
def test_hsts_is_for_names_and_not_for_addresses(host: str, *, named: bool) -> None:
    assert has_name(host) is named


@pytest.mark.parametrize("host", ["a b", 'a"><script>', "evil.vn/x", "", "[zz]"])
def test_a_host_that_is_none_is_refused(desk: DeskThread, host: str) -> None:
    assert desk.browser().ask("GET", "/log-in", None, {"Host": host}).status == 400


def test_the_first_page_with_all_it_loads_is_small_and_asks_nobody_else(desk: DeskThread) -> None:
    browser = desk.logged_in("Admin", ADMINISTRATOR)
    page = browser.get("/")
    loaded = re.findall(r'(?:src|href)="([^"]+\.(?:css|svg|js|png)[^"]*)"', page.text)
    assert [path.partition("?")[0] for path in loaded] == [
        "/static/style.css",
        "/static/icon.svg",
        "/static/refresh.js",
    ]
    assert len(page.body) + sum(len(browser.get(path).body) for path in loaded) <= 100_000
    assert all(
        link == "#content" or (link.startswith("/") and not link.startswith("//"))
        for link in re.findall(r'(?:src|href|action)="([^"]*)"', page.text)
    )
    assert b"url(" not in browser.get(loaded[0]).body


OWN_SCRIPT = f'<script src="{environment().globals["refresher"]}" defer></script>'
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=y>",
    "a\u202eb\u2066c",
    "{{ 7*7 }}",
    "=cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_script_and_letters_that_turn_the_line_round_stand_escaped_on_every_page(desk: DeskThread, name: str) -> None:
    browser = desk.logged_in("Admin", ADMINISTRATOR)
    other = desk.made("Other")
    with desk.store.begin() as connection:
        connection.execute(update(accounts).where(accounts.c.account_id == other.account_id).values(name=name))
        connection.execute(update(accounts).where(accounts.c.name == "Admin").values(name=f"Admin {name}", folded="a"))
    desk.accounts.note_failure("other", "")
    shown = name.replace("\u202e", "\ufffd").replace("\u2066", "\ufffd")
    for path in ("/", "/accounts", "/audit", "/account"):
        text = browser.get(path).text
        assert name not in text or name.startswith(("{", "a"))
        assert "\u202e" not in text
        assert set(re.findall(r"<script.*", text)) <= {OWN_SCRIPT}
        assert shown in unescape(text)
    refused = browser.post("/log-out")
    assert refused.location == "/log-in"
    typed = desk.browser().post("/log-in", {"name": name, "password": "x"})
    assert "<script" not in typed.text
    assert "<img" not in typed.text


def test_an_administrator_adds_resets_and_disables_accounts_and_all_of_it_is_recorded(desk: DeskThread) -> None:
    browser = desk.logged_in("Admin", ADMINISTRATOR)
    seen = browser.post("/accounts", {"name": "Lan Anh", "role": "owner"})
    link = re.findall(rf"https://{LOOPBACK}:{desk.port}(/link/[A-Za-z0-9_-]+)", seen.text)[0]
    assert desk.browser().post(link, {"password": PASSWORD, "again": PASSWORD}).status == 303
    hers = desk.logged_in("Lan Anh", AccountRole.OWNER)
    account = desk.accounts.find("Lan Anh")
    assert account is not None
    assert "/link/" in browser.post(f"/accounts/{account.account_id}/reset").text
    assert hers.get("/").location == "/log-in"
    assert browser.post(f"/accounts/{account.account_id}/disable").location == "/accounts"
    assert "đã khoá" in browser.get("/accounts").text
    for fields in ({"name": "lan anh", "role": "owner"}, {"name": "", "role": "owner"}, {"name": "x", "role": "king"}):
        assert browser.post("/accounts", fields).status == 422
    text = browser.get("/audit").text
    assert [word in text for word in ("đã thêm tài khoản", "đã đặt lại tài khoản", "đã khoá tài khoản")] == [True] * 3
    assert text.index("đã khoá tài khoản") < text.index("đã thêm tài khoản")


def test_the_record_is_turned_page_by_page(desk: DeskThread) -> None:
    browser = desk.logged_in("Admin", ADMINISTRATOR)
    for _ in range(60):
        desk.accounts.note_failure("x", "")
    first = browser.get("/audit")
    older = re.findall(r'href="(/audit\?before=\d+)"', first.text)
    assert first.text.count("<tr>") == 51
    second = browser.get(older[0])
    assert "đã thêm tài khoản" in second.text
    assert "before=" not in second.text
    for wrong in ("x", "-1", "1e9", str(2**40), quote("１")):
        assert browser.get(f"/audit?before={wrong}").status == 404


def test_a_deed_that_a_newer_version_has_written_does_not_spoil_the_record(desk: DeskThread) -> None:
    browser = desk.logged_in("Admin", ADMINISTRATOR)
    with desk.store.begin() as connection:
        connection.execute(
            insert(audit).values(at_ms=0, who="x", what="poster-printed", about="", address="")  # of no version yet
        )
    assert "poster-printed" in browser.get("/audit").text


def test_a_defect_is_told_in_a_sentence_and_shows_nothing_of_the_inside(
    desk: DeskThread, caplog: pytest.LogCaptureFixture
) -> None:
    browser = desk.logged_in("Lan Anh", AccountRole.OWNER)
    with desk.store.begin() as connection:
        connection.execute(update(accounts).values(role="king"))
    seen = browser.get("/")
    assert (seen.status, "Hub gặp lỗi" in seen.text) == (500, True)
    assert "king" not in seen.text
    assert seen.headers["Content-Security-Policy"] == POLICY
    assert "king" not in caplog.text
