"""The second factor: codes around now are taken once each, and too many wrong ones lock it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest

from device.hub.accounts import codes, sessions
from device.hub.accounts.audit import Actor
from device.hub.accounts.passwords import Passwords
from device.hub.accounts.roles import AccountRole
from device.hub.accounts.second_factor import Refused, secret_to_set_up, show_code
from device.hub.accounts.sessions import Session
from device.hub.accounts.store import Accounts
from tests.support.databases import both_databases, hub_folder
from tests.support.fakes import FakeClock

pytestmark = both_databases
PASSWORD = "bốn con trâu đi qua cầu"


class Desk:
    def __init__(self, folder: Path, url: str | None) -> None:
        self.clock = FakeClock()
        self.store = hub_folder(folder / "hub", self.clock, url).open_store()
        self.accounts = Accounts(self.store, Passwords())
        self.accounts.set_password(
            self.accounts.add("Admin", AccountRole.ADMINISTRATOR, Actor("")), PASSWORD, "127.0.0.1"
        )
        secret = secret_to_set_up(self.store, self.half())
        assert secret is not None
        self.secret = secret

    def session(self, token: str) -> Session | None:
        with self.store.reading() as connection:
            return sessions.find(connection, token, self.store.now_ms())

    def half(self) -> Session:
        begun = self.accounts.log_in("Admin", PASSWORD, "127.0.0.1")
        assert begun is not None
        session = self.session(begun[0])
        assert session is not None
        return session

    def code(self, after_s: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(self.clock.wall_ms // 1000 + after_s)

    def show(self, code: str) -> str | Refused:
        return show_code(self.store, self.half(), code, "127.0.0.1")


@pytest.fixture
def desk(tmp_path: Path, database_url: str | None) -> Iterator[Desk]:
    desk = Desk(tmp_path, database_url)
    yield desk
    desk.store.close()


def test_a_code_makes_the_session_whole_under_a_new_id(desk: Desk) -> None:
    half = desk.half()
    token = show_code(desk.store, half, desk.code(), "127.0.0.1")
    assert isinstance(token, str)
    session = desk.session(token)
    assert session is not None
    assert session.whole
    assert session.session_hash != half.session_hash
    with desk.store.reading() as connection:
        assert sessions.count(connection, session.account_id, desk.store.now_ms()) == 2  # the first half, and this


def test_the_secret_is_told_until_a_code_was_shown_and_never_again(desk: Desk) -> None:
    assert secret_to_set_up(desk.store, desk.half()) == desk.secret
    assert isinstance(desk.show(desk.code()), str)
    assert secret_to_set_up(desk.store, desk.half()) is None


def test_no_code_is_taken_twice_nor_one_from_before_it(desk: Desk) -> None:
    used, older = desk.code(), desk.code(-30)
    assert isinstance(desk.show(used), str)
    assert desk.show(used) is Refused.WRONG
    assert desk.show(older) is Refused.WRONG
    desk.clock.advance(30_000)
    assert isinstance(desk.show(desk.code()), str)


@pytest.mark.parametrize(("after_s", "taken"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_codes_of_the_steps_beside_the_present_one_are_taken(desk: Desk, after_s: int, *, taken: bool) -> None:
    assert isinstance(desk.show(desk.code(after_s)), str) is taken


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "\x00" * 6])
def test_what_is_no_code_is_wrong(desk: Desk, code: str) -> None:
    assert desk.show(code) is Refused.WRONG


def test_a_code_may_be_written_with_a_blank_in_it(desk: Desk) -> None:
    code = desk.code()
    assert isinstance(desk.show(f" {code[:3]} {code[3:]}"), str)


def test_after_too_many_wrong_codes_only_a_reset_helps(desk: Desk) -> None:
    wrong = next(f"{number:06}" for number in range(9) if f"{number:06}" not in {desk.code(s) for s in (-30, 0, 30)})
    assert [desk.show(wrong) for _ in range(codes.MOST_WRONG)] == [Refused.WRONG] * codes.MOST_WRONG
    assert desk.show(desk.code()) is Refused.LOCKED
    account = desk.accounts.find("Admin")
    assert account is not None
    desk.accounts.set_password(desk.accounts.reset(account, Actor("")), PASSWORD, "127.0.0.1")
    secret = secret_to_set_up(desk.store, desk.half())
    assert secret not in {None, desk.secret}
    desk.secret = str(secret)
    assert isinstance(desk.show(desk.code()), str)
