"""The database is gone while somebody works at the desk: a clear page, and afterwards the same session goes on."""

from __future__ import annotations

import pytest

from device.hub.accounts.roles import AccountRole
from tests.hub.web.desk_thread import PASSWORD, DeskThread
from tests.support.postgres import Cluster


@pytest.fixture
def database() -> str:
    return "postgresql"


def test_while_the_database_is_away_pages_say_so_and_go_on_when_it_is_back(
    desk: DeskThread, postgres: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    browser = desk.logged_in("Lan Anh", AccountRole.OWNER)
    postgres.stop()
    try:
        answers = [
            browser.get("/"),
            browser.post("/account/sessions"),
            desk.browser().post("/log-in", {"name": "Lan Anh", "password": PASSWORD}),
        ]
    finally:
        postgres.start()
    assert {(seen.status, seen.headers["Retry-After"]) for seen in answers} == {(503, "5")}
    assert all("Cơ sở dữ liệu không trả lời." in seen.text for seen in answers)
    assert desk.browser().get("/log-in").status == 200  # needs none
    assert "event=desk-database-failed" in caplog.text
    assert browser.get("/").status == 200
