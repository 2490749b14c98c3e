"""Accounts: links that are good once, passwords, roles, and what ends the sessions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import extract_parameters
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from device.hub.accounts import audit, sessions
from device.hub.accounts.audit import Actor, Deed
from device.hub.accounts.passwords import MEMORY_KIB, PASSES, Passwords
from device.hub.accounts.roles import AccountRole
from device.hub.accounts.sessions import ABSOLUTE_MS, HALF_MS, IDLE_MS, Session
from device.hub.accounts.standing import AccountStanding, standing_of
from device.hub.accounts.store import LINK_MS, Account, Accounts
from device.hub.db import account_tables
from device.hub.db.database import HubDatabase
from tests.support.databases import both_databases, hub_folder
from tests.support.fakes import FakeClock

pytestmark = both_databases
PASSWORD = "bốn con trâu đi qua cầu"
HERE = Actor("command line")
ADDRESS = "192.168.1.5"


class Desk:
    def __init__(self, folder: Path, url: str | None) -> None:
        self.clock = FakeClock()
        self.store: HubDatabase = hub_folder(folder / "hub", self.clock, url).open_store()
        self.accounts = Accounts(self.store, Passwords())

    def made(self, name: str = "Lan Anh", role: AccountRole = AccountRole.TECHNICIAN) -> Account:
        token = self.accounts.add(name, role, HERE)
        assert self.accounts.set_password(token, PASSWORD, ADDRESS)
        account = self.accounts.find(name)
        assert account is not None
        return account

    def logged_in(self, name: str = "Lan Anh", password: str = PASSWORD) -> str:
        begun = self.accounts.log_in(name, password, ADDRESS)
        assert begun is not None
        return begun[0]

    def session(self, token: str) -> Session | None:
        with self.store.reading() as connection:
            return sessions.find(connection, token, self.store.now_ms())

    def deeds(self) -> list[tuple[str, str, str]]:
        with self.store.reading() as connection:
            return [(one.who, one.what, one.about) for one in reversed(audit.page(connection))]


@pytest.fixture
def desk(tmp_path: Path, database_url: str | None) -> Iterator[Desk]:
    desk = Desk(tmp_path, database_url)
    yield desk
    desk.store.close()


def test_a_one_time_link_sets_the_password_once(desk: Desk) -> None:
    token = desk.accounts.add(" Lan   Anh ", AccountRole.OWNER, HERE)
    assert desk.accounts.log_in("Lan Anh", "", ADDRESS) is None
    assert desk.accounts.set_password(token, PASSWORD, ADDRESS)
    assert not desk.accounts.set_password(token, "another " + PASSWORD, ADDRESS)
    assert desk.accounts.log_in("lan ANH", PASSWORD, ADDRESS) is not None
    assert desk.deeds() == [
        ("command line", "account-added", "Lan Anh (owner)"),
        ("Lan Anh", "password-set", ""),
        ("Lan Anh", "logged-in", ""),
    ]


def test_a_link_is_good_for_a_day_and_only_its_hash_is_kept(desk: Desk) -> None:
    token = desk.accounts.add("Lan Anh", AccountRole.OWNER, HERE)
    with desk.store.reading() as connection:
        kept = connection.execute(select(account_tables.accounts)).one()
    assert token not in repr(kept)
    desk.clock.advance(LINK_MS - 1)
    assert desk.accounts.of_link(token) is not None
    desk.clock.advance(1)
    assert desk.accounts.of_link(token) is None
    assert not desk.accounts.set_password(token, PASSWORD, ADDRESS)


def test_how_an_account_stands_is_told_from_what_is_kept_of_it(desk: Desk) -> None:
    desk.accounts.add("B", AccountRole.OWNER, HERE)
    good = desk.made("A")
    off = desk.made("C")
    desk.accounts.disable(off, HERE)
    now_ms = desk.store.now_ms()
    assert [standing_of(one, now_ms) for one in desk.accounts.all()] == ["good", "waits", "disabled"]
    assert standing_of(good, now_ms) is AccountStanding.GOOD
    desk.clock.advance(LINK_MS)
    assert standing_of(desk.accounts.all()[1], desk.store.now_ms()) is AccountStanding.EXPIRED


@pytest.mark.parametrize("name", ["", "  ", "a\u202eb", "a\x00b", "x" * 101])
def test_what_is_no_name_for_an_account_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(ValueError, match=r"is blank|cannot be seen|has 101 letters"):
        desk.accounts.add(name, AccountRole.OWNER, HERE)


def test_a_name_is_taken_in_whatever_case_and_form_it_is_written(desk: Desk) -> None:
    desk.accounts.add("Đặng Thị Hoà", AccountRole.OWNER, HERE)
    for same in ("đặng thị hoà", "ĐẶNG THỊ HOÀ", "Đặng  Thị Hoa\u0300"):
        with pytest.raises(ValueError, match="there is an account of this name"):
            desk.accounts.add(same, AccountRole.OWNER, HERE)


@pytest.mark.parametrize("password", ["", "short", "lan anh 2026!", "aaaaaaaaaaaaaaaaa", "x7!" * 100])
def test_a_password_that_is_short_long_or_easily_guessed_is_refused(desk: Desk, password: str) -> None:
    token = desk.accounts.add("Lan Anh", AccountRole.OWNER, HERE)
    with pytest.raises(ValueError, match="The password"):
        desk.accounts.set_password(token, password, ADDRESS)
    assert desk.accounts.set_password(token, PASSWORD, ADDRESS)


def test_a_password_is_kept_as_argon2id_with_what_is_written_in_decisions(desk: Desk) -> None:
    desk.made()
    with desk.store.reading() as connection:
        kept = connection.execute(select(account_tables.accounts.c.password)).scalar_one()
    found = extract_parameters(kept)
    assert kept.startswith("$argon2id$")
    assert (found.memory_cost, found.time_cost, found.parallelism) == (MEMORY_KIB, PASSES, 1)


@pytest.mark.parametrize(("name", "password"), [("Lan Anh", "wrong " + PASSWORD), ("Nobody", PASSWORD), ("", "")])
def test_a_wrong_name_or_password_begins_no_session(desk: Desk, name: str, password: str) -> None:
    desk.made()
    assert desk.accounts.log_in(name, password, ADDRESS) is None
    desk.accounts.note_failure(name, ADDRESS)
    assert desk.deeds()[-1] == ("", "log-in-failed", "Lan Anh" if name == "Lan Anh" else "")


def test_a_session_is_known_by_its_cookie_alone_and_only_its_hash_is_kept(desk: Desk) -> None:
    desk.made()
    token = desk.logged_in()
    found = desk.session(token)
    assert found is not None
    assert (found.name, found.role, found.whole) == ("Lan Anh", AccountRole.TECHNICIAN, True)
    assert desk.session(token + "x") is None
    assert desk.session("") is None
    with desk.store.reading() as connection:
        assert token not in repr(connection.execute(select(account_tables.sessions)).all())


def test_a_session_ends_when_it_is_idle_and_at_its_absolute_end(desk: Desk) -> None:
    desk.made()
    idle, busy = desk.logged_in(), desk.logged_in()
    for _ in range(ABSOLUTE_MS // (IDLE_MS // 2) - 1):
        desk.clock.advance(IDLE_MS // 2)
        found = desk.session(busy)
        assert found is not None
        with desk.store.begin() as connection:
            sessions.note_use(connection, found, desk.store.now_ms())
    assert desk.session(idle) is None
    desk.clock.advance(IDLE_MS // 2)
    assert desk.session(busy) is None
    desk.logged_in()
    with desk.store.reading() as connection:
        assert len(connection.execute(select(account_tables.sessions)).all()) == 1


def test_a_session_without_its_second_factor_ends_soon(desk: Desk) -> None:
    desk.made("Admin", AccountRole.ADMINISTRATOR)
    token = desk.logged_in("Admin")
    found = desk.session(token)
    assert found is not None
    assert not found.whole
    desk.clock.advance(HALF_MS)
    assert desk.session(token) is None


def test_disabling_an_account_ends_its_sessions_and_resetting_lets_it_in_by_a_new_link(desk: Desk) -> None:
    account = desk.made()
    token = desk.logged_in()
    desk.accounts.disable(account, HERE)
    assert desk.session(token) is None
    assert desk.accounts.log_in("Lan Anh", PASSWORD, ADDRESS) is None
    link = desk.accounts.reset(account, HERE)
    assert desk.accounts.log_in("Lan Anh", PASSWORD, ADDRESS) is None
    assert desk.accounts.set_password(link, PASSWORD, ADDRESS)
    assert desk.session(desk.logged_in()) is not None


def test_disabling_an_account_ends_its_link_too(desk: Desk) -> None:
    link = desk.accounts.add("Lan Anh", AccountRole.OWNER, HERE)
    account = desk.accounts.find("Lan Anh")
    assert account is not None
    desk.accounts.disable(account, HERE)
    assert not desk.accounts.set_password(link, PASSWORD, ADDRESS)


def test_changing_the_password_ends_all_sessions_and_begins_one(desk: Desk) -> None:
    desk.made()
    here, there = desk.logged_in(), desk.logged_in()
    session = desk.session(here)
    assert session is not None
    assert desk.accounts.change_password(session, "wrong", PASSWORD + "!", ADDRESS) is None
    new = desk.accounts.change_password(session, PASSWORD, PASSWORD + "!", ADDRESS)
    assert new is not None
    assert [desk.session(token) for token in (here, there)] == [None, None]
    assert desk.session(new) is not None
    assert desk.accounts.log_in("Lan Anh", PASSWORD, ADDRESS) is None
    desk.logged_in(password=PASSWORD + "!")


def test_other_sessions_of_an_account_end_and_nobody_elses(desk: Desk) -> None:
    desk.made()
    desk.made("Bình")
    mine, other, binhs = desk.logged_in(), desk.logged_in(), desk.logged_in("Bình")
    session = desk.session(mine)
    assert session is not None
    with desk.store.begin() as connection:
        assert sessions.count(connection, session.account_id, desk.store.now_ms()) == 2
        sessions.end_all(connection, session.account_id, but=session.session_hash)
    assert [desk.session(token) is not None for token in (mine, other, binhs)] == [True, False, True]


def test_the_audit_record_is_read_page_by_page_and_can_only_be_added_to(desk: Desk) -> None:
    for number in range(5):
        with desk.store.begin() as connection:
            audit.note(connection, desk.store.now_ms(), HERE, Deed.ACCOUNT_ADDED, str(number))
    with desk.store.reading() as connection:
        first = audit.page(connection, most=2)
        rest = audit.page(connection, before=first[-1].audit_id)
    assert [one.about for one in (*first, *rest)] == ["4", "3", "2", "1", "0"]
    for change in (delete(account_tables.audit), update(account_tables.audit).values(who="nobody")):
        with pytest.raises(DBAPIError, match="only added to"), desk.store.begin() as connection:
            connection.execute(change)
    assert len(desk.deeds()) == 5
