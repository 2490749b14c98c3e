from __future__ import annotations

import pytest

from device.hub.list_fetches import MOST_A_DAY, MOST_NETWORKS, ListFetches
from device.wire.bundle import BundleKind
from tests.support.fakes import FakeClock

WATCH, ROSTER = BundleKind.WATCH_LIST, BundleKind.ROSTER
DAY_MS = 86_400_000


def test_a_gate_that_is_started_twelve_times_a_day_and_fetches_every_version_is_in_turn() -> None:
    clock = FakeClock()
    fetches = ListFetches(clock)
    for version in range(1, 50):
        for _ in range(MOST_A_DAY):
            assert not fetches.is_out_of_turn("gate-a", WATCH, version, "192.0.2.1")
            assert not fetches.is_out_of_turn("gate-a", ROSTER, version, "198.51.100.7")
            clock.advance(DAY_MS // 24)


def test_the_thirteenth_fetch_of_a_version_within_a_day_is_out_of_turn_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fetches = ListFetches(FakeClock())
    told = [fetches.is_out_of_turn("gate-a", WATCH, 1, "192.0.2.1") for _ in range(MOST_A_DAY + 5)]
    assert told == [False] * MOST_A_DAY + [True] + [False] * 4
    assert caplog.text.count("event=list-fetched-out-of-turn device=gate-a kind=watch-list version=1") == 1
    assert not fetches.is_out_of_turn("gate-b", WATCH, 1, "192.0.2.1")


def test_a_key_that_fetches_from_a_third_address_is_out_of_turn() -> None:
    fetches = ListFetches(FakeClock())
    addresses = [f"192.0.2.{number}" for number in range(MOST_NETWORKS + 1)]
    assert [fetches.is_out_of_turn("gate-a", WATCH, 1, address) for address in addresses] == [False, False, True]


def test_addresses_of_one_customer_count_as_one() -> None:
    fetches = ListFetches(FakeClock())
    assert not any(fetches.is_out_of_turn("gate-a", WATCH, 1, f"2001:db8::{number:x}") for number in range(9))


def test_another_day_begins_anew() -> None:
    clock = FakeClock()
    fetches = ListFetches(clock)
    for _ in range(MOST_A_DAY):
        fetches.is_out_of_turn("gate-a", WATCH, 1, "192.0.2.1")
    clock.advance(DAY_MS)
    assert not fetches.is_out_of_turn("gate-a", WATCH, 1, "192.0.2.1")
