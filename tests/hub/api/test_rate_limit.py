"""A gate's key, stolen, does not read out who is ill."""

from __future__ import annotations

from device.hub.api.rate_limit import MOST_A_MINUTE, RateLimit, network_of
from tests.support.fakes import FakeClock


def test_each_gate_has_its_own_minute_and_a_refused_question_does_not_lengthen_it() -> None:
    clock = FakeClock()
    limit = RateLimit(clock)
    assert [limit.wait_s("gate-1") for _ in range(MOST_A_MINUTE)] == [0] * MOST_A_MINUTE
    clock.advance(20_000)
    assert (limit.wait_s("gate-1"), limit.wait_s("gate-2")) == (40, 0)
    clock.advance(39_900)
    assert limit.wait_s("gate-1") == 1
    clock.advance(100)
    assert limit.wait_s("gate-1") == 0


def test_who_has_not_asked_for_a_minute_is_forgotten() -> None:
    clock = FakeClock()
    limit = RateLimit(clock)
    for number in range(100):
        limit.wait_s(f"gate-{number}")
    clock.advance(30_000)
    limit.wait_s("gate-7")
    clock.advance(30_000)
    limit.wait_s("gate-200")
    assert len(limit) == 2


def test_of_ipv6_a_whole_64_is_one_address_and_ipv4_is_itself_however_it_is_written() -> None:
    assert network_of("192.0.2.7") == "192.0.2.7" == network_of("::ffff:192.0.2.7")
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")
    assert network_of("fe80::1%eth0") == "fe80::/64"
    assert network_of("") == "?"


def test_looking_whether_there_is_room_takes_none() -> None:
    limit = RateLimit(FakeClock(), 1)
    assert [limit.full_for_s("a"), limit.full_for_s("a"), limit.wait_s("a"), limit.full_for_s("a")] == [0, 0, 0, 60]


def test_a_flood_of_addresses_is_not_remembered_without_end() -> None:
    limit = RateLimit(FakeClock(), 1, most_keys=100)
    for number in range(1_000):
        limit.wait_s(str(number))
    assert len(limit) == 100
