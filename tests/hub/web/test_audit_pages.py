from __future__ import annotations

import csv
import io

import pytest

from device.hub.accounts.audit import Actor, Deed, note
from device.hub.accounts.roles import AccountRole
from tests.hub.web.desk_thread import DeskThread
from tests.support.databases import both_databases

FORMULA = "=cmd|' /C calc'!A0"


def filled(desk: DeskThread) -> None:
    with desk.store.begin() as connection:
        for who, what, about in (
            ("Bình", Deed.UNSEALED, "place-00aa ca F0"),
            ("Bình", Deed.LOGGED_OUT, ""),
            ("Cường", Deed.UNSEALED, FORMULA),
        ):
            note(connection, desk.store.now_ms(), Actor(who, "10.0.0.1"), what, about)


@both_databases
def test_the_record_is_looked_through_by_who_what_and_about_what(desk: DeskThread) -> None:
    filled(desk)
    browser = desk.logged_in("Admin", AccountRole.ADMINISTRATOR)
    for query, rows in (
        ("who=b%C3%ACnh", 2),
        ("what=unsealed", 2),
        ("who=B%C3%ACnh&what=unsealed", 1),
        ("about=F0", 1),
    ):
        text = browser.get(f"/audit?{query}").text
        assert text.count("<tr><td>") == rows, query
    assert browser.get("/audit?about=%25").text.count("<tr><td>") == 0  # a sign, and no pattern
    for wrong in ("who=" + "x" * 200, "what=%00"):
        assert browser.get(f"/audit?{wrong}").status == 404


def test_the_record_as_a_file_holds_no_formula_and_says_that_it_was_taken(desk: DeskThread) -> None:
    filled(desk)
    browser = desk.logged_in("Admin", AccountRole.ADMINISTRATOR)
    seen = browser.get("/audit.csv?what=unsealed")
    rows = list(csv.DictReader(io.StringIO(seen.body.decode("utf-8-sig"))))
    assert [(row["who"], row["about"]) for row in rows] == [("Cường", f"'{FORMULA}"), ("Bình", "place-00aa ca F0")]
    assert "đã xuất sổ này" in browser.get("/audit").text
    assert browser.get("/audit.csv?what=record-exported").text.count("\n") == 3
    assert browser.get("/audit.csv?who=" + "x" * 200).status == 404


@pytest.mark.parametrize("role", AccountRole)
def test_only_an_administrator_takes_it_along(desk: DeskThread, role: AccountRole) -> None:
    seen = desk.logged_in("Someone", role).get("/audit.csv")
    assert (seen.status == 200) is (role is AccountRole.ADMINISTRATOR)
