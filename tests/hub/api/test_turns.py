from __future__ import annotations

from collections import Counter

from device.hub.api.turns import FIRST_BYTES_A_SECOND, GATES_A_SECOND, LONGEST_S, MOST_S, Turns
from tests.support.fakes import FakeClock

SECOND = round(FIRST_BYTES_A_SECOND * 1.5)
"""Bytes for which a second is given, at the pace of the beginning."""


def test_each_that_finds_no_room_comes_after_the_one_before() -> None:
    turns = Turns(FakeClock())
    assert [turns.wait_s(f"gate-{n}", SECOND, 2 * SECOND) for n in range(4)] == [2, 3, 4, 5]
    assert [turns.wait_s(f"other-{n}", SECOND // 4, 0) for n in range(5)] == [6, 7, 7, 7, 7]


def test_turns_that_have_passed_are_given_no_more() -> None:
    clock = FakeClock()
    turns = Turns(clock)
    assert [turns.wait_s(f"gate-{n}", SECOND, 0) for n in range(10)][-1] == 9
    clock.advance(8_000)
    assert turns.wait_s("gate-0", SECOND, 0) == 2
    clock.advance(60_000)
    assert turns.wait_s("gate-0", SECOND, 0) == 1


def test_a_hub_that_writes_slowly_gives_longer_turns_and_crumbs_say_nothing_about_it() -> None:
    turns = Turns(FakeClock())
    turns.wrote(1_000, 5.0)
    assert turns.wait_s("gate-1", 1, 10 * SECOND) == 10
    turns.wrote(SECOND * 4, 10.0)
    assert turns.wait_s("gate-2", 1, 10 * SECOND) == 17


def test_few_gates_are_not_sent_away_for_long_and_whose_turn_is_far_off_come_spread_out() -> None:
    turns = Turns(FakeClock())
    told = [turns.wait_s(f"gate-{n}", SECOND * 20, 0) for n in range(2_000)]
    assert told[:2] == [1, 20]
    assert set(told[2:]) == set(range(MOST_S // 2 + 1, MOST_S + 1))
    assert max(Counter(told[2:]).values()) <= 2 * min(Counter(told[2:]).values())


def test_a_gate_that_comes_at_its_turn_and_finds_no_room_gets_another_behind_those_who_wait() -> None:
    clock = FakeClock()
    turns = Turns(clock)
    assert [turns.wait_s(name, 10 * SECOND, 5 * SECOND) for name in ("gate-1", "gate-2")] == [5, 15]
    clock.advance(5_000)
    assert turns.wait_s("gate-1", 10 * SECOND, 5 * SECOND) == 20


def test_a_gate_that_comes_before_its_turn_takes_no_other() -> None:
    clock = FakeClock()
    turns = Turns(clock)
    assert [turns.wait_s(name, 10 * SECOND, 5 * SECOND) for name in ("gate-1", "gate-2", "gate-2", "gate-2")] == [
        5,
        *[15] * 3,
    ]
    clock.advance(5_000)
    assert [turns.wait_s(name, 10 * SECOND, 5 * SECOND) for name in ("gate-2", "gate-1", "gate-1")] == [10, 20, 20]


def test_the_more_gates_have_a_turn_the_later_the_last_of_them_come_so_that_few_ask_in_vain() -> None:
    turns = Turns(FakeClock())
    told = [turns.wait_s(f"gate-{n}", SECOND * 20, 0) for n in range(40_000)]
    for number in (5_000, 10_000, 20_000):
        most_s = number // GATES_A_SECOND
        assert most_s // 2 < min(told[number : number + 75])
        assert max(told[number : number + 75]) <= most_s + 1
    assert max(told) == LONGEST_S


def test_when_a_crowd_has_come_the_next_few_wait_as_little_as_ever() -> None:
    clock = FakeClock()
    turns = Turns(clock)
    for number in range(20_000):
        turns.wait_s(f"gate-{number}", SECOND * 20, 0)
    clock.advance(LONGEST_S * 1_000)
    assert [turns.wait_s(f"gate-{n}", SECOND * 20, 0) for n in range(2)] == [1, 20]
    assert max(turns.wait_s(f"other-{n}", SECOND * 20, 0) for n in range(500)) == MOST_S
