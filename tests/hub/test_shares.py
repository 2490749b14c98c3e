from __future__ import annotations

import pytest

from device.hub.shares import AT_ONCE_S, MOST_HOLDERS, MOST_OF_STRANGERS, Shares
from tests.support.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_who_keeps_to_the_share_never_waits(clock: FakeClock) -> None:
    shares = Shares(clock)
    for _ in range(1_000):
        assert shares.wait_s("192.0.2.1") == 0
        shares.spend("192.0.2.1", 0.01)
        clock.advance(50)


def test_who_is_over_it_waits_until_the_rest_is_worked_off_and_nobody_else_does(clock: FakeClock) -> None:
    shares = Shares(clock)
    shares.spend("192.0.2.1", AT_ONCE_S + 0.1)
    assert shares.wait_s("192.0.2.1") == pytest.approx(0.5)
    assert shares.wait_s("192.0.2.2") == 0
    clock.advance(500)
    assert shares.wait_s("192.0.2.1") == pytest.approx(0, abs=1e-9)


def test_what_is_given_back_was_never_spent(clock: FakeClock) -> None:
    shares = Shares(clock)
    shares.spend("192.0.2.1", AT_ONCE_S + 0.1)
    shares.spend("192.0.2.1", -0.1)
    assert shares.wait_s("192.0.2.1") == 0
    shares.spend("192.0.2.1", -5)
    shares.spend("192.0.2.1", AT_ONCE_S)
    assert shares.wait_s("192.0.2.1") == 0, "more than was spent is not given back"


def test_many_addresses_together_have_no_more_than_half_of_the_thread_and_gates_do(clock: FakeClock) -> None:
    shares, gates = Shares(clock, MOST_OF_STRANGERS), Shares(clock)
    for number in range(100):
        for of_these in (shares, gates):
            of_these.spend(str(number), AT_ONCE_S + 0.1)
    assert shares.wait_s("1") == pytest.approx(0.1 * 100 / MOST_OF_STRANGERS)
    assert gates.wait_s("1") == pytest.approx(0.5)


def test_who_owes_nothing_any_more_is_forgotten(clock: FakeClock) -> None:
    shares = Shares(clock)
    for number in range(100):
        shares.spend(f"192.0.2.{number}", 0.001)
    clock.advance(1_000)
    shares.spend("192.0.2.200", 0.001)
    assert len(shares) == 1


def test_of_addresses_without_end_those_quiet_longest_are_forgotten(clock: FakeClock) -> None:
    shares = Shares(clock)
    for number in range(MOST_HOLDERS + 10):
        shares.spend(str(number), 1_000)
    assert len(shares) == MOST_HOLDERS
