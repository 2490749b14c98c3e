"""Passwords: two at once, and as long for nobody as for somebody."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from device.hub.accounts.passwords import Passwords


def test_a_password_fits_in_whatever_form_its_accents_are_typed() -> None:
    passwords = Passwords()
    kept = passwords.hashed("cổng trường Hoà Bình")
    assert passwords.fits(kept, "cổng trường Hoa\u0300 Bình")
    assert not passwords.fits(kept, "cổng trường Hoa Bình")


@pytest.mark.parametrize("kept", [None, "", "plain", "$argon2id$v=19$m=8,t=1,p=1$broken"])
def test_nothing_fits_where_no_password_is_kept(kept: str | None) -> None:
    assert not Passwords().fits(kept, "anything at all")


class Counted(Passwords):
    """Counts how many are at work at one time; the first wait for a second one."""

    def __init__(self) -> None:
        super().__init__()
        self.lock, self.at_work, self.most = threading.Lock(), 0, 0
        self.two = threading.Barrier(2, timeout=20)

    def look(self) -> None:
        def work() -> None:
            with self.lock:
                self.at_work += 1
                self.most = max(self.most, self.at_work)
            self.two.wait()
            with self.lock:
                self.at_work -= 1

        self._in_turn(work)


def test_two_passwords_are_looked_at_at_once_and_no_more() -> None:
    passwords = Counted()
    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(passwords.look) for _ in range(6)]:
            done.result(30)
    assert passwords.most == 2
